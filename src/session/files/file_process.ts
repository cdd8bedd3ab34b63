/**
 * A file script that runs beside the shell: every wait on it ends, at the latest at a deadline.
 *
 * @module
 */

import { TIMED_OUT, withDeadline } from "../../clock.ts";
import { joinBytes } from "../../join_bytes.ts";
import { LIMITS } from "../../limits.ts";
import { safe } from "../../safe_text.ts";
import { runAside } from "../../transports/run_aside.ts";
import type { AsideProcess, AsideScript, Transport } from "../../transports/transport.ts";
import { cancelledError, exitError, fileError, type FileSubject } from "./file_failures.ts";

/** Where scripts run. */
export type FileTransport = Pick<Transport, "startAside" | "ended">;

/** What an access to a file needs besides its own arguments. */
export interface FileTask {
  /** Where it runs. */
  readonly transport: FileTransport;
  /** What it is called in errors. */
  readonly subject: FileSubject;
  /** Cancels it. */
  readonly signal?: AbortSignal;
}

/** Why a wait was left early. */
type Stop = "cancelled" | "exited" | typeof TIMED_OUT;

/** A running script. */
export class FileProcess {
  readonly #task: FileTask;
  readonly #aside: AsideProcess;
  readonly #onAbort = (): void => this.#stop("cancelled");
  readonly #wakers: Set<(why: Stop) => void> = new Set();
  #output: AsyncIterator<Uint8Array> | undefined;
  #cancelled = false;
  #exited = false;

