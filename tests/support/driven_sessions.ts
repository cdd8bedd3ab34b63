/**
 * Sessions that live in a process of their own, which a test can measure and kill.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import type { ExecOptions, ExecResult, SessionOptions, ShellInfo } from "../../mod.ts";
import type { DriverRequest } from "../fixtures/programs/session_driver.ts";
import { openFileCount } from "./processes.ts";
import { waitFor } from "./wait_for.ts";
import { denoCache, programArgv, PROJECT_ROOT } from "./project_program.ts";

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
   * @param permissions What Deno lets it do. Default: what a local session needs.
   * @returns The driver.
   */
  static async start(
    env: Readonly<Record<string, string>> = {},
    permissions: readonly string[] = ["--allow-run=sh"],
  ): Promise<DrivenSessions> {
    const [program = "", ...args] = await driverArgv(permissions);
    return new DrivenSessions(spawn(program, args, {
      cwd: PROJECT_ROOT,
      env: { ...process.env, ...denoCache(), ...env },
      stdio: ["pipe", "pipe", "inherit"],
    }));
  }

  /** The driver's process id. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("The driver did not start");
    return this.#child.pid;
  }

  /** Opens a local session under a name. */
  open(session: string, options: Omit<SessionOptions, "transport">): Promise<ShellInfo> {
    return this.openOn(session, { ...options, transport: "local" });
  }

  /** Opens a session on any machine under a name. */
  async openOn(session: string, options: SessionOptions): Promise<ShellInfo> {
    const request = { op: "open", session, options } as const;
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
    // What is still being closed would be counted as there for good.
    let before = await openFileCount(this.pid);
    return await waitFor("a count of descriptors that stays", async () => {
      const now = await openFileCount(this.pid);
      const stays = now === before;
      before = now;
      return stays ? now : undefined;
    });
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

/** The driver needs nothing but what the library needs. */
async function driverArgv(permissions: readonly string[]): Promise<string[]> {
  return await programArgv({
    program: PROGRAM,
    denoOptions: ["--no-check", "--v8-flags=--expose-gc", ...permissions],
    nodeOptions: ["--expose-gc"],
  });
}
