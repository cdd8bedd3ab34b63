import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { ExeckitError } from "../../../src/errors.ts";
import { planLaunch } from "../../../src/shell/launch.ts";
import { readGreeting, remoteCommandLine } from "../../../src/transports/ssh/command_line.ts";
import { skipWithout } from "../../support/processes.ts";

/** How sshd starts a user's login shell: `$SHELL -c line`. */
const LOGIN_SHELLS: readonly (readonly string[])[] = [
  ["sh"],
  ["bash"],
  ["dash"],
  ["zsh"],
  ["busybox", "sh"],
  ["fish"],
  ["tcsh"],
];

/** Everything that some shell or printf reads as more than itself. */
const HARD_VALUES = [
  "",
  "plain",
  "it's",
  `"double" 'single' \`tick\``,
  "back\\slash \\\\two \\' \\\\' \\n \\012 \\0047 \\c",
  "!history !! !$ ^a^b",
  "%s %d %% %b",
  "line\nfeed\r\n\ttab",
  "trailing line feeds\n\n",
  "$HOME $(id) ${x} ~ * ? [a] {a,b}",
  "-n",
  "--",
  "é ü € 🎉",
  "\x01\x1b\x7f\x1e",
];

const SCRIPT = `
# Says each argument's bytes, and then itself: ' " \\ ! \` $
for value; do printf '<%s>' "$value"; done
printf '|%s|%s' "$0" 'quoted \\ ! "text"'`;

function runLine(
  shell: readonly string[],
  line: string,
): Promise<{ stdout: Uint8Array; stderr: Uint8Array }> {
  const [program = "", ...args] = shell;
  return new Promise((resolve, reject) => {
    const options = {
      encoding: "buffer",
      maxBuffer: 2 ** 24,
      env: { PATH: "/usr/bin:/bin" },
    } as const // The overloads of execFile need the literal type.
    ;
    execFile(program, [...args, "-c", line], options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(new Error(`${program}: ${new TextDecoder().decode(stderr)}`, { cause: error }));
    });
  });
}

describe("remoteCommandLine()", () => {
  for (const shell of LOGIN_SHELLS) {
    const skip = skipWithout(shell[0] ?? "");
    const name = shell.join(" ");

    it(`passes script and arguments unchanged when the login shell is ${name}`, {
      skip,
    }, async () => {
      const greeting = { key: "k1", stream: "stdout" } as const;
      const line = remoteCommandLine({ script: SCRIPT, args: HARD_VALUES, greeting });
      const { stdout } = await runLine(shell, line);
      const found = readGreeting(stdout, "k1");
      assert.ok(found !== undefined && found.pid > 1);
      const said = new TextDecoder().decode(found.rest);
      const values = HARD_VALUES.map((value) => `<${value}>`).join("");
      assert.equal(said, `${values}|execkit|quoted \\ ! "text"`);
    });

    it(`takes 100 KiB when the login shell is ${name}`, { skip }, async () => {
      const script = `# ${"x".repeat(100 * 1024)}\nprintf end`;
      const greeting = { key: "k2", stream: "stderr" } as const;
      const line = remoteCommandLine({ script, args: [], greeting });
      const { stdout, stderr } = await runLine(shell, line);
      assert.equal(new TextDecoder().decode(stdout), "end");
      assert.ok(readGreeting(stderr, "k2") !== undefined);
    });
  }

  it("holds nothing that any login shell expands", () => {
    const greeting = { key: "k3", stream: "stdout" } as const;
    const line = remoteCommandLine({ script: SCRIPT, args: HARD_VALUES, greeting });
    assert.match(line, /^[ -~]+$/);
    assert.doesNotMatch(line, /!/);
    assert.doesNotMatch(line, /\\['\\]/);
    assert.equal(line.split("'").length - 1, 4);
  });

  it("has room for a launch in a sandbox", () => {
    const plan = planLaunch({
      token: "t".repeat(32),
      mark: "m".repeat(32),
      shell: "/usr/local/bin/bash",
      terminal: "auto",
    });
    const greeting = { key: "k4", stream: "stdout" } as const;
    assert.ok(remoteCommandLine({ ...plan, greeting }).length < 64 * 1024);
  });

  it("refuses what the host's kernel would not take", () => {
    const script = "x".repeat(200 * 1024);
    const greeting = { key: "k5", stream: "stdout" } as const;
    assert.throws(
      () => remoteCommandLine({ script, args: [], greeting }),
      (error) => error instanceof ExeckitError && error.code === "limit_reached",
    );
  });
});

describe("readGreeting()", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  it("finds the greeting behind what a profile writes", () => {
    const found = readGreeting(bytes("Welcome é\n\x1e\x1ekey 77\x1erest"), "key");
    assert.equal(found?.pid, 77);
    assert.equal(new TextDecoder().decode(found?.rest), "rest");
  });

  it("waits for a greeting that is not complete", () => {
    assert.equal(readGreeting(bytes("\x1ekey 77"), "key"), undefined);
    assert.equal(readGreeting(bytes(""), "key"), undefined);
  });

  it("takes no other key, and no process id that cannot be", () => {
    assert.equal(readGreeting(bytes("\x1eother 77\x1e"), "key"), undefined);
    assert.equal(readGreeting(bytes("\x1ekey 1\x1e"), "key"), undefined);
    assert.equal(readGreeting(bytes("\x1ekey -5\x1e"), "key"), undefined);
    assert.equal(readGreeting(bytes("\x1ekey x\x1e"), "key"), undefined);
  });
});
