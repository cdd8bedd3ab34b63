/**
 * The memory transport: carries a transcript again, through the real shell, output and session code.
 *
 * @module
 */

import { sleepMs } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import { safe } from "../safe_text.ts";
import type {
  AsideProcess,
  AsideScript,
  Transport,
  TransportEnd,
  TransportFactory,
} from "../transports/transport.ts";
import {
  decodeBase64,
  digestAside,
  type Transcript,
  type TranscriptAside,
  type TranscriptChunk,
  type TranscriptEnd,
  WrittenKeys,
} from "./transcript.ts";

/** How a transcript is replayed. */
export interface ReplayOptions {
  /**
   * Cuts a chunk into those that arrive one by one. Default: the chunk as it was recorded.
   *
   * @param bytes The recorded chunk.
   * @param position How many bytes have arrived before it, over all streams.
   */
  split?: (bytes: Uint8Array, position: number) => readonly Uint8Array[];
}

/**
 * Makes a factory whose transports replay a transcript, for one session.
 *
 * What was recorded arrives as soon as the session has done what it had done by then. A session that
 * sends one command more, starts another script beside the shell or another shell gets an error at
 * once, and all of its transports are lost; a session that stops earlier gets none. The text of
 * commands and the input of scripts are not compared: the answer is that of the record.
 *
 * A transcript of version 1 holds no scripts beside the shell: each succeeds silently.
 *
 * @param transcript The record.
 * @param options How chunks are cut.
 * @returns The factory, of kind `memory`.
 * @throws {ExeckitError} `invalid_argument` when the transcript has a version of the future.
 */
export function replayTransport(
  transcript: Transcript,
  options: ReplayOptions = {},
): TransportFactory {
  // A record that was read from a file has the type that its reader has claimed for it.
  if (![1, 2].includes(transcript.version)) {
    throw new ExeckitError({
      code: "invalid_argument",
      message: safe`Cannot replay the transcript: its version is not known`,
      hint: safe`Record it again, or use the execkit that it was recorded with`,
    });
  }
  const replay = new Replay(transcript, options);
  return {
    kind: "memory",
    target: "memory",
    makeKey: () => replay.nextKey(),
    open: () => promised(() => replay.open()),
  };
}

/**
 * A session did what is not in the record. It is no {@linkcode ExeckitError}: the session copes with
 * those of a transport, and would go on with something else that is not in the record.
 */
class ReplayMismatch extends Error {
  override readonly name = "ReplayMismatch";
}

/** What arrives in order: a chunk, or an end. */
type Arrival = TranscriptChunk | TranscriptEnd;

/** One session's way through a record. */
class Replay {
  readonly #transcript: Transcript;
  readonly #split: NonNullable<ReplayOptions["split"]>;
  readonly #arrivals: readonly Arrival[];
  readonly #written: WrittenKeys;
  /** What was opened; undefined stands for what the record refuses. */
  readonly #launches: (ReplayedTransport | undefined)[] = [];
  #arrived = 0;
  #asides = 0;
  #made = 0;
  #position = 0;
  #mismatch: ReplayMismatch | undefined;

  constructor(transcript: Transcript, options: ReplayOptions) {
    this.#transcript = transcript;
    this.#split = options.split ?? ((bytes) => [bytes]);
    this.#arrivals = arrivalsOf(transcript);
    this.#written = new WrittenKeys(transcript.keys);
  }

