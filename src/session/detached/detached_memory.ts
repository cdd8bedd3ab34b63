/**
 * What a registry of sessions remembers of detached commands, within a bound.
 *
 * @module
 */

import { LIMITS } from "../../limits.ts";
import type { StreamName } from "../../output/output_store.ts";
import type { SafeText } from "../../safe_text.ts";
import type { DetachedStatus } from "./detached_commands.ts";
import type { DetachedLines } from "./detached_pages.ts";

/** Where a read of a stream begins. */
export type StreamPlace = Pick<DetachedLines, "from" | "fromByte">;

/** How a command stands, as far as it is remembered. */
export type SeenStatus = Pick<DetachedStatus, "id" | "state" | "begunMs">;

/** What is remembered of a command. */
interface Remembered {
  readonly isOver: boolean;
  readonly begunMs: number;
  /** The session by which it was seen, so that not every machine has to be asked. */
  readonly sessionId?: string;
  /** The session that started it, which knows best what in its output is secret. */
  readonly startedIn?: SafeText;
  /** Where its streams are read on. */
  readonly places: Map<StreamName, StreamPlace>;
}

/** Remembers detached commands: where they were seen, and how far they were read. */
export class DetachedMemory {
  readonly #maxCommands: number;
  /** By id, the last seen or read last. */
  readonly #commands = new Map<string, Remembered>();
  /** When the last begun of those began whose place was forgotten. */
  #forgottenBegunMs = -Infinity;

  /** @param maxCommands Commands that are remembered at most, but for running ones that were read. */
  constructor(maxCommands: number = LIMITS.detachedRemembered) {
    this.#maxCommands = maxCommands;
  }

  /**
   * Gives what is remembered of a command.
   *
   * @param id The command's id.
   * @returns Where it was started and seen, and whether it had ended by then; undefined when nothing is
   *   known of it.
   */
  get(id: string): Pick<Remembered, "sessionId" | "startedIn" | "isOver"> | undefined {
    return this.#commands.get(id);
  }

  /**
   * Notes that a command was started.
   *
   * @param status How it stands.
   * @param sessionId The session that started it.
   */
  started(status: SeenStatus, sessionId: SafeText): void {
    this.#remember(status, { sessionId, startedIn: sessionId });
    this.#forgetOldest();
  }

  /**
   * Notes how a command stands.
   *
   * @param status How it stands.
   * @param sessionId The session by which it was seen.
   */
  saw(status: SeenStatus, sessionId: string): void {
    this.#remember(status, { sessionId });
    this.#forgetOldest();
  }

  /**
   * Notes how far a stream was read.
   *
   * @param status How its command stands.
   * @param stream The stream.
   * @param place Where the next read begins.
   */
  readTo(status: SeenStatus, stream: StreamName, place: StreamPlace): void {
    this.#remember(status, {}).places.set(stream, place);
    this.#forgetOldest();
  }

  /**
   * Tells where the next read of a stream begins.
   *
   * @param id The command's id.
   * @param stream The stream.
   * @returns The line, and the bytes of it to leave out; undefined when it was not read.
   */
  placeOf(id: string, stream: StreamName): StreamPlace | undefined {
    return this.#commands.get(id)?.places.get(stream);
  }

  /**
   * Tells whether a command may have been read, and that is no longer known.
   *
   * @param status How it stands.
   */
  mayHaveForgotten({ id, begunMs }: SeenStatus): boolean {
    const isRead = (this.#commands.get(id)?.places.size ?? 0) > 0;
    return !isRead && begunMs <= this.#forgottenBegunMs;
  }

  #remember(
    { id, state, begunMs }: SeenStatus,
    seen: Pick<Remembered, "sessionId" | "startedIn">,
  ): Remembered {
    const before = this.#commands.get(id);
    const now = { places: new Map(), ...before, ...seen, isOver: state !== "running", begunMs };
    this.#commands.delete(id);
    this.#commands.set(id, now);
    return now;
  }

  /**
   * Ended commands that nobody read are forgotten first, then running ones: they are found again by
   * asking their machine. Then ended ones that were read, which is told. Where a running command was
   * read to is never forgotten.
   */
  #forgetOldest(): void {
    this.#forget(({ isOver, places }) => isOver && places.size === 0);
    this.#forget(({ places }) => places.size === 0);
    this.#forget(({ isOver }) => isOver);
  }

  #forget(mayGo: (command: Remembered) => boolean): void {
    for (const [id, command] of this.#commands) {
      if (this.#commands.size <= this.#maxCommands) return;
      if (!mayGo(command)) continue;
      this.#commands.delete(id);
      if (command.places.size === 0) continue;
      this.#forgottenBegunMs = Math.max(this.#forgottenBegunMs, command.begunMs);
    }
  }
}
