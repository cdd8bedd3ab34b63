/**
 * A program on the host, seen as bytes.
 *
 * @module
 */

import { TIMED_OUT, withDeadline } from "../../clock.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { ByteSource } from "./byte_source.ts";
import type { SshRoute } from "./jump_chain.ts";
import type { Ssh2Channel } from "./ssh2_module.ts";

/** Milliseconds between the end of a channel and the end of its connection, when both break. */
const SAME_BREAK_MS = 50;

/** How a program on the host ended. */
export type ChannelOutcome =
  /** It exited. */
  | { readonly kind: "exited"; readonly code: number }
  /** A signal ended it. */
  | { readonly kind: "killed" }
  /** The connection broke, or the host dropped the channel, before it said anything. */
  | { readonly kind: "lost"; readonly detail: SafeText };

/** A program on the host. */
export class SshChannel {
  /** What it writes to standard output. */
  readonly stdout: ByteSource;
  /** What it writes to standard error. */
  readonly stderr: ByteSource;
  /** How it ended; settles once and never rejects. */
  readonly outcome: Promise<ChannelOutcome>;
  /** Settles when the channel's place is free again; never rejects. */
  readonly closed: Promise<void>;
  readonly #channel: Ssh2Channel;
  readonly #route: SshRoute;
  readonly #waiting = new Set<(cause: Error) => void>();
  #over = false;

  /**
   * Wraps a channel that was just opened.
   *
   * @param channel The channel.
   * @param route The connection that it is on.
   */
  constructor(channel: Ssh2Channel, route: SshRoute) {
    this.#channel = channel;
    this.#route = route;
    this.stdout = new ByteSource(channel);
    this.stderr = new ByteSource(channel.stderr);
    // A write that fails tells whoever wrote; there is nobody else to tell.
    channel.on("error", () => undefined);
    const channelClosed = new Promise<void>((resolve) => channel.once("close", () => resolve()));
    this.closed = Promise.race([channelClosed, route.ended.then(() => undefined)]);
    this.outcome = this.#watch();
    void Promise.race([this.outcome, this.closed]).then(() => this.#finish());
  }

  /**
   * Writes to the program's standard input, and waits until the host takes it.
   *
   * @param bytes What to write.
   * @throws {Error} When the program or the connection is gone.
   */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#over || !this.#channel.writable) return Promise.reject(inputGone());
    return new Promise((resolve, reject) => {
      // A channel that is closed under a write never calls back.
      this.#waiting.add(reject);
      this.#channel.write(bytes, (error) => {
        this.#waiting.delete(reject);
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
  }

  /** Ends the program's standard input. It is no error when that has ended already. */
  endInput(): void {
    if (!this.#over && this.#channel.writable) this.#channel.end();
  }

  /** Asks the host to kill the program; not every server does it. */
  kill(): void {
    this.#route.connection.kill(this.#channel);
  }

  /** Gives the channel up. The program goes on, if it still runs. */
  close(): void {
    this.stdout.cancel();
    this.stderr.cancel();
    if (!this.#route.connection.gone) this.#channel.close();
  }

  async #watch(): Promise<ChannelOutcome> {
    const exited = new Promise<ChannelOutcome>((resolve) => {
      this.#channel.once("exit", (code: number | null) => {
        resolve(code === null ? { kind: "killed" } : { kind: "exited", code });
      });
    });
    const outcome = await Promise.race([exited, this.closed]);
    if (outcome !== undefined) return outcome;
    const detail = await withDeadline(this.#route.ended, SAME_BREAK_MS);
    return {
      kind: "lost",
      detail: detail === TIMED_OUT
        ? safe`the host closed the channel`
        : detail ?? safe`the host ended the connection`,
    };
  }

  #finish(): void {
    this.#over = true;
    for (const reject of this.#waiting) reject(inputGone());
    this.#waiting.clear();
  }
}

function inputGone(): Error {
  return new Error("The program on the host takes no more input");
}
