/**
 * Files for tests of what is read before a connection: directories, keys, configurations, and the
 * programs of OpenSSH that they are compared with.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ExeckitError } from "../../../../src/errors.ts";
import {
  type ResolvedSshOptions,
  resolveSshOptions,
} from "../../../../src/transports/ssh/resolve_ssh_options.ts";
import type { SshHost } from "../../../../src/transports/ssh/ssh_host.ts";
import type { SshOptions } from "../../../../src/transports/ssh/ssh_options.ts";

/** A directory that only this user can write to, and that goes away. */
export class TestDirectory implements Disposable {
  /** Its real path. */
  readonly path: string = realpathSync(mkdtempSync(join(tmpdir(), "execkit-ssh-")));

  /** Removes it. */
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** A path inside. */
  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file, and the directories that it needs. */
  write(name: string, content: string | Uint8Array, mode = 0o600): string {
    const path = this.at(name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }
}

/** A key pair that ssh-keygen made. */
export interface TestKey {
  /** The private half's path. */
  readonly path: string;
  /** The type as in files. */
  readonly type: string;
  /** The public half as in files. */
  readonly base64: string;
  /** The public half as on the wire. */
  readonly blob: Uint8Array;
  /** What `ssh-keygen -l` says. */
  readonly fingerprint: string;
}

/** Makes a key pair. */
export function makeKey(directory: TestDirectory, name: string, kind = "ed25519"): TestKey {
  const path = directory.at(name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const size = kind === "rsa" ? ["-b", "2048"] : [];
  run("ssh-keygen", ["-q", "-t", kind, ...size, "-N", "", "-C", "test", "-f", path]);
  const [type = "", base64 = ""] = readFileSync(`${path}.pub`, "utf8").split(" ");
  const fingerprint = /SHA256:\S+/.exec(run("ssh-keygen", ["-l", "-f", `${path}.pub`]))?.[0] ?? "";
  return { path, type, base64, blob: new Uint8Array(Buffer.from(base64, "base64")), fingerprint };
}

/** Runs a program of OpenSSH and returns what it prints. */
export function run(program: string, args: readonly string[]): string {
  const done = spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  assert.equal(done.status, 0, `${program} ${args.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

/** Options that read nothing outside a directory. */
export function optionsIn(
  directory: TestDirectory,
  more: Partial<SshOptions> = {},
): ResolvedSshOptions {
  const user = run("id", ["-un"]).trim();
  return resolveSshOptions({
    host: "example",
    user,
    keyDirectory: directory.path,
    knownHosts: { files: [], record: directory.at("record/known_hosts") },
    agent: false,
    ...more,
  });
}

/** A host as a configuration that says nothing leaves it. */
export function plainHost(more: Partial<SshHost> = {}): SshHost {
  return {
    alias: "example",
    hostName: "example",
    port: 22,
    user: "tester",
    identityFiles: [],
    identitiesOnly: false,
    publicKeys: true,
    passwords: true,
    prompts: true,
    strictHostKeys: false,
    hashKnownHosts: false,
    jump: [],
    connectTimeoutMs: 1000,
    keepaliveIntervalMs: 1000,
    keepaliveMisses: 3,
    notes: [],
    ...more,
  };
}

/** An assertion's check of an error: its code, and a part of its message. */
export function failure(code: string, message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof ExeckitError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}
