/**
 * One launched shell in a container, as a transport.
 *
 * @module
 */

import { TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { runAside } from "../run_aside.ts";
import type {
  AsideProcess,
  AsideScript,
  LaunchPlan,
  Transport,
  TransportEnd,
} from "../transport.ts";
import type { ByteQueue } from "./byte_queue.ts";
import { ContainerExec, type ExecEnd, startFailure } from "./container_exec.ts";
import { type ContainerWatch, describeStopped } from "./container_watch.ts";
import { type AsidePlace, SCRIPT_NAME, startDockerAside } from "./docker_aside.ts";
import { EngineRefusal } from "./engine_errors.ts";
import { makeLaunchTag, signalLaunch } from "./launch_tag.ts";

/** Where a session runs. */
export interface SessionPlace extends AsidePlace {
  /** Tells when the container stops running commands. */
  readonly watch: ContainerWatch;
}

/** The launch script's first byte: its markers begin with RS. Anything else is the engine's. */
const MARKER_START = 0x1e;

/**
 * Launches a plan in a container.
 *
 * @param place Where.
 * @param plan What to start.
 * @returns The transport.
 * @throws {ExeckitError} `connect_failed`, `shell_not_found`, or `invalid_argument` for a user that
 *   the container does not know.
 */
export async function openDockerSession(
  place: SessionPlace,
  plan: LaunchPlan,
): Promise<DockerTransport> {
  const tag = makeLaunchTag(place.container);
  const session = new DockerTransport(await startLaunch(place, plan, tag), { place, plan, tag });
  try {
    await session.requireLaunch();
    return session;
  } catch (cause) {
    await session.close();
    throw cause;
  }
}

async function startLaunch(
  { engine, container, user }: SessionPlace,
  plan: LaunchPlan,
  tag: string,
): Promise<ContainerExec> {
  try {
    return await ContainerExec.start(engine, container, {
      argv: ["sh", "-c", plan.script, SCRIPT_NAME, ...plan.args, "inherit", tag],
      ...(user === undefined ? {} : { user }),
    });
  } catch (cause) {
    if (cause instanceof EngineRefusal) throw startFailure(cause.status, cause.text);
    throw cause;
  }
}

/** What a session was launched with. */
interface Launched {
  readonly place: SessionPlace;
  readonly plan: LaunchPlan;
  readonly tag: string;
}

/** A shell in a container. */
export class DockerTransport implements Transport {
  /** The kind of machine. */
  readonly kind = "docker";
  /** What the launch writes to standard output. */
  readonly stdout: ByteQueue;
  /** What it writes to standard error. */
  readonly stderr: ByteQueue;
  /** Settles when the launch or its container has ended, or the engine is gone. */
  readonly ended: Promise<TransportEnd>;
  readonly #exec: ContainerExec;
  readonly #launched: Launched;
  /** Settles when the container stops running commands, with what happened to it. */
  readonly #stopped: Promise<SafeText>;
  readonly #stopListening: () => void;
  #beside: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /**
   * Takes a started launch over.
   *
   * @param exec The launch script.
   * @param launched Where it runs, and what it was started with.
   */
  constructor(exec: ContainerExec, launched: Launched) {
    this.#exec = exec;
    this.#launched = launched;
    this.stdout = exec.streams.stdout;
    this.stderr = exec.streams.stderr;
    let tell: (detail: SafeText) => void = () => undefined;
    this.#stopped = new Promise((resolve) => tell = resolve);
    this.#stopListening = launched.place.watch.listen(tell);
    this.ended = this.#awaitEnd();
  }

  /**
   * Waits for the first byte, which tells the launch script from an engine that could not start it.
   *
   * @throws {ExeckitError} What went wrong.
   */
  async requireLaunch(): Promise<void> {
    const first = await withDeadline(this.stdout.waitForBytes(), LIMITS.openTimeoutMs);
    // A launch that is merely slow is the handshake's to judge; it has a deadline of its own.
    if (first === TIMED_OUT || this.stdout.peek() === MARKER_START) return;
    const end = await withDeadline(this.#exec.ended, LIMITS.closeTimeoutMs);
    const code = end !== TIMED_OUT && end.kind === "exited" ? end.code : undefined;
    throw startFailure(code, this.stdout.peekText());
  }

  /**
   * Lets something go on beside the session that must be over when the session is closed.
   *
   * @param work What goes on; it ends by itself when the container is gone.
   */
  runBeside(work: Promise<void>): void {
    this.#beside = work;
  }

  /**
   * Writes to the shell.
   *
   * @param bytes What to write.
   * @throws {ExeckitError} `session_lost`.
   */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#exec.streams.write(bytes);
    } catch (cause) {
      throw new ExeckitError({
        code: "session_lost",
        message: safe`Cannot write to the shell in the container`,
        cause,
      });
    }
  }

  /**
   * Starts a script beside the shell.
   *
   * @param aside The script.
   * @returns The running script.
   * @throws {ExeckitError} `session_lost`.
   */
  startAside(aside: AsideScript): Promise<AsideProcess> {
    return startDockerAside(this.#launched.place, aside);
  }

  /** Ends everything that the session started, and waits for that. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #awaitEnd(): Promise<TransportEnd> {
    const first = await Promise.race([this.#exec.ended, this.#stopped]);
    const detail = typeof first === "string" ? first : await this.#whyEnded(first);
    this.#stopListening();
    // The streams of a paused container never end by themselves.
    this.#exec.streams.destroy();
    if (this.#closing !== undefined) return { reason: "closed" };
    return detail === undefined ? { reason: "ended" } : { reason: "lost", detail };
  }

  /** A shell that ends with its container was not ended by anything it ran. */
  async #whyEnded(end: ExecEnd): Promise<SafeText | undefined> {
    if (end.kind === "lost") return safe`the engine closed the connection`;
    if (end.code !== undefined && end.code <= 128) return undefined;
    // The engine's own account says more than a look, and a container can be up again by now.
    const told = await withDeadline(this.#stopped, LIMITS.markerGraceMs);
    const { engine, container } = this.#launched.place;
    return told === TIMED_OUT ? await describeStopped(engine, container) : told;
  }

  /** The launch script's relay ends the session's processes when its input ends. */
  async #close(): Promise<void> {
    this.#exec.streams.closeInput();
    let end = await withDeadline(
      Promise.race([this.#exec.ended, this.#stopped]),
      LIMITS.wakeAfterMs,
    );
    if (await this.#isWithinReach(end)) {
      if (end === TIMED_OUT) {
        // A command can stop the launch script's processes; they see no end until they wake.
        await this.#tryBeside(() => signalLaunch(this, this.#launched.tag, "CONT"));
        end = await withDeadline(this.#exec.ended, LIMITS.closeTimeoutMs);
      }
      if (!isClean(end)) await this.#sweep();
    }
    await withDeadline(this.#beside, LIMITS.closeTimeoutMs);
    this.#exec.streams.destroy();
    this.#stopListening();
  }

  /** Whether there is anything to be gained by asking the container for more. */
  async #isWithinReach(end: CloseEnd): Promise<boolean> {
    if (isClean(end)) return true;
    const { engine, container } = this.#launched.place;
    return await describeStopped(engine, container) === undefined;
  }

  async #sweep(): Promise<void> {
    const { plan: { sweep }, tag } = this.#launched;
    await this.#tryBeside(() => signalLaunch(this, tag, "KILL"));
    if (sweep === undefined) return;
    await this.#tryBeside(() => runAside(this, { ...sweep, timeoutMs: LIMITS.closeTimeoutMs }));
  }

  /** What cannot be run because the container has just ended needs not be run. */
  async #tryBeside(run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (cause) {
      if (!(cause instanceof ExeckitError)) throw cause;
    }
  }
}

/** How the end of the input was answered: by an exit, by the container's own end, or not at all. */
type CloseEnd = ExecEnd | SafeText | typeof TIMED_OUT;

function isClean(end: CloseEnd): boolean {
  return typeof end === "object" && end.kind === "exited" && end.code === 0;
}
