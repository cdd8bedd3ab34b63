/**
 * A real OpenSSH server for a test: own host keys, own users, a port of its own on the loopback.
 *
 * As root it runs in a mount namespace of its own, so that its users and its directories are seen by
 * nobody else and the machine stays as it is.
 *
 * @module
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { SshOptions } from "../../src/transports/ssh/ssh_options.ts";
import { freePort } from "./free_port.ts";
import { makeTestFolder, type TestFolder } from "./open_session.ts";
import { findProgram, runScript } from "./processes.ts";
import { waitFor, withinTime } from "./wait_for.ts";

const SSHD = "/usr/sbin/sshd";
const HOST = "127.0.0.1";

/** Why no server can be started here; false when one can. */
export const SSHD_SKIP: string | false = sshdSkip();

/** Why a server with users of its own cannot be started here; false when it can. */
export const SSHD_USERS_SKIP: string | false = SSHD_SKIP !== false
  ? SSHD_SKIP
  : process.getuid?.() === 0
  ? false
  : "Only root can give sshd users of its own";

/** A user of a test's server. */
export interface TestUser {
  /** Name; begins with `ek-`. */
  readonly name: string;
  /** Path of the login shell. */
  readonly shell: string;
}

/** How a test's server is set up. */
export interface SshdSetup {
  /** Kinds of host keys. Default: ed25519. */
  readonly hostKeys?: readonly ("ed25519" | "ecdsa" | "rsa")[];
  /** Users with random passwords, besides the one who runs the tests. */
  readonly users?: readonly TestUser[];
  /** Further lines of sshd_config; the first line for a keyword wins. */
  readonly config?: readonly string[];
}

/** A process that serves one connection. */
export interface ServerProcess {
  readonly pid: number;
  readonly command: string;
}

/** A running server. */
export class TestSshd implements AsyncDisposable {
  /** Its address. */
  readonly host: string = HOST;
  /** Its port. */
  readonly port: number;
  /** A directory that only this server uses; keys and configuration are in it. */
  readonly path: string;
  /** The password of every user in {@linkcode SshdSetup.users}. */
  readonly password: string;
  readonly #folder: TestFolder;
  readonly #child: ChildProcess;
  readonly #log: { text: string };

  private constructor(
    parts: { folder: TestFolder; port: number; password: string; child: ChildProcess },
    log: { text: string },
  ) {
    this.#folder = parts.folder;
    this.path = parts.folder.path;
    this.port = parts.port;
    this.password = parts.password;
    this.#child = parts.child;
    this.#log = log;
  }

  /**
   * Starts one, and waits until it listens.
   *
   * @param setup How it is set up.
   * @returns The server.
   */
  static async start(setup: SshdSetup = {}): Promise<TestSshd> {
    const folder = makeTestFolder();
    const port = await freePort();
    const password = randomBytes(12).toString("hex");
    const { hostKeys = ["ed25519"] } = setup;
    mkdirSync(join(folder.path, "keys"), { mode: 0o700 });
    for (const kind of hostKeys) makeKey(join(folder.path, `host_${kind}`), { kind });
    makeKey(join(folder.path, "keys/id_ed25519"), {});
    const publicKey = readFileSync(join(folder.path, "keys/id_ed25519.pub"));
    writeFileSync(join(folder.path, "authorized_keys"), publicKey);
    writeFileSync(join(folder.path, "known_hosts"), knownHostLines(folder.path, hostKeys, port));
    writeFileSync(join(folder.path, "sshd_config"), configText(folder.path, port, setup));
    const child = startProgram(folder.path, setup.users ?? [], password);
    const log = { text: "" };
    child.stderr?.on("data", (chunk: Uint8Array) => log.text += new TextDecoder().decode(chunk));
    const server = new TestSshd({ folder, port, password, child }, log);
    await server.#listening();
    return server;
  }

  /** What the server has logged so far. */
  get log(): string {
    return this.#log.text;
  }

