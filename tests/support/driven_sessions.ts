/**
 * Sessions that live in a process of their own, which a test can measure and kill.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ExecOptions, ExecResult, SessionOptions, ShellInfo } from "../../mod.ts";
import type { DriverRequest } from "../fixtures/programs/session_driver.ts";
import { openFileCount } from "./processes.ts";

const PROJECT_ROOT = fileURLToPath(new URL("../../", import.meta.url));
const IS_DENO = process.versions["deno"] !== undefined;
const PROGRAM = "tests/fixtures/programs/session_driver.ts";

/** What tells a session's processes from all others. */
export interface SessionTraces {
  /** The value of `EXECKIT_SESSION`. */
  readonly mark: string;
  /** The id of the shell's session. */
  readonly sessionId: number;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: Error) => void;
}

/** A running driver program. */
export class DrivenSessions implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #pending = new Map<number, Pending>();
  #lastNumber = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once("close", () => resolve()));
    void this.#exited.then(() => this.#giveUp());
    // A program that was killed takes no more requests; #giveUp says so.
    child.stdin?.on("error", () => undefined);
    if (child.stdout === null) throw new Error("The driver has no standard output");
    createInterface({ input: child.stdout }).on("line", (line) => this.#onReply(line));
  }

  /**
   * Starts a driver.
   *
   * @param env Variables for it, beside those of this process.
   * @returns The driver.
   */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<DrivenSessions> {
    const [program = "", ...args] = await driverArgv();
    return new DrivenSessions(spawn(program, args, {
      cwd: PROJECT_ROOT,
      env: { ...process.env, ...keepDenoCache(), ...env },
      stdio: ["pipe", "pipe", "inherit"],
    }));
  }

  /** The driver's process id. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("The driver did not start");
    return this.#child.pid;
  }

  /** Opens a session under a name. */
  async open(session: string, options: Omit<SessionOptions, "transport">): Promise<ShellInfo> {
    const request = { op: "open", session, options: { ...options, transport: "local" } } as const;
    // The driver gives back what `Session.shell` is.
    return await this.#ask(request) as ShellInfo;
  }

  /** Runs a command in a session. */
  async exec(session: string, command: string, options: ExecOptions = {}): Promise<ExecResult> {
    // The driver gives back what `Session.exec` gave it.
    return await this.#ask({ op: "exec", session, command, options }) as ExecResult;
  }

  /** Runs a command many times and gives the milliseconds of each. */
  async repeat(session: string, command: string, count: number): Promise<number[]> {
    // The driver gives back a list of times.
    return await this.#ask({ op: "repeat", session, command, count }) as number[];
  }

  /** Bytes of the driver's heap that are in use when all garbage is gone. */
  async heapBytes(): Promise<number> {
    // The driver gives a number.
    return await this.#ask({ op: "heap" }) as number;
  }

  /** Closes a session. */
  async close(session: string): Promise<void> {
    await this.#ask({ op: "close", session });
  }

  /**
   * Opens, uses and closes some sessions, so that the runtime has what it opens once for all.
   *
   * @returns The number of descriptors that the driver then holds open.
   */
  async warmUp(): Promise<number> {
    for (const name of ["warm-up 1", "warm-up 2", "warm-up 3"]) {
      await this.open(name, {});
      await this.exec(name, "sleep 600", { timeoutMs: 50 });
      await this.close(name);
    }
    return await openFileCount(this.pid);
  }

  /** Asks a session for what its processes are known by. */
  async traces(session: string): Promise<SessionTraces> {
    return tracesFrom(await this.exec(session, TRACES_COMMAND));
  }

  /** Kills the driver with SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** Kills the driver. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #ask(request: DriverRequest): Promise<unknown> {
    const n = ++this.#lastNumber;
    return new Promise((resolve, reject) => {
      this.#pending.set(n, { resolve, reject });
      this.#child.stdin?.write(JSON.stringify({ n, request }) + "\n");
    });
  }

  #onReply(line: string): void {
    // The driver's replies have this form.
    const reply = JSON.parse(line) as { n: number; value?: unknown; error?: string };
    const pending = this.#pending.get(reply.n);
    this.#pending.delete(reply.n);
    if (reply.error === undefined) pending?.resolve(reply.value);
    else pending?.reject(new Error(reply.error));
  }

  #giveUp(): void {
    for (const { reject } of this.#pending.values()) reject(new Error("The driver is gone"));
    this.#pending.clear();
  }
}

/** A command whose output {@linkcode tracesFrom} reads. */
export const TRACES_COMMAND =
  `IFS= read -r line </proc/$$/stat; line=\${line##*) }; echo "$EXECKIT_SESSION $line"; unset line`;

/**
 * Reads the output of {@linkcode TRACES_COMMAND}.
 *
 * @param result Its result.
 * @returns What the session's processes are known by.
 */
export function tracesFrom({ stdout }: ExecResult): SessionTraces {
  // Fields: mark, then those of /proc/PID/stat after the name: state ppid pgrp session …
  const [mark = "", , , , sessionId] = stdout.trim().split(" ");
  if (mark === "" || sessionId === undefined) throw new Error(`No traces in "${stdout}"`);
  return { mark, sessionId: Number(sessionId) };
}

/** A test may give the driver another home; the packages are still those of this one. */
function keepDenoCache(): Readonly<Record<string, string>> {
  if (!IS_DENO || process.env["DENO_DIR"] !== undefined) return {};
  const caches = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return { DENO_DIR: join(caches, "deno") };
}

/** The driver needs nothing but what the library needs: to start `sh`. */
async function driverArgv(): Promise<string[]> {
  if (IS_DENO) {
    const options = ["--frozen", "--no-prompt", "--no-check", "--v8-flags=--expose-gc"];
    options.push("--allow-run=sh");
    return [process.execPath, "run", ...options, join(PROJECT_ROOT, PROGRAM)];
  }
  const outDir = bundleFolder();
  const { bundleTests } = await import("../../scripts/support/bundle_tests.ts");
  await bundleTests({ root: PROJECT_ROOT, files: [PROGRAM], outDir });
  return [process.execPath, "--expose-gc", join(outDir, PROGRAM.replace(/\.ts$/, ".mjs"))];
}

/** The folder of the running bundle that has the packages: the driver imports them too. */
function bundleFolder(): string {
  let folder = dirname(process.argv[1] ?? "");
  while (!existsSync(join(folder, "node_modules"))) {
    if (dirname(folder) === folder) throw new Error("The test's bundle has no node_modules");
    folder = dirname(folder);
  }
  return folder;
}
