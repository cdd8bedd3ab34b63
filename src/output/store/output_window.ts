/**
 * The start and the end of each stream, as a command's result is shaped from them.
 *
 * @module
 */

import { markSafeText, type SafeText } from "../../safe_text.ts";
import { droppedMarker } from "../elision.ts";
import { countLines } from "../line_spans.ts";
import type { KeptStream, StreamName } from "../output_store.ts";
import type { Segment } from "../stream_store.ts";
import type { LoadBlock, StreamLog } from "./stream_log.ts";

const LF = 0x0a;

/** One stream's start and end, as of one moment. */
export interface StreamWindow {
  /** The start; everything when nothing is left out. */
  readonly head: readonly Segment[];
  /** The end. */
  readonly tail: readonly Segment[];
  /** Bytes that are left out between the two. */
  readonly missingBytes: number;
  /** Lines of redacted output in the stream. */
  readonly lines: number;
}

const EMPTY_WINDOW: StreamWindow = { head: [], tail: [], missingBytes: 0, lines: 0 };

/**
 * Reads a stream's start and end.
 *
 * @param log The stream.
 * @param load Loads its blocks.
 * @param keepBytes Bytes at most, half from the start and half from the end.
 * @returns Both; cut at line ends where something is left out.
 */
export async function windowOf(
  log: StreamLog,
  load: LoadBlock,
  keepBytes: number,
): Promise<StreamWindow> {
  const { end } = log;
  // Most commands write to one stream or to none.
  if (end === 0) return EMPTY_WINDOW;
  const lines = log.lineFeeds + (log.endsInLine ? 1 : 0);
  const half = Math.max(1, Math.floor(keepBytes / 2));
  const isWhole = end <= 2 * half;
  const head = await segments(log, load, { from: 0, to: isWhole ? end : half });
  if (bytesIn(head) === end) return { head, tail: [], missingBytes: 0, lines };
  const tailFrom = Math.max(log.gaps().at(-1)?.to ?? 0, end - half, bytesIn(head));
  const tail = await segments(log, load, { from: tailFrom, to: end });
  const [keptHead, keptTail] = [withoutPartialEnd(head), withoutPartialStart(tail)];
  const missingBytes = end - bytesIn(keptHead) - bytesIn(keptTail);
  return { head: keptHead, tail: keptTail, missingBytes, lines };
}

/**
 * Gives a stream's window as text.
 *
 * @param window The window.
 * @returns The text and the gap in it.
 */
export function keptText({ head, tail, missingBytes, lines }: StreamWindow): KeptStream {
  const headText = textsOf(head).join("");
  const tailText = textsOf(tail).join("");
  if (missingBytes === 0) return { text: markSafeText(headText + tailText) };
  // A start that ends inside a line gets a line end, so that the marker has a line of its own.
  const start = headText === "" || headText.endsWith("\n") ? headText : `${headText}\n`;
  const missingLines = missing(lines, start, tailText);
  return {
    text: markSafeText(start + tailText),
    gap: { at: start.length, bytes: missingBytes, lines: missingLines },
  };
}

/**
 * Puts both streams together in order of arrival, with a marker where something is missing.
 *
 * @param windows Each stream's window.
 * @returns The text; a secret of which each stream holds a part is not yet redacted in it.
 */
export function interleavedText(windows: Readonly<Record<StreamName, StreamWindow>>): SafeText {
  const pieces = [...piecesOf(windows.stdout), ...piecesOf(windows.stderr)];
  pieces.sort((one, other) => one.sequence - other.sequence);
  let text = "";
  for (const piece of pieces) {
    const needsLineEnd = piece.isMarker && text !== "" && !text.endsWith("\n");
    text += needsLineEnd ? `\n${piece.text}` : piece.text;
  }
  return markSafeText(text);
}

interface Piece {
  readonly sequence: number;
  readonly text: string;
  readonly isMarker: boolean;
}

function piecesOf({ head, tail, missingBytes, lines }: StreamWindow): Piece[] {
  const [headTexts, tailTexts] = [textsOf(head), textsOf(tail)];
  const pieces = (parts: readonly Segment[], texts: readonly string[]): Piece[] =>
    parts.map(({ sequence }, index) => ({ sequence, text: texts[index] ?? "", isMarker: false }));
  const [before, after] = [pieces(head, headTexts), pieces(tail, tailTexts)];
  if (missingBytes === 0) return [...before, ...after];
  const missingLines = missing(lines, headTexts.join(""), tailTexts.join(""));
  const marker = {
    sequence: tail[0]?.sequence ?? head.at(-1)?.sequence ?? 0,
    text: `${droppedMarker({ bytes: missingBytes, lines: missingLines })}\n`,
    isMarker: true,
  };
  return [...before, marker, ...after];
}

function missing(lines: number, head: string, tail: string): number {
  const shown = countLines(head, 0, head.length) + countLines(tail, 0, tail.length);
  return Math.max(1, lines - shown);
}

/** Reads what is kept without a gap from an offset on, by arrival. */
async function segments(
  log: StreamLog,
  load: LoadBlock,
  { from, to }: { from: number; to: number },
): Promise<Segment[]> {
  const read: Segment[] = [];
  for (let at = from; at < to;) {
    const place = log.at(at);
    if (place.type !== "block") break;
    const { block } = place;
    const content = await load(block);
    // It was dropped meanwhile: what follows the gap is the tail's.
    if (content === undefined) break;
    const base = block.start.offset;
    const blockTo = Math.min(to, base + content.bytes.length);
    const stretches = block.stretches(content.marks);
    for (const [index, { offset, stamp }] of stretches.entries()) {
      const stretchTo = Math.min(blockTo, stretches[index + 1]?.offset ?? blockTo);
      const bytes = content.bytes.subarray(Math.max(at, offset) - base, stretchTo - base);
      if (stretchTo > at && bytes.length > 0) read.push({ sequence: stamp.sequence, bytes });
    }
    at = blockTo;
  }
  return read;
}

function bytesIn(parts: readonly Segment[]): number {
  let bytes = 0;
  for (const part of parts) bytes += part.bytes.length;
  return bytes;
}

/** Decodes segments one after another, so that a character may be cut between two of them. */
function textsOf(parts: readonly Segment[]): string[] {
  if (parts.length === 0) return [];
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return parts.map(({ bytes }, index) =>
    decoder.decode(bytes, { stream: index < parts.length - 1 })
  );
}

/** Takes the rest of a line off the front; an endless line is left as it is. */
function withoutPartialStart(parts: readonly Segment[]): readonly Segment[] {
  for (const [index, part] of parts.entries()) {
    const at = part.bytes.indexOf(LF);
    if (at < 0) continue;
    const cut = { ...part, bytes: part.bytes.subarray(at + 1) };
    return [cut, ...parts.slice(index + 1)].filter(({ bytes }) => bytes.length > 0);
  }
  return parts;
}

/** Takes a begun line off the end; an endless line is left as it is. */
function withoutPartialEnd(parts: readonly Segment[]): readonly Segment[] {
  for (const [index, part] of [...parts.entries()].reverse()) {
    const at = part.bytes.lastIndexOf(LF);
    if (at < 0) continue;
    return [...parts.slice(0, index), { ...part, bytes: part.bytes.subarray(0, at + 1) }];
  }
  return parts;
}
