/**
 * A program that runs in a container beside the container's own, with three byte streams.
 *
 * @module
 */

import { monotonicMs, sleepMs } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { safe } from "../../safe_text.ts";
import type { DockerEngine, ExecRequest, StartedExec } from "./docker_engine.ts";
import { EngineRefusal } from "./engine_errors.ts";
import { HijackedStream } from "./hijacked_stream.ts";

/** Milliseconds that the engine may take from the end of the streams until it knows the exit code. */
const EXIT_CODE_WAIT_MS = 3000;
/** Milliseconds until the exit code is asked for again; each next wait is twice as long. */
const EXIT_CODE_FIRST_MS = 4;
const EXIT_CODE_MOST_MS = 200;

/** How an exec ended. */
export type ExecEnd =
  | {
    /** Its process ended. */
    readonly kind: "exited";
    /** The exit code; undefined when the engine did not say it in time. */
    readonly code: number | undefined;
  }
  | {
    /** The engine cannot be asked any more. */
    readonly kind: "lost";
  };

/** A running exec. */
export class ContainerExec {
  /** Its streams. */
  readonly streams: HijackedStream;
  /** How it ended; settles once and never rejects. */
  readonly ended: Promise<ExecEnd>;
  readonly #started: StartedExec;
  readonly #engine: DockerEngine;

  /** Use {@linkcode ContainerExec.start}. */
  private constructor(engine: DockerEngine, started: StartedExec) {
    this.#engine = engine;
    this.#started = started;
    this.streams = new HijackedStream(started.socket);
    this.ended = this.streams.ended.then(() => this.#end());
  }

  /**
   * Starts a program.
   *
   * @param engine The engine.
   * @param container The container's id.
   * @param request The program.
   * @returns The running exec.
   * @throws {EngineRefusal} When the engine says no.
   * @throws {ExeckitError} `connect_failed` or `permission_denied`.
   */
  static async start(
    engine: DockerEngine,
    container: string,
    request: ExecRequest,
  ): Promise<ContainerExec> {
    return new ContainerExec(engine, await engine.startExec(container, request));
  }

  /** The streams end a moment before the engine knows the code, so it is asked until it does. */
  async #end(): Promise<ExecEnd> {
    const deadlineMs = monotonicMs() + EXIT_CODE_WAIT_MS;
    for (let waitMs = EXIT_CODE_FIRST_MS;; waitMs = Math.min(2 * waitMs, EXIT_CODE_MOST_MS)) {
      try {
        const { Running: running, ExitCode: code } = await this.#engine.call((how) =>
          this.#started.exec.inspect(how)
        );
        if (!running && code !== null) return { kind: "exited", code };
      } catch (cause) {
        // The engine forgets the execs of a container that is gone.
        if (cause instanceof EngineRefusal) return { kind: "exited", code: undefined };
        if (cause instanceof ExeckitError) return { kind: "lost" };
        throw cause;
      }
      if (monotonicMs() > deadlineMs) return { kind: "exited", code: undefined };
      await sleepMs(waitMs);
    }
  }
}

/** What the engine says when a program is not there (runc, crun, and the engine itself). */
const NO_PROGRAM = /executable file not found|no such file or directory|not found in \$PATH/i;
const NO_USER = /unable to find user|unable to find group|no matching entries|no such user/i;

/**
 * Says why no program could be started in a container.
 *
 * @param status The HTTP status, or the exit code of the exec; undefined when neither is known.
 * @param words What the engine said about it.
 * @returns The error.
 */
export function startFailure(status: number | undefined, words: string): ExeckitError {
  if (NO_USER.test(words)) {
    return new ExeckitError({
      code: "invalid_argument",
      message: safe`Cannot open the session: 'user' is not known in the container`,
      hint: safe`Name a user of the container's /etc/passwd, or a numeric id`,
    });
  }
  if (NO_PROGRAM.test(words) || status === 127) {
    return new ExeckitError({
      code: "shell_not_found",
      message: safe`Cannot open the session: the container has no sh`,
      hint: safe`Use a container or an image with a shell, such as one with busybox`,
    });
  }
  if (status === 404) return noContainer();
  if (status === 409) return notRunning(safe`it is not running, or it is paused`);
  return new ExeckitError({
    code: "connect_failed",
    message: safe`Cannot open the session: the engine could not start sh in the container`,
    hint: safe`Check that docker exec works for the container and the user`,
  });
}

/** The engine has no such container. */
export function noContainer(): ExeckitError {
  return new ExeckitError({
    code: "connect_failed",
    message: safe`Cannot open the session: the engine has no such container`,
    hint: safe`Look for its name with docker ps, or check which engine DOCKER_HOST leads to`,
  });
}

/**
 * The container is there, and takes no commands.
 *
 * @param why Part of a sentence.
 * @param hint What to do.
 * @returns The error.
 */
export function notRunning(
  why: ReturnType<typeof safe>,
  hint: ReturnType<typeof safe> = safe`Start the container, then open the session again`,
): ExeckitError {
  return new ExeckitError({
    code: "connect_failed",
    message: safe`Cannot open the session in the container: ${why}`,
    hint,
  });
}
