/**
 * Parts of a command's output on the wire: what `session_read` and `session_input` answer with.
 *
 * @module
 */

import type { CallToolResult } from "@modelcontextprotocol/server";
import { toWire } from "../../exec_result.ts";
import { LIMITS } from "../../limits.ts";
import { EMPTY_SAFE_TEXT, safe, type SafeText } from "../../safe_text.ts";
import type {
  OutputPart,
  OutputStreams,
  RegisteredCommand,
  Standing,
} from "../../session/registered_command.ts";
import type { JsonSchema } from "../arguments.ts";
import { joinNotes, renderStructured } from "../render.ts";
import { STANDING_PROPERTIES } from "./exec_output_schema.ts";

/** How a command stands, and a part of its output. */
export const READ_OUTPUT_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    ...STANDING_PROPERTIES,
    text: { type: "string" },
    first_line: { type: "integer" },
    matches: { type: "integer" },
    // With a screen: where the cursor is, both from 0.
    cursor: {
      type: "object",
      properties: { row: { type: "integer" }, col: { type: "integer" } },
      required: ["row", "col"],
    },
  },
  required: ["command_id", "command", "status", "text", "total_lines"],
  additionalProperties: false,
};

/** A part of the output as it is shown. */
export interface ShownPart {
  /** The lines. */
  readonly text: SafeText;
  /** The number of the first one. */
  readonly firstLine?: number;
  /** Lines that there are so far. */
  readonly totalLines: number;
  /** The line to go on from, when there is more. */
  readonly nextLine?: number;
  /** Lines that a search found. */
  readonly matches?: number;
  /** What has to be said of it. */
  readonly note?: SafeText;
  /** With a screen: where the cursor is, both from 0. */
  readonly cursor?: { readonly row: number; readonly col: number };
}

/**
 * Reads the next lines, and lets the next read begin behind them.
 *
 * @param command The command.
 * @param part Whose lines, from where, and how many.
 * @param isReceived Tells whether the client still waits for them.
 * @returns The lines.
 */
export async function readPart(
  command: RegisteredCommand,
  part: { readonly stream: OutputStreams; readonly from?: number; readonly lines: number },
  isReceived: () => boolean,
): Promise<ShownPart> {
  const lines = Math.min(part.lines, LIMITS.mcpResultMaxLines);
  const page = await command.read({ ...part, lines, maxChars: LIMITS.mcpResultMaxChars });
  // What a client does not get, its next read has to give.
  if (isReceived()) command.keepPlace(part.stream, page);
  return shownPart(page, page.text);
}

/** What is searched for. */
export interface PartSearch {
  /** Whose lines. */
  readonly stream: OutputStreams;
  /** The pattern. */
  readonly pattern: string;
  /** Lines around each match. */
  readonly context?: number;
  /** The first line that is looked at. */
  readonly fromLine?: number;
  /** Matches at most. */
  readonly maxMatches: number;
}

/**
 * Searches the output. Each line is given with its number, as grep(1) does.
 *
 * @param command The command.
 * @param search What for.
 * @returns The lines.
 */
export async function searchPart(
  command: RegisteredCommand,
  search: PartSearch,
): Promise<ShownPart> {
  const page = await command.require().search({
    ...search,
    maxMatches: Math.min(search.maxMatches, LIMITS.mcpResultMaxLines),
    // The line that fills the page is shown too.
    maxChars: LIMITS.mcpResultMaxChars - LIMITS.outputSearchLineChars,
  });
  const { matches, nextLine, totalLines } = page;
  const part = { ...shownPart(page, numbered(page.lines)), matches };
  if (page.stoppedBy !== "time" || nextLine === undefined) return part;
  const seconds = LIMITS.outputSearchMaxMs / 1000;
  return {
    ...part,
    note:
      safe`The search stopped after ${seconds} s in front of line ${nextLine} of ${totalLines}: the rest was not searched. Go on with from_line ${nextLine}.`,
  };
}

/**
 * Gives the command's screen, without the empty rows at its end. No read goes on from there: lines
 * that a client did not get are still to come.
 *
 * @param command The command.
 * @returns The rows.
 */
export async function screenPart(command: RegisteredCommand): Promise<ShownPart> {
  const { lines, cursor } = await command.require().screen();
  const { totalLines } = await command.require().read({ tail: 1 });
  const last = lines.findLastIndex((line) => line !== "");
  const rows = lines.slice(0, last + 1);
  const text = rows.reduce((above, row) => safe`${above}${row}\n`, EMPTY_SAFE_TEXT);
  return { text, totalLines, cursor };
}

/**
 * Gives how a command stands, and a part of its output.
 *
 * @param command The command.
 * @param standing How it stands.
 * @param shown The part, and what the call has to say.
 * @returns The tool's answer.
 */
export function renderPart(
  command: RegisteredCommand,
  standing: Standing,
  shown: { readonly part: ShownPart; readonly notes: readonly (SafeText | undefined)[] },
): CallToolResult {
  const { note, ...part } = shown.part;
  return renderStructured(toWire({
    commandId: command.id,
    command: command.shortText,
    ...standing,
    ...joinNotes([standing.note, command.stopNote, note, ...shown.notes]),
    ...part,
  }));
}

/**
 * Makes what is shown of a page.
 *
 * @param page The page.
 * @param text How its lines are shown.
 * @returns What is shown.
 */
export function shownPart(page: Omit<OutputPart, "cursor">, text: SafeText): ShownPart {
  const [first] = page.lines;
  return {
    text,
    totalLines: page.totalLines,
    ...(first === undefined ? {} : { firstLine: first.line }),
    ...(page.nextLine === undefined ? {} : { nextLine: page.nextLine }),
  };
}

/**
 * Gives lines with their numbers, as grep(1) does.
 *
 * @param lines The lines.
 * @returns The text.
 */
export function numbered(lines: OutputPart["lines"]): SafeText {
  let text = EMPTY_SAFE_TEXT;
  let previous: number | undefined;
  for (const { line, text: content, isMatch } of lines) {
    if (previous !== undefined && line > previous + 1) text = safe`${text}--\n`;
    text = isMatch === true ? safe`${text}${line}:${content}\n` : safe`${text}${line}-${content}\n`;
    previous = line;
  }
  return text;
}
