/**
 * Detached commands as a registry of sessions finds them: by their id alone, through any open session
 * on their machine, and read on from where the last read stopped.
 *
 * @module
 */

import { epochMs, TIMED_OUT, withDeadline } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { StreamName } from "../output/output_store.ts";
import type { OutputPage } from "../output/store/output_page.ts";
import { safe, type SafeText } from "../safe_text.ts";
import type { DetachedOnMachine, DetachedStatus } from "./detached/detached_commands.ts";
import { DetachedMemory, type SeenStatus, type StreamPlace } from "./detached/detached_memory.ts";
import type { RegistrySession, SessionRegistry } from "./session_registry.ts";

/** A detached command, and a session by which it is reached. */
export interface FoundDetached {
  /** The id of an open session on its machine. */
  readonly sessionId: SafeText;
  /** The kind of machine. */
  readonly transport: RegistrySession["transport"];
  /** What a person would call the machine. */
  readonly target: SafeText;
  /** How it stands. */
  readonly status: DetachedStatus;
}

/** The detached commands that were found, and where was looked. */
export interface DetachedList {
  /** The commands: running ones first, then the last started. */
  readonly commands: readonly FoundDetached[];
  /** The machines that answered, as {@linkcode machineName} names them. */
  readonly machines: ReadonlySet<string>;
}

/** A command, and the machine that it is on. */
export type DetachedAnywhere = Pick<FoundDetached, "transport" | "target"> & {
  /** Its id. */
  readonly id: SafeText;
};

/** Milliseconds that a list waits for a machine: an impatient client must get the others. */
const LIST_TIMEOUT_MS = 2000;

interface Reach {
  readonly sessionId: SafeText;
  readonly session: RegistrySession;
}

/** The detached commands on the machines of a registry's open sessions. */
export class RegisteredDetached {
  readonly #registry: SessionRegistry;
  readonly #memory = new DetachedMemory();

  /** @param registry The sessions. */
  constructor(registry: SessionRegistry) {
    this.#registry = registry;
  }

  /**
   * Lists the detached commands on the machines of all open sessions. A machine that does not answer
   * in time is left out.
   *
   * @returns The commands, and the machines that answered.
   */
  async list(): Promise<DetachedList> {
    const answers = await Promise.all(this.#machines().map((reach) => this.#listOn(reach)));
    const answered = answers.filter((answer) => answer !== undefined);
    // Two names may lead to the same machine.
    const all = new Map(
      answered.flatMap(({ found }) => found).map((found) => [String(found.status.id), found]),
    );
    const commands = [...all.values()].sort(inListOrder);
    // The first ones are remembered longest; no list is so long that the rest is worth it.
    const remembered = commands.slice(0, LIMITS.detachedRemembered).reverse();
    for (const { status, sessionId } of remembered) this.#memory.saw(status, sessionId);
    return {
      commands,
      machines: new Set(answered.map(({ machine }) => machine)),
    };
  }

  /**
   * Notes that a command was started. While its session is open, it is read through that one.
   *
   * @param id The command's id.
   * @param sessionId The session's id.
   */
  started(id: SafeText, sessionId: SafeText): void {
    this.#memory.started({ id, state: "running", begunMs: epochMs() }, sessionId);
  }

  /**
   * Finds a command.
   *
   * @param id Its id.
   * @returns The detached commands of its machine.
   * @throws {ExeckitError} `unknown_command` when no machine that answers knows it.
   */
  async find(id: string): Promise<DetachedOnMachine> {
    const seenIn = this.#memory.get(id)?.sessionId;
    const starter = this.#starterOf(id);
    const machines = this.#machines();
    const first = machines.filter(({ sessionId }) => sessionId === seenIn);
    const reaches = [...(starter === undefined ? [] : [starter]), ...first, ...machines];
    for (const { sessionId, session } of reaches) {
      try {
        this.#memory.saw(await session.detached.status(id), sessionId);
        return session.detached;
      } catch (cause) {
        if (!(cause instanceof ExeckitError)) throw cause;
      }
    }
    throw new ExeckitError({
      code: "unknown_command",
      message: safe`Cannot find a detached command with this id on a machine with an open session`,
      hint: safe`See session_list for its machine, and open a session there`,
    });
  }

  /**
   * Asks the machines that are within reach for what has ended on them.
   *
   * @returns A function that tells of a command whether it has ended, or is gone from its machine;
   *   false also when its machine does not answer.
   */
  async askEnded(): Promise<(command: DetachedAnywhere) => Promise<boolean>> {
    const { commands, machines } = await this.list();
    const running = new Set(
      commands.filter(({ status }) => status.state === "running").map(({ status }) => status.id),
    );
    return async (command) =>
      machines.has(machineName(command)) && !running.has(command.id) && await this.#isOver(command);
  }

  /** A list that is cut off may lack a command, so that its machine is asked for it alone. */
  async #isOver({ id }: DetachedAnywhere): Promise<boolean> {
    try {
      return (await (await this.find(id)).status(id)).state !== "running";
    } catch (cause) {
      if (cause instanceof ExeckitError) return cause.code === "unknown_command";
      throw cause;
    }
  }

