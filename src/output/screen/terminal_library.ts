/**
 * The terminal library, loaded when something draws for the first time.
 *
 * @module
 */

import type { Terminal } from "@xterm/headless";
import { CURRENT_WIDTHS } from "./character_width.ts";

/** A terminal without a window. */
export type HeadlessTerminal = Terminal;

/** The shape of a terminal. */
export interface TerminalShape {
  /** Rows of the screen. */
  readonly rows: number;
  /** Columns of the screen. */
  readonly cols: number;
  /** Lines that are remembered above the screen. */
  readonly scrollback: number;
}

/** Cells that a terminal's buffer takes at most: 12 bytes each, so that it stays under 24 MB. */
export const BUFFER_MAX_CELLS: number = 2 * 1024 * 1024;

/**
 * Makes a terminal. A line feed begins a line, as a program that writes to a pipe means it.
 *
 * @param shape Its shape.
 * @returns The terminal; whoever asked for it disposes of it.
 */
export async function openTerminal(shape: TerminalShape): Promise<HeadlessTerminal> {
  const { default: xterm } = await import("@xterm/headless");
  const terminal = new xterm.Terminal({
    ...shape,
    convertEol: true,
    allowProposedApi: true,
    logLevel: "off",
  });
  terminal.unicode.register(CURRENT_WIDTHS);
  terminal.unicode.activeVersion = CURRENT_WIDTHS.version;
  return terminal;
}

/**
 * Writes to a terminal.
 *
 * @param terminal The terminal.
 * @param data What to write.
 * @returns Settles when it is on the screen.
 */
export async function writeTo(
  terminal: HeadlessTerminal,
  data: string | Uint8Array,
): Promise<void> {
  await new Promise<void>((resolve) => terminal.write(data, resolve));
}
