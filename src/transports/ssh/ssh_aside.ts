/**
 * A script beside a session's shell, on a channel of its own.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { joinBytes } from "../../join_bytes.ts";
import { LIMITS } from "../../limits.ts";
import { runAside } from "../run_aside.ts";
import type { AsideProcess, AsideScript } from "../transport.ts";
import { readGreeting, remoteCommandLine } from "./command_line.ts";
import type { PooledChannel } from "./connection_pool.ts";
import type { SshChannel } from "./ssh_channel.ts";

/** Milliseconds that a signal has to end a script before it is killed by another one. */
const KILL_WAIT_MS = 500;
/** Bytes of standard error that are looked through for the greeting. */
const STDERR_MAX_BYTES = 64 * 1024;

/** Opens a channel for a line. */
export type OpenAside = (line: string) => Promise<PooledChannel>;

/** A script beside the shell. */
export class SshAside implements AsideProcess {
  /** What it writes to standard output. */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Its exit code; undefined when it was killed or the connection broke. */
  readonly exited: Promise<number | undefined>;
  readonly #channel: SshChannel;
  readonly #open: OpenAside;
  readonly #pid: Promise<number | undefined>;
  #ended = false;
  #killed = false;

  /** Use {@linkcode SshAside.start}. */
  private constructor(channel: SshChannel, key: string, open: OpenAside) {
    this.#channel = channel;
    this.#open = open;
    this.stdout = channel.stdout;
    this.#pid = findPid(channel.stderr, key);
    this.exited = channel.outcome.then((outcome) => {
      this.#ended = true;
      return this.#killed || outcome.kind !== "exited" ? undefined : outcome.code;
    });
  }

  /**
   * Starts one.
   *
   * @param aside The script.
   * @param open Opens the channel, and another one if it has to be killed.
   * @returns The running script.
   * @throws {ExeckitError} When there is no channel for it.
   */
  static async start({ script, args = [] }: AsideScript, open: OpenAside): Promise<SshAside> {
    const key = randomBytes(8).toString("hex");
    const line = remoteCommandLine({ script, args, greeting: { key, stream: "stderr" } });
    const { channel } = await open(line);
    return new SshAside(channel, key, open);
  }

  /**
   * Writes to its standard input.
   *
   * @param bytes What to write.
   * @throws {Error} When it takes no more input.
   */
  write(bytes: Uint8Array): Promise<void> {
    return this.#channel.write(bytes);
  }

  /** Ends its standard input. */
  closeInput(): Promise<void> {
    this.#channel.endInput();
    return Promise.resolve();
  }

  /** Kills it if it still runs, and gives its channel back. */
  async release(): Promise<void> {
    if (!this.#ended) {
      this.#killed = true;
      this.#channel.kill();
      const ended = await withDeadline(this.exited, KILL_WAIT_MS);
      if (ended === TIMED_OUT) await this.#killBeside();
    }
    this.#channel.close();
  }

  /** For a server that passes no signals on, such as OpenSSH before 7.9. */
  async #killBeside(): Promise<void> {
    const pid = await withDeadline(this.#pid, KILL_WAIT_MS);
    if (pid === TIMED_OUT || pid === undefined) return;
    try {
      await runAside({ startAside: (aside) => SshAside.start(aside, this.#open) }, {
        script: 'kill -s KILL "-$1" 2>/dev/null || kill -s KILL -- "-$1" || kill -s KILL "$1"',
        args: [String(pid)],
        timeoutMs: LIMITS.asideTimeoutMs,
      });
    } catch (cause) {
      // A host that cannot be reached any more ends its side by itself.
      if (!(cause instanceof ExeckitError)) throw cause;
    }
  }
}

/** Reads standard error to its end, and finds the process id in its beginning. */
function findPid(source: AsyncIterable<Uint8Array>, key: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    void read();
    async function read(): Promise<void> {
      let written = new Uint8Array(0);
      for await (const chunk of source) {
        if (written.length >= STDERR_MAX_BYTES) continue;
        written = joinBytes([written, chunk]);
        const pid = readGreeting(written, key)?.pid;
        if (pid !== undefined) resolve(pid);
      }
      resolve(undefined);
    }
  });
}
