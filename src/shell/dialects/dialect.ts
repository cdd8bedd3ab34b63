/**
 * What a dialect of the shell language has to provide: the text of initialisation and frames.
 *
 * @module
 */

import { quoteForShell } from "../../shell_text/quote.ts";

/** What a freshly started shell is told. */
export interface InitRequest {
  /** The launch's token; the names of execkit's own functions derive from it. */
  readonly token: string;
  /** The launch's directory on the session's machine. */
  readonly directory: string;
  /** The directory to start in; absent to stay where the shell is. */
  readonly cwd?: string;
  /** Environment variables to export. */
  readonly env: readonly (readonly [string, string])[];
  /** Whether there is a controlling terminal to set up. */
  readonly terminal: boolean;
  /** Whether this shell restarted itself in place and offers its old state on descriptor 5. */
  readonly restore: boolean;
}

/** Where a command's text or input comes from: the frame itself or a file beside it. */
export type FrameCommand =
  | { readonly text: string }
  /** A file that assigns the text to the frame's command variable. */
  | { readonly file: string };

/** One command to frame. */
export interface FrameRequest {
  /** The launch's token. */
  readonly token: string;
  /** The launch's directory on the session's machine. */
  readonly directory: string;
  /** The command's fresh nonce. */
  readonly nonce: string;
  /** The command. */
  readonly command: FrameCommand;
  /** What `$?` is when it begins. */
  readonly previousStatus: number;
  /** Path of the command's standard input. */
  readonly input: string;
  /** Whether its streams are the terminal. */
  readonly tty: boolean;
}

/** A dialect. Pure: text in, text out. */
export interface Dialect {
  /** Its name. */
  readonly name: "bash" | "zsh" | "dash" | "ash";
  /** Whether the shell prints a prompt when it takes the next line, which proves that it does. */
  readonly prompts: boolean;
  /**
   * What a new shell reads first. It ends by saying `Y` on both streams.
   *
   * @param request What to set up.
   * @returns Shell text that ends in a newline.
   */
  init(request: InitRequest): string;
  /**
   * Frames a command.
   *
   * @param request The command.
   * @returns Shell text that ends in a newline.
   */
  frame(request: FrameRequest): string;
  /**
   * Text that gives the frame's words their meaning back, where the dialect has a way.
   *
   * @param token The launch's token.
   * @param directory The launch's directory.
   * @returns Shell text that ends in a newline.
   */
  repair?(token: string, directory: string): string;
  /**
   * Text for a shell without prompts: says that the frame was aborted, if it was.
   *
   * @param token The launch's token.
   * @param nonce The frame's nonce.
   * @returns Shell text that ends in a newline.
   */
  epilogue?(token: string, nonce: string): string;
}

/** The terminal's modes: no echo of the keyboard, no CR before LF, ^S and ^Q are plain keys. */
export const TERMINAL_SETUP = "stty sane -echo -onlcr -ixon rows 40 cols 120 </dev/tty 2>/dev/null";

/**
 * The prefix of the names that initialisation defines; random, so that no script clashes with it.
 *
 * @param token The launch's token.
 * @returns The prefix.
 */
export function namePrefix(token: string): string {
  return `__ek_${token.slice(0, 6)}`;
}

/**
 * Puts the session's prefix for `@`. A command may have unset any variable, `PWD` included, and
 * set `nounset`: every expansion of these gives nothing then, instead of an error.
 *
 * @param text The functions, with `@` for the prefix.
 * @param token The launch's token.
 * @returns Shell text.
 */
export function frameFunctions(text: string, token: string): string {
  return text
    .replaceAll(/\$(@[a-z]|PWD)\b|\$\{(@[a-z])\}/g, (_, name, braced) => `\${${name ?? braced}-}`)
    .replaceAll("@", namePrefix(token));
}

/**
 * The variable that holds a command which comes by file.
 *
 * @param token The launch's token.
 * @returns The variable's name.
 */
export function commandVariable(token: string): string {
  return `${namePrefix(token)}c`;
}

/**
 * The end of every initialisation: exports, the start directory, and the word that it is done.
 *
 * @param request What to set up.
 * @returns The lines.
 */
export function initTail(request: InitRequest): string[] {
  const ready = `${namePrefix(request.token)}y ${request.token}`;
  const exports = request.env.map(([name, value]) => `export ${name}=${quoteForShell(value)}`);
  if (request.cwd === undefined) return [...exports, `${ready} ok`];
  const enter = `cd -- ${quoteForShell(request.cwd)} 2>/dev/null`;
  return [...exports, `if ${enter}; then ${ready} ok; else ${ready} cwd; fi`];
}

/**
 * Descriptors as a command sees them: its own streams, and none of the road's.
 *
 * @param request The command.
 * @returns Redirections.
 */
export function commandStreams(request: FrameRequest): string {
  const streams = request.tty
    ? "</dev/tty >/dev/tty 2>&1"
    : `<${quoteForShell(request.input)} >&7 2>&8`;
  return `${streams} 7>&- 8>&-`;
}

/**
 * Sets `$?` for what follows, where it is not 0 already. The operator makes errexit ignore it.
 *
 * @param request The command.
 * @returns The call and the operator.
 */
export function withPreviousStatus(request: FrameRequest): string {
  const status = request.previousStatus;
  return status === 0 ? "" : `\\${namePrefix(request.token)}s ${status} || `;
}
