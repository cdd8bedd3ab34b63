/**
 * Records what a transport carries.
 *
 * @module
 */

import type { ErrorCode } from "../error_codes.ts";
import { ExeckitError } from "../errors.ts";
import type {
  AsideProcess,
  AsideScript,
  LaunchPlan,
  Transport,
  TransportEnd,
  TransportFactory,
} from "../transports/transport.ts";
import {
  digestAside,
  encodeBase64,
  type Transcript,
  type TranscriptChunk,
  type TranscriptEnd,
  type TranscriptMoment,
  WrittenKeys,
} from "./transcript.ts";

/** A factory that records, and its record. */
export interface RecordingFactory {
  /** The factory to open one session with. */
  readonly factory: TransportFactory;
  /** The record so far. What is taken after the session has closed is whole. */
  transcript(): Transcript;
}

/**
 * Wraps a factory so that what its transports carry is recorded: the streams, the scripts beside the
 * shell, and the ends, over every shell that the session starts. The record is for one session.
 *
 * What the session writes is not kept, but for the keys of its markers; arguments and input of
 * scripts beside the shell are not kept either. All that commands and such scripts print is, and
 * nothing of it is redacted: the first such script prints the shell's environment. Look at a record
 * before it leaves the machine; outputs of scripts that a test does not need can be taken out.
 *
 * @param inner The factory to record.
 * @returns The recording factory.
 */
export function recordTransport(inner: TransportFactory): RecordingFactory {
  const record = new Recording();
  return {
    factory: {
      kind: inner.kind,
      target: inner.target,
      makeKey: () => {
        const key = inner.makeKey?.() ?? randomKey();
        record.keys.push(key);
        return key;
      },
      open: (plan) => record.open(inner, plan),
      close: async () => await inner.close?.(),
    },
    transcript: () => record.transcript(),
  };
}

/** A script beside the shell while it is recorded. */
interface RecordedAside {
  readonly what: string;
  readonly stdout: string[];
  exitCode?: number | null;
  refused?: ErrorCode;
}

/** A transport that was asked for, while it is recorded. */
interface RecordedLaunch {
  readonly afterMade: number;
  refused?: ErrorCode;
}

/** The record while it grows. */
class Recording {
  readonly keys: string[] = [];
  readonly #written = new WrittenKeys(this.keys);
  readonly #chunks: TranscriptChunk[] = [];
  readonly #asides: RecordedAside[] = [];
  readonly #launches: RecordedLaunch[] = [];
  readonly #ends: TranscriptEnd[] = [];

  transcript(): Transcript {
    return {
      version: 2,
      keys: [...this.keys],
      chunks: [...this.#chunks],
      asides: this.#asides.map(({ stdout, ...aside }) => ({
        ...aside,
        ...(stdout.length === 0 ? {} : { stdout: [...stdout] }),
      })),
      launches: this.#launches.map((launch) => ({ ...launch })),
      ends: [...this.#ends],
    };
  }

  async open(inner: TransportFactory, plan: LaunchPlan): Promise<Transport> {
    const launch: RecordedLaunch = { afterMade: this.keys.length };
    const index = this.#launches.push(launch) - 1;
    const transport = await noteRefusal(launch, inner.open(plan));
    return recorded(transport, this, index);
  }

  wrote(bytes: Uint8Array): void {
    this.#written.look(bytes);
  }

  arrived(launch: number, stream: TranscriptChunk["stream"], bytes: Uint8Array): void {
    this.#chunks.push({ stream, ...this.#moment(launch), base64: encodeBase64(bytes) });
  }

  ended(launch: number, of: TranscriptEnd["of"], end?: TransportEnd): void {
    this.#ends.push({
      of,
      ...(end === undefined ? {} : { reason: end.reason }),
      ...this.#moment(launch),
      afterChunks: this.#chunks.length,
    });
  }

  async startAside(transport: Transport, script: AsideScript): Promise<AsideProcess> {
    const aside: RecordedAside = { what: digestAside(script), stdout: [] };
    // It counts from here on: what it causes may arrive before it is known to have started.
    this.#asides.push(aside);
    return recordedAside(await noteRefusal(aside, transport.startAside(script)), aside);
  }

  #moment(launch: number): TranscriptMoment {
    return {
      ...(launch === 0 ? {} : { launch }),
      afterKeys: this.#written.count,
      ...(this.#written.writes === 0 ? {} : { afterWrites: this.#written.writes }),
      ...(this.#asides.length === 0 ? {} : { afterAsides: this.#asides.length }),
    };
  }
}

function recorded(transport: Transport, record: Recording, launch: number): Transport {
  let closed = false;
  async function* tap(stream: "stdout" | "stderr"): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of transport[stream]) {
        if (!closed) record.arrived(launch, stream, chunk);
        yield chunk;
      }
    } finally {
      // A stream that fails has ended too.
      if (!closed) record.ended(launch, stream);
    }
  }
  void transport.ended.then((end) => {
    if (!closed) record.ended(launch, "transport", end);
  });
  return {
    kind: transport.kind,
    stdout: tap("stdout"),
    stderr: tap("stderr"),
    ended: transport.ended,
    write: (bytes) => {
      record.wrote(bytes);
      return transport.write(bytes);
    },
    startAside: (aside) => record.startAside(transport, aside),
    close: () => {
      closed = true;
      return transport.close();
    },
  };
}

function recordedAside(process: AsideProcess, aside: RecordedAside): AsideProcess {
  let released = false;
  async function* tap(): AsyncGenerator<Uint8Array> {
    for await (const chunk of process.stdout) {
      aside.stdout.push(encodeBase64(chunk));
      yield chunk;
    }
  }
  void process.exited.then((code) => {
    if (!released) aside.exitCode = code ?? null;
  });
  return {
    stdout: tap(),
    exited: process.exited,
    write: (bytes) => process.write(bytes),
    closeInput: () => process.closeInput(),
    release: () => {
      released = true;
      return process.release();
    },
  };
}

async function noteRefusal<T>(of: { refused?: ErrorCode }, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (cause) {
    if (cause instanceof ExeckitError) of.refused = cause.code;
    throw cause;
  }
}

function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
