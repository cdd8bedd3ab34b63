/**
 * The start and the end of one stream, in segments that remember when they arrived.
 *
 * @module
 */

/** Bytes that arrived together, or right after one another. */
export interface Segment {
  /** Grows with each change from one stream to the other. */
  readonly sequence: number;
  /** The bytes. */
  readonly bytes: Uint8Array;
}

/** The two kept parts of a stream, and what is missing between them. */
export interface StreamParts {
  /** The start, or everything when nothing was dropped and the end is empty. */
  readonly head: readonly Segment[];
  /** The end; it follows the start directly when nothing was dropped. */
  readonly tail: readonly Segment[];
  /** Bytes that were dropped between the two. */
  readonly droppedBytes: number;
}

/** Bytes of a full segment. */
const SEGMENT_BYTES: number = 64 * 1024;
/** Bytes below which a piece is copied; above, the copy would cost more than it saves. */
const SMALL_BYTES: number = 16 * 1024;
/**
 * Segments of a stream above which arrival order is kept only segment by segment: two streams
 * that take turns byte by byte would otherwise cost far more memory than their bytes.
 */
const FINE_SEGMENTS_MAX = 16_384;
const LF = 0x0a;

/** A segment that more bytes can be added to. */
class GrowingSegment {
  readonly sequence: number;
  #buffer: Uint8Array;
  #length: number;

  constructor(bytes: Uint8Array, sequence: number) {
    this.sequence = sequence;
    // A small piece may be a view of a far larger buffer, which it would keep alive.
    this.#buffer = bytes.length < SMALL_BYTES ? bytes.slice() : bytes;
    this.#length = bytes.length;
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(2 * needed, SEGMENT_BYTES)));
      grown.set(this.bytes);
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = needed;
  }
}

/** One stream's bytes. */
export class StreamStore {
  readonly #halfBytes: number;
  readonly #head: GrowingSegment[] = [];
  #headBytes = 0;
  #tail: GrowingSegment[] = [];
  #tailBytes = 0;
  /** Index in the tail of the first segment that is still kept. */
  #tailFrom = 0;
  #droppedBytes = 0;

  /**
   * Makes an empty store.
   *
   * @param keepBytes Bytes kept at most, half from the start and half from the end.
   */
  constructor(keepBytes: number) {
    this.#halfBytes = Math.max(1, Math.floor(keepBytes / 2));
  }

  /**
   * Adds bytes.
   *
   * @param bytes The bytes; they must not change afterwards.
   * @param sequence When they arrived.
   */
  append(bytes: Uint8Array, sequence: number): void {
    let rest = bytes;
    const room = this.#halfBytes - this.#headBytes;
    if (room > 0) {
      const first = rest.subarray(0, room);
      addTo(this.#head, first, sequence);
      this.#headBytes += first.length;
      rest = rest.subarray(first.length);
    }
    if (rest.length === 0) return;
    addTo(this.#tail, rest, sequence);
    this.#tailBytes += rest.length;
    this.#dropOldest();
  }

  /** Gives what is kept. Where something was dropped, both parts are cut at line ends. */
  parts(): StreamParts {
    const head = this.#head.map(toSegment);
    const tail = this.#tail.slice(this.#tailFrom).map(toSegment);
    const excess = this.#tailBytes - this.#halfBytes;
    if (this.#droppedBytes === 0 && excess <= 0) return { head, tail, droppedBytes: 0 };
    const keptHead = withoutPartialEnd(head);
    const keptTail = withoutPartialStart(cutFront(tail, Math.max(0, excess)));
    const keptBytes = bytesIn(keptHead) + bytesIn(keptTail);
    const allBytes = this.#headBytes + this.#droppedBytes + this.#tailBytes;
    return { head: keptHead, tail: keptTail, droppedBytes: allBytes - keptBytes };
  }

  #dropOldest(): void {
    while (true) {
      const oldest = this.#tail[this.#tailFrom];
      if (oldest === undefined || this.#tailBytes - oldest.length < this.#halfBytes) break;
      this.#tailBytes -= oldest.length;
      this.#droppedBytes += oldest.length;
      this.#tailFrom++;
    }
    // Moving the array on each drop would be quadratic in the number of small segments.
    if (this.#tailFrom > 1024 && this.#tailFrom * 2 > this.#tail.length) {
      this.#tail = this.#tail.slice(this.#tailFrom);
      this.#tailFrom = 0;
    }
  }
}

function addTo(segments: GrowingSegment[], bytes: Uint8Array, sequence: number): void {
  const last = segments[segments.length - 1];
  const fits = last !== undefined && last.length + bytes.length <= SEGMENT_BYTES;
  if (fits && (last.sequence === sequence || segments.length > FINE_SEGMENTS_MAX)) {
    last.add(bytes);
  } else {
    segments.push(new GrowingSegment(bytes, sequence));
  }
}

function toSegment(segment: GrowingSegment): Segment {
  return { sequence: segment.sequence, bytes: segment.bytes };
}

function bytesIn(segments: readonly Segment[]): number {
  let bytes = 0;
  for (const segment of segments) bytes += segment.bytes.length;
  return bytes;
}

/** Takes so many bytes off the front. */
function cutFront(segments: readonly Segment[], bytes: number): Segment[] {
  const kept: Segment[] = [];
  let left = bytes;
  for (const segment of segments) {
    const cut = Math.min(left, segment.bytes.length);
    left -= cut;
    if (cut < segment.bytes.length) kept.push({ ...segment, bytes: segment.bytes.subarray(cut) });
  }
  return kept;
}

/** Takes the rest of a line off the front; an endless line is left as it is. */
function withoutPartialStart(segments: readonly Segment[]): readonly Segment[] {
  let bytes = 0;
  for (const segment of segments) {
    const at = segment.bytes.indexOf(LF);
    if (at >= 0) return cutFront(segments, bytes + at + 1);
    bytes += segment.bytes.length;
  }
  return segments;
}

/** Takes a begun line off the end; an endless line is left as it is. */
function withoutPartialEnd(segments: readonly Segment[]): readonly Segment[] {
  for (let index = segments.length - 1; index >= 0; index--) {
    const segment = segments[index];
    const at = segment?.bytes.lastIndexOf(LF) ?? -1;
    if (segment === undefined || at < 0) continue;
    const cut = { ...segment, bytes: segment.bytes.subarray(0, at + 1) };
    return [...segments.slice(0, index), cut];
  }
  return segments;
}