  nextKey(): string {
    const key = this.#transcript.keys[this.#made++];
    if (key !== undefined) return key;
    if (this.#transcript.version === 1) return "0".repeat(24);
    throw this.#leave("it sends more than was recorded");
  }

  open(): Transport {
    if (this.#mismatch !== undefined) throw this.#mismatch;
    const recorded = launchesOf(this.#transcript)[this.#launches.length];
    if (recorded === undefined) throw this.#leave("it starts more shells than were recorded");
    if (recorded.afterMade !== undefined && recorded.afterMade !== this.#made) {
      throw this.#leave("it starts a shell where none was started");
    }
    if (recorded.refused !== undefined) {
      this.#launches.push(undefined);
      throw new ExeckitError({
        code: recorded.refused,
        message: safe`Cannot open the transport, as when it was recorded`,
      });
    }
    const transport = new ReplayedTransport(this);
    this.#launches.push(transport);
    this.#release();
    return transport;
  }

  wrote(bytes: Uint8Array): void {
    this.#written.look(bytes);
    this.#release();
  }

  startAside(script: AsideScript): AsideProcess {
    if (this.#mismatch !== undefined) throw this.#mismatch;
    if (this.#transcript.version === 1) return replayAside({ what: "", exitCode: 0 });
    const aside = this.#transcript.asides?.[this.#asides];
    if (aside === undefined || aside.what !== digestAside(script)) {
      throw this.#leave("it runs another script beside the shell");
    }
    this.#asides += 1;
    this.#release();
    if (aside.refused === undefined) return replayAside(aside);
    throw new ExeckitError({
      code: aside.refused,
      message: safe`Cannot start the script beside the shell, as when it was recorded`,
    });
  }

  /** Nothing of the record fits any more: what still waits for it must not wait for ever. */
  #leave(how: string): ReplayMismatch {
    this.#mismatch ??= new ReplayMismatch(
      `The session has left the record that is replayed: ${how} (after ${this.#made} keys, ` +
        `${this.#asides} scripts beside the shell and ${this.#launches.length} shells)`,
    );
    for (const transport of this.#launches) transport?.end("lost");
    return this.#mismatch;
  }

  #release(): void {
    for (;;) {
      const next = this.#arrivals[this.#arrived];
      if (next === undefined || !this.#isDue(next)) return;
      this.#arrived += 1;
      const transport = this.#launches[next.launch ?? 0];
      if ("base64" in next) {
        const bytes = decodeBase64(next.base64);
        for (const part of this.#split(bytes, this.#position)) transport?.[next.stream].push(part);
        this.#position += bytes.length;
      } else if (next.of === "transport") {
        transport?.settle(next.reason ?? "ended");
      } else {
        transport?.[next.of].end();
      }
    }
  }

  #isDue({ launch = 0, afterKeys, afterWrites = 0, afterAsides = 0 }: Arrival): boolean {
    const { count, writes } = this.#written;
    return launch < this.#launches.length && afterAsides <= this.#asides &&
      (afterKeys < count || (afterKeys === count && afterWrites <= writes));
  }
}

class ReplayedTransport implements Transport {
  readonly kind = "memory";
  readonly stdout: ByteQueue = new ByteQueue();
  readonly stderr: ByteQueue = new ByteQueue();
  readonly ended: Promise<TransportEnd>;
  readonly #replay: Replay;
  #gone = false;
  #settle: (end: TransportEnd) => void = () => undefined;

  constructor(replay: Replay) {
    this.#replay = replay;
    this.ended = new Promise((resolve) => this.#settle = resolve);
  }

  write(bytes: Uint8Array): Promise<void> {
    return promised(() => {
      if (!this.#gone) return this.#replay.wrote(bytes);
      throw new ExeckitError({
        code: "session_lost",
        message: safe`Cannot write to the shell: the replay has ended`,
      });
    });
  }

  startAside(aside: AsideScript): Promise<AsideProcess> {
    return promised(() => this.#replay.startAside(aside));
  }

  close(): Promise<void> {
    this.end("closed");
    return Promise.resolve();
  }

  /** The far side is gone, though what it wrote before may still be on its way. */
  settle(reason: TransportEnd["reason"]): void {
    this.#gone = true;
    this.#settle({ reason });
  }

  /** Nothing more comes. */
  end(reason: TransportEnd["reason"]): void {
    this.settle(reason);
    this.stdout.end();
    this.stderr.end();
  }
}

function replayAside(aside: TranscriptAside): AsideProcess {
  const stdout = new ByteQueue();
  for (const base64 of aside.stdout ?? []) stdout.push(decodeBase64(base64));
  let release = () => {};
  const released = new Promise<undefined>((resolve) => release = () => resolve(undefined));
  const { exitCode } = aside;
  if (exitCode !== undefined) stdout.end();
  return {
    stdout,
    // What it has caused on the shell's streams is there when it ends, as on a machine.
    exited: exitCode === undefined ? released : sleepMs(0).then(() => exitCode ?? undefined),
    write: () => Promise.resolve(),
    closeInput: () => Promise.resolve(),
    release: () => {
      stdout.end();
      release();
      return Promise.resolve();
    },
  };
}

/** A transport rejects, and does not throw. */
function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

/** What a record says of its transports; version 1 says nothing of its one. */
function launchesOf(
  { version, launches = [] }: Transcript,
): readonly Partial<NonNullable<Transcript["launches"]>[number]>[] {
  return version === 1 ? [{}] : launches;
}

/** Chunks and ends in the order in which they came. */
function arrivalsOf({ chunks, ends = [] }: Transcript): Arrival[] {
  const endsAfter = (count: number) => ends.filter(({ afterChunks }) => afterChunks === count);
  return [
    ...endsAfter(0),
    ...chunks.flatMap((chunk, index) => [chunk, ...endsAfter(index + 1)]),
  ];
}

/** An asynchronous queue of chunks. */
class ByteQueue implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  push(chunk: Uint8Array): void {
    if (chunk.length > 0 && !this.#ended) this.#chunks.push(chunk);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
