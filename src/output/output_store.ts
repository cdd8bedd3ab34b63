/**
 * The redacted output of one command, in bounded memory: the start and the end of each stream.
 *
 * @module
 */

import type { OutputTotals } from "../exec_result.ts";
import { LIMITS } from "../limits.ts";
import { markSafeText, type SafeBytes, type SafeText } from "../safe_text.ts";
import { droppedMarker } from "./elision.ts";
import { countLineFeeds } from "./line_feeds.ts";
import { countLines } from "./line_spans.ts";
import { type Segment, StreamStore } from "./stream_store.ts";

/** One of a command's two streams. */
export type StreamName = "stdout" | "stderr";

/** What is kept of one stream. */
export interface KeptStream {
  /** The text; with a gap, its start and its end. */
  readonly text: SafeText;
  /** Where something was dropped between start and end. */
  readonly gap?: {
    /** Index in `text` where the end part begins. */
    readonly at: number;
    /** Bytes of safe text that were dropped. */
    readonly bytes: number;
    /** Lines of the command's that are missing, in whole or in part. */
    readonly lines: number;
  };
}

/** Options of an {@linkcode OutputStore}. */
export interface OutputStoreOptions {
  /** Bytes kept of each stream, half from its start and half from its end. Default: 8 MiB. */
  readonly keepBytes?: number;
}

/** Keeps a command's output and counts what the command wrote. */
export class OutputStore {
  readonly #streams: Record<StreamName, StreamStore>;
  readonly #raw: Record<StreamName, RawCount> = {
    stdout: { bytes: 0, lineFeeds: 0, endsInLine: false },
    stderr: { bytes: 0, lineFeeds: 0, endsInLine: false },
  };
  #sequence = 0;
  #lastStream: StreamName | undefined;

  /**
   * Makes an empty store.
   *
   * @param options How much is kept.
   */
  constructor(options: OutputStoreOptions = {}) {
    const keepBytes = options.keepBytes ?? LIMITS.streamKeepBytes;
    this.#streams = { stdout: new StreamStore(keepBytes), stderr: new StreamStore(keepBytes) };
  }

  /**
   * Counts bytes as the command wrote them, before anything is taken out of them.
   *
   * @param stream The stream.
   * @param bytes The raw bytes; they are not kept.
   */
  countRaw(stream: StreamName, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const count = this.#raw[stream];
    count.bytes += bytes.length;
    count.lineFeeds += countLineFeeds(bytes, 0, bytes.length);
    count.endsInLine = bytes[bytes.length - 1] !== 0x0a;
  }

  /**
   * Adds redacted bytes.
   *
   * @param stream The stream.
   * @param bytes The bytes; they must not change afterwards.
   */
  append(stream: StreamName, bytes: SafeBytes): void {
    if (bytes.length === 0) return;
    if (stream !== this.#lastStream) {
      this.#lastStream = stream;
      this.#sequence++;
    }
    this.#streams[stream].append(bytes, this.#sequence);
  }

  /** Exact totals of what the command wrote. */
  totals(): OutputTotals {
    const { stdout, stderr } = this.#raw;
    return {
      stdoutBytes: stdout.bytes,
      stdoutLines: linesOf(stdout),
      stderrBytes: stderr.bytes,
      stderrLines: linesOf(stderr),
    };
  }

  /**
   * Gives what is kept of a stream, decoded; what is not UTF-8 becomes U+FFFD.
   *
   * @param stream The stream.
   * @returns The text and the gap in it.
   */
  kept(stream: StreamName): KeptStream {
    const { head, tail, droppedBytes } = this.#streams[stream].parts();
    const headText = decodeAll(head);
    const tailText = decodeAll(tail);
    if (droppedBytes === 0) return { text: markSafeText(headText + tailText) };
    // A start that ends inside a line gets a line end, so that the marker has a line of its own.
    const start = headText === "" || headText.endsWith("\n") ? headText : `${headText}\n`;
    const lines = this.#droppedLines(stream, start, tailText);
    return {
      text: markSafeText(start + tailText),
      gap: { at: start.length, bytes: droppedBytes, lines },
    };
  }

  /**
   * Counts what is missing by the lines that the command wrote, so that the lines after the gap
   * keep their numbers and nothing is counted twice on the way in.
   */
  #droppedLines(stream: StreamName, head: string, tail: string): number {
    const shown = countLines(head, 0, head.length) + countLines(tail, 0, tail.length);
    return Math.max(1, linesOf(this.#raw[stream]) - shown);
  }

  /** Gives both streams in order of arrival, with a marker where something was dropped. */
  interleaved(): SafeText {
    const pieces = (["stdout", "stderr"] as const).flatMap((name) => this.#pieces(name));
    pieces.sort((one, other) => one.sequence - other.sequence);
    let text = "";
    for (const piece of pieces) {
      const needsLineEnd = piece.isMarker && text !== "" && !text.endsWith("\n");
      text += needsLineEnd ? `\n${piece.text}` : piece.text;
    }
    return markSafeText(text);
  }

  #pieces(name: StreamName): Piece[] {
    const { head, tail, droppedBytes } = this.#streams[name].parts();
    const [before, after] = [decodePieces(head), decodePieces(tail)];
    if (droppedBytes === 0) return [...before, ...after];
    const texts = [before, after].map((pieces) => pieces.map((piece) => piece.text).join(""));
    const lines = this.#droppedLines(name, texts[0] ?? "", texts[1] ?? "");
    const marker = {
      sequence: tail[0]?.sequence ?? this.#sequence,
      text: `${droppedMarker({ bytes: droppedBytes, lines })}\n`,
      isMarker: true,
    };
    return [...before, marker, ...after];
  }
}

interface Piece {
  readonly sequence: number;
  readonly text: string;
  readonly isMarker?: boolean;
}

interface RawCount {
  bytes: number;
  lineFeeds: number;
  endsInLine: boolean;
}

function linesOf(count: RawCount): number {
  return count.lineFeeds + (count.endsInLine ? 1 : 0);
}

function decodeAll(segments: readonly Segment[]): string {
  return decodePieces(segments).map((piece) => piece.text).join("");
}

/** Decodes segments one after another, so that a character may be cut between two of them. */
function decodePieces(segments: readonly Segment[]): Piece[] {
  // A decoder is dear, and most commands leave at least one stream empty.
  if (segments.length === 0) return [];
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return segments.map((segment, index) => ({
    sequence: segment.sequence,
    text: decoder.decode(segment.bytes, { stream: index < segments.length - 1 }),
  }));
}
