/**
 * What is known of one framed command while its markers arrive. Pure but for one timer.
 *
 * @module
 */

import { startGrace } from "../clock.ts";
import { LIMITS } from "../limits.ts";
import type { Marker } from "./markers.ts";

/** The two streams of a session. */
export type StreamName = "stdout" | "stderr";

/**
 * Receives output bytes. A promise that it gives, which settles soon and never rejects, holds back
 * what comes next on the stream, and so whoever writes it; anything else means nothing.
 */
export type OutputSink = (stream: StreamName, bytes: Uint8Array) => unknown;

/**
 * How a frame came to its end.
 *
 * - `ended`: every marker is there.
 * - `aborted`: the shell dropped the rest of the line (a fatal expansion error, an interrupt, or
 *   words that do not mean what they should) and takes the next one.
 * - `restarted`: bash left by `exit` and re-entered itself.
 * - `unmarked`: the prompt says that it ended, but the end marker on stdout is missing.
 * - `unproven`: the end markers are there, but the prompt does not confirm them.
 * - `stale`: the shell took the frame without noticing its nonce.
 * - `died`: the shell's process ended.
 */
export type Settlement =
  | "ended"
  | "aborted"
  | "restarted"
  | "unmarked"
  | "unproven"
  | "stale"
  | "died";

/** What an end marker or a prompt says. */
export interface FrameEnd {
  /** The command's exit status. */
  readonly status: number;
  /** The working directory. */
  readonly cwd: string;
}

/** How a frame is to be judged. */
export interface FrameExpectation {
  /** The frame's nonce. */
  readonly nonce: string;
  /** The nonce of the frame before it, whose prompt may come again. */
  readonly previousNonce: string;
  /** Whether the dialect prints prompts. */
  readonly prompts: boolean;
  /** Whether the command runs on the terminal. */
  readonly tty: boolean;
  /** Called when only the prompt is missing, to make the shell show it. */
  readonly nudge: () => void;
}

/** Milliseconds that a prompt may come behind the end markers before the shell is nudged. */
const NUDGE_AFTER_MS = 5;

/** One frame from its sending to its end. */
export class FrameState {
  /** What it is judged by. */
  readonly expectation: FrameExpectation;
  /** Settles once, when the frame's end is known as well as it will be. */
  readonly settled: Promise<Settlement>;
  #resolve: (settlement: Settlement) => void = () => undefined;
  #stopTimer: () => void = () => undefined;
  #result: Settlement | undefined;
  #begun = false;
  #end: FrameEnd | undefined;
  #prompt: FrameEnd & { readonly aborted: boolean } | undefined;
  #stderrEnded = false;
  #terminalEnded: boolean;
  readonly #restarts = new Map<StreamName, FrameEnd>();

  /**
   * Starts to wait for a frame.
   *
   * @param expectation How to judge it.
   */
  constructor(expectation: FrameExpectation) {
    this.expectation = expectation;
    this.#terminalEnded = !expectation.tty;
    this.settled = new Promise((resolve) => this.#resolve = resolve);
  }

  /** Whether the command ran: a frame says that it begins only when its words are genuine. */
  get begun(): boolean {
    return this.#begun;
  }

  /** How it settled, once it has. */
  get result(): Settlement | undefined {
    return this.#result;
  }

  /** Status and cwd at the end, from the best witness there is. */
  get end(): FrameEnd | undefined {
    return this.#end ?? this.#restarts.get("stdout") ?? this.#prompt;
  }

  /**
   * Takes a marker.
   *
   * @param stream Where it was found.
   * @param marker The marker.
   */
  accept(stream: StreamName, marker: Marker): void {
    if (marker.key !== this.expectation.nonce) {
      if (marker.key === this.expectation.previousNonce && marker.kind === "P" && !this.#begun) {
        this.#settleLater("stale");
      }
      return;
    }
    switch (marker.kind) {
      case "B":
        this.#begun = true;
        break;
      case "E":
        this.#end = parseEnd(marker.payload);
        break;
      case "S":
        this.#stderrEnded = true;
        break;
      case "T":
        this.#terminalEnded = true;
        break;
      case "P":
        this.#prompt = parsePrompt(marker.payload);
        break;
      case "R":
        this.#restarts.set(stream, parseEnd(marker.payload));
        break;
      default:
        return;
    }
    this.#judge();
  }

  /** Says that the shell's process has ended. */
  die(): void {
    this.#settle("died");
  }

  #judge(): void {
    if (this.#restarts.size === 2) return this.#settle("restarted");
    if (!this.expectation.prompts) {
      if (this.#end === undefined || !this.#stderrEnded) return;
      return this.#terminalEnded ? this.#settle("ended") : this.#settleLater("ended");
    }
    if (this.#prompt === undefined) {
      if (this.#end !== undefined && this.#stderrEnded) this.#awaitPrompt();
    } else if (this.#prompt.aborted) {
      this.#settle("aborted");
    } else if (this.#end === undefined) {
      this.#settleLater("unmarked");
    } else if (this.#terminalEnded) {
      this.#settle("ended");
    } else {
      this.#settleLater("ended");
    }
  }

  /** After an unclosed quote bash shows its prompt only when it gets another line. */
  #awaitPrompt(): void {
    this.#stopTimer();
    const timer = setTimeout(() => {
      this.expectation.nudge();
      this.#settleLater("unproven");
    }, NUDGE_AFTER_MS);
    this.#stopTimer = () => clearTimeout(timer);
  }

  /** Markers on two streams arrive in any order: the missing one has a moment to come. */
  #settleLater(settlement: Settlement): void {
    if (this.#result !== undefined) return;
    this.#stopTimer();
    this.#stopTimer = startGrace(LIMITS.markerGraceMs, () => {
      if (settlement === "stale" && this.#begun) return;
      this.#settle(settlement);
    });
  }

  #settle(settlement: Settlement): void {
    if (this.#result !== undefined) return;
    this.#stopTimer();
    this.#result = settlement;
    this.#resolve(settlement);
  }
}

/** `status cwd`. */
function parseEnd(payload: string): FrameEnd {
  const [status, cwd] = splitFields(payload, 2);
  return { status: Number(status), cwd: cwd ?? "" };
}

/** `A|D status cwd`. */
function parsePrompt(payload: string): FrameEnd & { aborted: boolean } {
  const [state, status, cwd] = splitFields(payload, 3);
  return { aborted: state === "A", status: Number(status), cwd: cwd ?? "" };
}

/**
 * Splits at single spaces; the last field keeps its own.
 *
 * @param payload The text.
 * @param count How many fields there are.
 * @returns The fields.
 */
export function splitFields(payload: string, count: number): string[] {
  const fields: string[] = [];
  let rest = payload;
  while (fields.length < count - 1) {
    const at = rest.indexOf(" ");
    if (at === -1) break;
    fields.push(rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  fields.push(rest);
  return fields;
}