  /**
   * Tells where the next read of a stream begins.
   *
   * @param status How its command stands.
   * @param stream The stream.
   * @returns The line, and the bytes of it to leave out; and whether it is the first line because
   *   where the last read stopped may have been forgotten.
   */
  placeOf(
    status: SeenStatus,
    stream: StreamName,
  ): { readonly place: StreamPlace; readonly mayBeForgotten: boolean } {
    const place = this.#memory.placeOf(status.id, stream);
    const mayBeForgotten = place === undefined && this.#memory.mayHaveForgotten(status);
    return { place: place ?? { from: 1 }, mayBeForgotten };
  }

  /**
   * Lets the next read begin behind a part. A last line that has no end yet is given again.
   *
   * @param status How the command stands.
   * @param stream The stream.
   * @param page What was read, and has reached its reader.
   */
  keepPlace(status: SeenStatus, stream: StreamName, page: OutputPage): void {
    const last = page.lines.at(-1);
    if (last === undefined) return;
    const { nextLine, nextByte } = page;
    const behind = last.endsLine
      ? { from: last.line + 1 }
      : { from: last.line, fromByte: last.fromByte };
    const place = nextLine === undefined
      ? behind
      : { from: nextLine, ...(nextByte === undefined ? {} : { fromByte: nextByte }) };
    this.#memory.readTo(status, stream, place);
  }

  async #listOn(
    { sessionId, session }: Reach,
  ): Promise<{ machine: string; found: FoundDetached[] } | undefined> {
    try {
      const listed = await withDeadline(session.detached.list(), LIST_TIMEOUT_MS);
      if (listed === TIMED_OUT) return undefined;
      const { transport, target } = session;
      const found = listed.map((status) => {
        const starter = this.#starterOf(status.id);
        const command = starter?.session.redact(status.command) ?? status.command;
        return { sessionId, transport, target, status: { ...status, command } };
      });
      return { machine: machineName(session), found };
    } catch (cause) {
      // A session whose link is lost has nothing to say of its machine.
      if (cause instanceof ExeckitError) return undefined;
      throw cause;
    }
  }

  /** The session that started a command, while it is open: it knows what is secret there. */
  #starterOf(id: string): Reach | undefined {
    const sessionId = this.#memory.get(id)?.startedIn;
    if (sessionId === undefined) return undefined;
    try {
      return { sessionId, session: this.#registry.get(sessionId) };
    } catch (cause) {
      if (cause instanceof ExeckitError) return undefined;
      throw cause;
    }
  }

  /** One session of each machine. */
  #machines(): Reach[] {
    const byMachine = new Map<string, Reach>();
    for (const summary of this.#registry.list()) {
      const { sessionId } = summary;
      byMachine.set(machineName(summary), { sessionId, session: this.#registry.get(sessionId) });
    }
    return [...byMachine.values()];
  }
}

/**
 * Names a machine, to tell it from others.
 *
 * @param machine The kind of machine, and what a person would call it.
 * @returns The name.
 */
export function machineName(
  { transport, target }: Pick<RegistrySession, "transport" | "target">,
): string {
  return `${transport} ${target}`;
}

function inListOrder({ status: one }: FoundDetached, { status: other }: FoundDetached): number {
  const isRunning = (status: DetachedStatus) => status.state === "running" ? 1 : 0;
  return isRunning(other) - isRunning(one) || other.begunMs - one.begunMs;
}