  /** Use {@linkcode FileProcess.start}. */
  private constructor(task: FileTask, aside: AsideProcess) {
    this.#task = task;
    this.#aside = aside;
    task.signal?.addEventListener("abort", this.#onAbort);
    if (task.signal?.aborted === true) this.#onAbort();
    void aside.exited.then(() => this.#stop("exited"));
  }

  /**
   * Starts a script. Whoever starts it calls {@linkcode FileProcess.release}.
   *
   * @param task What it is for.
   * @param script The script.
   * @returns The running script.
   * @throws {ExeckitError} When it cannot be started.
   */
  static async start(task: FileTask, script: AsideScript): Promise<FileProcess> {
    if (task.signal?.aborted === true) throw cancelledError(task.subject);
    const starting = task.transport.startAside(script);
    const aside = await withDeadline(starting, LIMITS.filesIdleTimeoutMs);
    if (aside !== TIMED_OUT) return new FileProcess(task, aside);
    // It may start all the same; then it goes at once.
    starting.then((late) => late.release(), () => undefined);
    throw await brokenOff(task);
  }

  /** Whether the caller has cancelled. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Its output, as it comes; it ends when the script is released, and is read by one reader. */
  get output(): AsyncIterable<Uint8Array> {
    return this.#aside.stdout;
  }

  /**
   * Waits for the next bytes of its output.
   *
   * @returns The bytes; undefined at the end.
   * @throws {ExeckitError} `transfer_failed` when cancelled, or when nothing comes for too long.
   */
  async next(): Promise<Uint8Array | undefined> {
    this.#output ??= this.#aside.stdout[Symbol.asyncIterator]();
    const part = await this.#wait(this.#output.next(), { isOver: () => this.#cancelled });
    if (part === "cancelled") throw cancelledError(this.#task.subject);
    if (part === TIMED_OUT || part === "exited") throw await brokenOff(this.#task);
    return part.done === true ? undefined : part.value;
  }

  /**
   * Writes to its input.
   *
   * @param bytes What to write.
   * @returns False when it takes no more, or the caller has cancelled.
   * @throws {ExeckitError} `transfer_failed` or `session_lost` when nothing moves for too long.
   */
  async send(bytes: Uint8Array): Promise<boolean> {
    const taken = this.#aside.write(bytes).then(() => true, () => false);
    const isOver = () => this.#cancelled || this.#exited;
    const result = await this.#wait(taken, { isOver });
    if (result === TIMED_OUT) throw await brokenOff(this.#task);
    return result === true;
  }

  /**
   * Ends its input and waits for its end. When the caller cancels, the script gets a moment to clean
   * up after itself.
   *
   * @param timeoutMs Milliseconds to wait at most.
   * @returns Its exit code; undefined when it was killed, lost, or did not end in time.
   */
  async finish(timeoutMs: number): Promise<number | undefined> {
    const { exited } = this.#aside;
    const closed = this.#aside.closeInput().catch(() => undefined);
    let code = await this.#wait(exited, { isOver: () => this.#cancelled, timeoutMs });
    if (code === "cancelled") code = await withDeadline(exited, LIMITS.filesCancelGraceMs);
    await withDeadline(closed, LIMITS.interruptGraceMs);
    // 128 and a signal's number is how some transports tell of a script that was killed.
    return typeof code !== "number" || code >= 128 ? undefined : code;
  }

  /** Kills it if it still runs, and gives everything back. */
  async release(): Promise<void> {
    this.#task.signal?.removeEventListener("abort", this.#onAbort);
    await withDeadline(this.#aside.release(), LIMITS.closeTimeoutMs);
  }

  #stop(why: Stop): void {
    if (why === "cancelled") this.#cancelled = true;
    if (why === "exited") this.#exited = true;
    for (const wake of this.#wakers) wake(why);
  }

  /** One listener for each wait: racing a promise that lives long would keep every chunk alive. */
  async #wait<T>(
    promise: Promise<T>,
    { isOver, timeoutMs = LIMITS.filesIdleTimeoutMs }: {
      readonly isOver: () => boolean;
      readonly timeoutMs?: number;
    },
  ): Promise<T | Stop> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waker = (_why: Stop): void => {};
    try {
      return await new Promise<T | Stop>((resolve, reject) => {
        waker = (why) => isOver() ? resolve(why) : undefined;
        this.#wakers.add(waker);
        timer = setTimeout(() => resolve(TIMED_OUT), timeoutMs);
        promise.then(resolve, reject);
        waker(this.#cancelled ? "cancelled" : "exited");
      });
    } finally {
      clearTimeout(timer);
      this.#wakers.delete(waker);
    }
  }
}

/**
 * Makes the error of a script that did not come to its end by itself.
 *
 * @param task What it was for.
 * @returns `session_lost` when the session's machine is gone, `transfer_failed` otherwise.
 */
export async function brokenOff(task: FileTask): Promise<Error> {
  const ended = await withDeadline(task.transport.ended, 0);
  if (ended !== TIMED_OUT && ended.reason !== "ended") {
    return fileError(task.subject, {
      code: "session_lost",
      because: safe`the connection to the machine is gone`,
    });
  }
  return fileError(task.subject, {
    code: "transfer_failed",
    because: safe`it was broken off`,
    hint: safe`Try again`,
  });
}

/**
 * Runs a script whose output is small.
 *
 * @param task What it is for.
 * @param script The script.
 * @param maxBytes Bytes of output at most.
 * @returns Its exit code and output; the caller judges the code.
 * @throws {ExeckitError} When it was cancelled or did not come to its end.
 */
export async function collectOutput(
  task: FileTask,
  script: AsideScript,
  maxBytes: number,
): Promise<{ readonly exitCode: number; readonly output: Uint8Array }> {
  const process = await FileProcess.start(task, script);
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (let chunk = await process.next(); chunk; chunk = await process.next()) {
      length += chunk.length;
      if (length > maxBytes) {
        throw fileError(task.subject, {
          code: "limit_reached",
          because: safe`its description has more than ${maxBytes} bytes`,
        });
      }
      chunks.push(chunk);
    }
    const exitCode = await process.finish(LIMITS.filesIdleTimeoutMs);
    if (exitCode === undefined) throw await brokenOff(task);
    return { exitCode, output: joinBytes(chunks) };
  } finally {
    await process.release();
  }
}

/**
 * Runs a script that has to succeed, and has little to say.
 *
 * @param task What it is for.
 * @param script The script.
 * @returns Its output.
 * @throws {ExeckitError} The error of its exit code, or as {@linkcode collectOutput}.
 */
export async function requireOutput(task: FileTask, script: AsideScript): Promise<Uint8Array> {
  const { exitCode, output } = await collectOutput(task, script, LIMITS.inlineCommandMaxBytes);
  if (exitCode !== 0) throw exitError(task.subject, exitCode);
  return output;
}

/**
 * Removes what a killed script left behind, as far as the machine can still be reached.
 *
 * @param transport The way to the machine.
 * @param script What removes it.
 * @throws {ExeckitError} When the machine cannot be reached.
 */
export async function cleanUp(transport: FileTransport, script: AsideScript): Promise<void> {
  await runAside(transport, { ...script, timeoutMs: LIMITS.asideTimeoutMs });
}