  /** The listening process's id. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * Options that log the tests' own user in by key, and know the server's key.
   *
   * @param overrides What is different.
   */
  options(overrides: Partial<SshOptions> = {}): SshOptions {
    return {
      host: this.host,
      port: this.port,
      user: userInfo().username,
      keyDirectory: join(this.path, "keys"),
      configFile: false,
      agent: false,
      knownHosts: { files: [join(this.path, "known_hosts")], record: false },
      ...overrides,
    };
  }

  /**
   * Makes a key in the key directory.
   *
   * @param name Its file name.
   * @param options Its passphrase, its kind, and whether the server accepts it. Default: it does.
   * @returns Its path.
   */
  makeKey(
    name: string,
    options: { passphrase?: string; kind?: "ed25519" | "ecdsa" | "rsa"; accepted?: boolean } = {},
  ): string {
    const path = join(this.path, "keys", name);
    makeKey(path, options);
    if (options.accepted !== false) {
      const list = join(this.path, "authorized_keys");
      writeFileSync(list, readFileSync(`${path}.pub`), { flag: "a" });
    }
    return path;
  }

  /** Writes the server's key another time, under any names; `[host]:port` by default. */
  knownHostsLine(kind: "ed25519" | "ecdsa" | "rsa" = "ed25519", names?: string): string {
    return knownHostLine(this.path, kind, names ?? `[${this.host}]:${this.port}`);
  }

  /** The processes that hold a connection: the listener's children. */
  async connections(): Promise<readonly ServerProcess[]> {
    return (await processTree(this.pid)).filter(({ parent }) => parent === this.pid);
  }

  /** Every process below the listener. */
  async descendants(): Promise<readonly ServerProcess[]> {
    return await processTree(this.pid);
  }

  /** Ends the server and everything that it started. */
  async [Symbol.asyncDispose](): Promise<void> {
    const exited = new Promise<void>((resolve) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) resolve();
      else this.#child.once("exit", () => resolve());
    });
    const below = await this.descendants();
    this.#child.kill("SIGKILL");
    const pids = below.map(({ pid }) => String(pid));
    if (pids.length > 0) await runScript('kill -s KILL "$@" 2>/dev/null; exit 0', ...pids);
    await withinTime("the end of sshd", exited);
    this.#folder[Symbol.dispose]();
  }

  async #listening(): Promise<void> {
    try {
      await waitFor("sshd", () => {
        if (this.#child.exitCode !== null) throw new Error(`sshd ended: ${this.log}`);
        return this.log.includes("Server listening") ? true : undefined;
      });
    } catch (cause) {
      await this[Symbol.asyncDispose]();
      throw cause;
    }
  }
}

/** Makes a key pair without asking. */
export function makeKey(
  path: string,
  { kind = "ed25519", passphrase = "" }: { kind?: string; passphrase?: string },
): void {
  const bits = kind === "rsa" ? ["-b", "2048"] : [];
  const args = ["-q", "-t", kind, ...bits, "-N", passphrase, "-C", "execkit test", "-f", path];
  execFileSync("ssh-keygen", args);
}

/** The fingerprint of a key, as `ssh-keygen` tells it from the public half beside it. */
export function fingerprintOf(keyPath: string): string {
  const said = execFileSync("ssh-keygen", ["-l", "-f", `${keyPath}.pub`], { encoding: "utf8" });
  return said.split(" ")[1] ?? "";
}

function configText(path: string, port: number, { hostKeys, config, users }: SshdSetup): string {
  const withUsers = (users ?? []).length > 0;
  return [
    ...config ?? [],
    `Port ${port}`,
    `ListenAddress ${HOST}`,
    ...(hostKeys ?? ["ed25519"]).map((kind) => `HostKey ${path}/host_${kind}`),
    `AuthorizedKeysFile ${path}/authorized_keys`,
    `PidFile ${path}/sshd.pid`,
    "StrictModes no",
    "PermitRootLogin yes",
    "LogLevel VERBOSE",
    "PrintMotd no",
    `UsePAM ${withUsers ? "yes" : "no"}`,
    `PasswordAuthentication ${withUsers ? "yes" : "no"}`,
    `KbdInteractiveAuthentication ${withUsers ? "yes" : "no"}`,
    "UseDNS no",
    "",
  ].join("\n");
}

