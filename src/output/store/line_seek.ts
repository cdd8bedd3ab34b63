/**
 * From a line number to an offset in a stream.
 *
 * @module
 */

import type { BlockContent, OutputBlock } from "./output_block.ts";
import type { LoadBlock, StreamLog } from "./stream_log.ts";

const LF = 0x0a;

/** By which numbers a line is looked for. */
export type LineNumbers = "own" | "both";

/**
 * Finds where the lines begin that are not among the first ones.
 *
 * @param log The stream's log.
 * @param load Loads its blocks.
 * @param lines How many lines, of the stream or of both streams, are in front of the place.
 * @param numbers Whose lines are counted.
 * @returns The offset. Where lines are missing, a line that is counted may still follow it.
 */
export async function seekLine(
  log: StreamLog,
  load: LoadBlock,
  lines: number,
  numbers: LineNumbers,
): Promise<number> {
  while (lines > 0) {
    const index = log.lastIndexWhere((block) => linesBefore(block, numbers) < lines);
    const block = log.blocks[index];
    if (block === undefined) return 0;
    const content = await load(block);
    // The block may be dropped while it is loaded; then another one is the last.
    if (content === undefined) continue;
    const { offset, count } = lastWithin(block, content, lines, numbers);
    const isLost = numbers === "own" && count < lines && log.at(block.end).type === "gap";
    return isLost ? block.end : offset;
  }
  return 0;
}

function linesBefore(block: OutputBlock, numbers: LineNumbers): number {
  const own = block.start.lineFeeds;
  return numbers === "own" ? own : own + block.firstStamp.otherLineFeeds;
}

/** Finds the last line end in a block that is among the counted lines. */
function lastWithin(
  block: OutputBlock,
  { bytes, marks }: BlockContent,
  lines: number,
  numbers: LineNumbers,
): { offset: number; count: number } {
  let offset = block.start.lineStart;
  let own = block.start.lineFeeds;
  let count = own;
  for (let feed = bytes.indexOf(LF); feed >= 0; feed = bytes.indexOf(LF, feed + 1)) {
    own++;
    const at = block.start.offset + feed;
    const number = numbers === "own" ? own : own + block.stampAt(marks, at).otherLineFeeds;
    if (number > lines) break;
    count = number;
    offset = at + 1;
  }
  return { offset, count };
}
