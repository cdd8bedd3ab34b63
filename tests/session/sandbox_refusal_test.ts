import assert from "node:assert/strict";
import { chmodSync, readdirSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { ExeckitError, type SessionOptions } from "../../mod.ts";
import { resolveSession } from "../../src/session/resolve_options.ts";
import { DrivenSessions } from "../support/driven_sessions.ts";
import { skipWithout } from "../support/processes.ts";
import {
  type HostFolder,
  makeHostFolder,
  openSandboxed,
  type OtherOptions,
  SANDBOX_SKIP,
} from "../support/sandboxes.ts";

/** A PATH with every program of this machine but bwrap, and with another in its place. */
function makePath(folder: HostFolder, bwrap: string | undefined): string {
  const seen = new Set(["bwrap"]);
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of namesIn(directory)) {
      if (seen.has(name)) continue;
      seen.add(name);
      symlinkSync(join(directory, name), join(folder.path, name));
    }
  }
  if (bwrap !== undefined) chmodSync(folder.write("bwrap", `#!/bin/sh\n${bwrap}\n`), 0o755);
  return folder.path;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (cause) {
    // PATH may name directories that are not there.
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    throw cause;
  }
}

async function refusalWith(bwrap: string | undefined): Promise<string> {
  using folder = makeHostFolder();
  await using driver = await DrivenSessions.start({ PATH: makePath(folder, bwrap) });
  const options: OtherOptions = { sandbox: true };
  try {
    await driver.open("s", options);
  } catch (cause) {
    if (cause instanceof Error) return cause.message;
    throw cause;
  }
  throw new Error("The session opened without a sandbox");
}

describe("Session.open() with a sandbox that cannot be had", () => {
  const linuxOnly = process.platform === "linux" ? false : "what it says differs elsewhere";

  it("refuses when bwrap is missing", { skip: linuxOnly }, async () => {
    assert.match(await refusalWith(undefined), /^unsupported: .*not installed/);
  });

  it("refuses when namespaces are forbidden", { skip: linuxOnly }, async () => {
    const bwrap = "echo 'bwrap: No permissions to create new namespace' >&2; exit 1";
    assert.match(await refusalWith(bwrap), /^unsupported: .*does not let bwrap make/);
  });

  it("refuses when bwrap is too old", { skip: linuxOnly }, async () => {
    const bwrap = "echo 'bwrap: Unknown option --disable-userns' >&2; exit 1";
    assert.match(await refusalWith(bwrap), /^unsupported: .*older than 0\.8\.0/);
  });

  it("refuses when bwrap fails without a word", { skip: linuxOnly }, async () => {
    assert.match(await refusalWith("exit 1"), /^connect_failed: /);
  });

  it("refuses a workspace that is none or too much", { skip: SANDBOX_SKIP }, async () => {
    for (const workspace of ["/", "/usr", homedir(), "/nowhere/at/all", "/etc/passwd", "/tmp"]) {
      await assert.rejects(
        openSandboxed({ workspace }),
        (error) => error instanceof ExeckitError && error.code === "invalid_argument",
        workspace,
      );
    }
  });

  it("takes a workspace by any of its names", { skip: SANDBOX_SKIP }, async () => {
    using folder = makeHostFolder();
    folder.write('it\'s "real"/file', "found");
    symlinkSync('it\'s "real"', join(folder.path, "link"));
    await using session = await openSandboxed({ workspace: join(folder.path, "link") });
    assert.equal((await session.exec("cat file; touch made && ls")).stdout, "foundfile\nmade\n");
  });

  it("refuses to make readable what is not there", { skip: SANDBOX_SKIP }, async () => {
    await assert.rejects(openSandboxed({ readable: ["/nowhere/at/all"] }), /sandbox.readable/);
  });

  it("raises no limit that is lower already", {
    skip: SANDBOX_SKIP || skipWithout("prlimit"),
  }, async () => {
    await using session = await openSandboxed({ limits: { openFiles: 200, fileBytes: 2 ** 21 } });
    const { stdout } = await session.exec("ulimit -Hn; ulimit -Hf; ulimit -Hc; ulimit -n 300");
    assert.equal(stdout, "200\n2048\n0\n");
  });
});

describe("resolveSession() with 'sandbox'", () => {
  // What a caller without types can pass.
  const open = (rest: Record<string, unknown>) =>
    resolveSession({ transport: "local", ...rest } as SessionOptions);

  it("fills in what is left out", () => {
    assert.equal(open({}).sandbox, undefined);
    assert.equal(open({ sandbox: false }).sandbox, undefined);
    assert.deepEqual(open({ sandbox: true }).sandbox, open({ sandbox: {} }).sandbox);
    assert.equal(open({ sandbox: true }).sandbox?.network, "none");
  });

  it("refuses what it does not know", () => {
    const wrong: unknown[] = [
      1,
      "yes",
      null,
      [],
      { workspace: "relative" },
      { workspace: "" },
      { network: "some" },
      { network: { allowHosts: [] } },
      { unknown: 1 },
      { limits: { processes: 1 } },
      { limits: { processes: "many" } },
      { limits: { tmpBytes: Infinity } },
      { limits: { unknown: 1 } },
      { readable: "/etc" },
      { readable: ["etc"] },
      { readOnly: ["../x"] },
      { readOnly: ["/x"] },
      { env: ["A-B"] },
      { env: { A: "b" } },
    ];
    for (const sandbox of wrong) {
      assert.throws(
        () => open({ sandbox }),
        (error) => error instanceof ExeckitError && error.code === "invalid_argument",
        JSON.stringify(sandbox),
      );
    }
  });

  it("refuses a login shell's environment and other transports", () => {
    assert.throws(() => open({ sandbox: true, loginEnv: true }), /loginEnv/);
    const transport = { kind: "memory", target: "t", open: () => undefined };
    assert.throws(() => open({ sandbox: true, transport }), /'local' only/);
  });
});