/** sshd wants a directory in /run, and reads its users from files in /etc: both of its own here. */
const START_AS_ROOT = `
set -e
path=$1
mount -t tmpfs -o mode=755 none /run
mkdir /run/sshd
mount --bind "$path/passwd" /etc/passwd
mount --bind "$path/shadow" /etc/shadow
mount --bind "$path/pam_sshd" /etc/pam.d/sshd
exec ${SSHD} -D -e -f "$path/sshd_config"`;

/** Only the user's password counts; what a machine adds to logins is no part of a test. */
const PAM_SSHD = "auth required pam_unix.so nodelay\naccount required pam_unix.so\n";
/** Ids that no package uses. */
const FIRST_USER_ID = 61_500;

function startProgram(path: string, users: readonly TestUser[], password: string): ChildProcess {
  const stdio: ["ignore", "ignore", "pipe"] = ["ignore", "ignore", "pipe"];
  if (process.getuid?.() !== 0) {
    return spawn(SSHD, ["-D", "-e", "-f", join(path, "sshd_config")], { stdio });
  }
  writeUsers(path, users, password);
  return spawn("unshare", ["-m", "sh", "-c", START_AS_ROOT, "sh", path], { stdio });
}

/** Root gets a plain login shell and an empty home, so that its own profile is no part of a test. */
function writeUsers(path: string, users: readonly TestUser[], password: string): void {
  mkdirSync(join(path, "home"));
  const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], {
    input: password,
    encoding: "utf8",
  }).trim();
  const machine = readFileSync("/etc/passwd", "utf8").trimEnd().replace(/^root:.*\n/m, "");
  const passwd = [`root:x:0:0:root:${join(path, "home")}:/bin/sh`, machine];
  const shadow = [readFileSync("/etc/shadow", "utf8").trimEnd()];
  for (const [index, { name, shell }] of users.entries()) {
    const id = FIRST_USER_ID + index;
    const home = join(path, `home-${name}`);
    mkdirSync(home);
    execFileSync("chown", [`${id}:${id}`, home]);
    passwd.push(`${name}:x:${id}:${id}::${home}:${shell}`);
    shadow.push(`${name}:${hash}:19000:0:99999:7:::`);
  }
  // The users' homes are below.
  execFileSync("chmod", ["711", path]);
  writeFileSync(join(path, "passwd"), passwd.join("\n") + "\n", { mode: 0o644 });
  writeFileSync(join(path, "shadow"), shadow.join("\n") + "\n", { mode: 0o600 });
  writeFileSync(join(path, "pam_sshd"), PAM_SSHD, { mode: 0o644 });
  execFileSync("chmod", ["644", join(path, "authorized_keys")]);
}

function knownHostLine(path: string, kind: string, names: string): string {
  const [type, blob] = readFileSync(join(path, `host_${kind}.pub`), "utf8").split(" ");
  return `${names} ${type} ${blob}\n`;
}

function knownHostLines(path: string, kinds: readonly string[], port: number): string {
  return kinds.map((kind) => knownHostLine(path, kind, `[${HOST}]:${port}`)).join("");
}

const TREE_SCRIPT = `
below() {
  for kid in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
    printf '%s %s %s\\n' "$kid" "$1" "$(tr '\\0\\n' '  ' <"/proc/$kid/cmdline" 2>/dev/null)"
    below "$kid"
  done
}
below "$1"`;

async function processTree(
  pid: number,
): Promise<readonly (ServerProcess & { readonly parent: number })[]> {
  const text = await runScript(TREE_SCRIPT, String(pid));
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const [child = "", parent = "", ...words] = line.trim().split(" ");
    return { pid: Number(child), parent: Number(parent), command: words.join(" ") };
  });
}

function sshdSkip(): string | false {
  if (!existsSync(SSHD)) return "sshd is not installed";
  if (findProgram("ssh-keygen") === undefined) return "ssh-keygen is not installed";
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync("unshare", ["-m", "true"], { stdio: "ignore" });
    return false;
  } catch {
    return "This root may not make a mount namespace, so sshd would change the machine";
  }
}
