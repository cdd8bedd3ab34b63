import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import process from "node:process";
import { DrivenSessions } from "../support/driven_sessions.ts";
import { findProgram, runScript, skipWithout, waitUntilGone } from "../support/processes.ts";

/** A directory of programs to be the whole PATH, and one for temporary files. */
interface Machine extends Disposable {
  readonly env: Readonly<Record<string, string>>;
  /** What is left in the directory for temporary files. */
  leftovers(): string[];
}

/** Makes a PATH of links to what is installed, without some programs. */
function machineWithout(...missing: string[]): Machine {
  return makeMachine((bin) => {
    const linked = new Set(missing);
    for (const folder of (process.env["PATH"] ?? "").split(":").filter(existsSync)) {
      for (const name of readdirSync(folder).filter((name) => !linked.has(name))) {
        linked.add(name);
        symlinkSync(join(folder, name), join(bin, name));
      }
    }
  });
}

/** Makes a PATH of nothing but busybox. */
async function machineOfBusybox(): Promise<Machine> {
  const busybox = findProgram("busybox") ?? "";
  const applets = (await runScript('"$1" --list', busybox)).trim().split("\n");
  return makeMachine((bin) => {
    for (const name of applets) symlinkSync(busybox, join(bin, name));
  });
}

function makeMachine(fill: (bin: string) => void): Machine {
  const root = mkdtempSync(join(tmpdir(), "execkit-machine-"));
  const [bin, temp] = [join(root, "bin"), join(root, "tmp")];
  mkdirSync(bin);
  mkdirSync(temp);
  fill(bin);
  return {
    env: { PATH: bin, TMPDIR: temp },
    leftovers: () => readdirSync(temp),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What a session must be able to do on any machine. */
async function useSession(driver: DrivenSessions, name: string): Promise<void> {
  const both = await driver.exec(name, "cd /usr; export X=1; echo out; echo err >&2; (exit 3)");
  assert.deepEqual(
    [both.status, both.exitCode, both.stdout, both.stderr, both.cwd],
    ["exited", 3, "out\n", "err\n", "/usr"],
  );
  const late = await driver.exec(name, "sleep 600", { timeoutMs: 300 });
  assert.deepEqual([late.status, late.shellReplaced], ["timed_out", undefined]);
  const fed = await driver.exec(name, 'read line; echo "$X $line $PWD"', { stdin: "fed\n" });
  assert.equal(fed.stdout, "1 fed /usr\n");
  const long = await driver.exec(name, `: ${"x".repeat(100_000)}\necho long`);
  assert.equal(long.stdout, "long\n");
}

async function openUseAndClose(
  machine: Machine,
  shell: string | undefined,
): Promise<{ dialect: string; terminal: boolean }> {
  await using driver = await DrivenSessions.start(machine.env);
  const { dialect, terminal } = await driver.open("s", shell === undefined ? {} : { shell });
  const { mark, sessionId } = await driver.traces("s");
  await useSession(driver, "s");
  if (terminal) {
    const tty = await driver.exec("s", "test -t 0 && test -t 1 && echo both", { tty: true });
    assert.equal(tty.stdout, "both\n");
  } else {
    await assert.rejects(driver.exec("s", "tty", { tty: true }), /terminal/);
  }
  await driver.exec("s", "sleep 600 &");
  await driver.close("s");
  await waitUntilGone(mark, sessionId);
  assert.deepEqual(machine.leftovers(), []);
  return { dialect, terminal };
}

describe("Session.open() looks for a terminal", () => {
  it("finds script", { skip: skipWithout("script", "bash") }, async () => {
    using machine = machineWithout();
    assert.deepEqual(await openUseAndClose(machine, undefined), {
      dialect: "bash",
      terminal: true,
    });
  });

  it("takes unbuffer when there is no script", { skip: skipWithout("unbuffer") }, async () => {
    using machine = machineWithout("script");
    assert.deepEqual(await openUseAndClose(machine, "bash"), { dialect: "bash", terminal: true });
  });

  for (const shell of ["bash", "zsh", "dash", "busybox"]) {
    it(`does without in ${shell} when there is neither`, { skip: skipWithout(shell) }, async () => {
      using machine = machineWithout("script", "unbuffer");
      const { terminal } = await openUseAndClose(machine, shell);
      assert.equal(terminal, false);
    });
  }

  it("takes sh when there is no bash", { skip: skipWithout("dash") }, async () => {
    using machine = machineWithout("bash", "script", "unbuffer", "setsid");
    const { dialect } = await openUseAndClose(machine, undefined);
    assert.notEqual(dialect, "bash");
  });

  it("works where busybox is all there is", { skip: skipWithout("busybox") }, async () => {
    using machine = await machineOfBusybox();
    assert.deepEqual(await openUseAndClose(machine, undefined), {
      dialect: "ash",
      terminal: false,
    });
  });
});
