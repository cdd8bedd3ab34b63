/**
 * The form of the program tables.
 *
 * @module
 */

/** What a program's operands are. */
export type Runs =
  /** A program and its arguments. */
  | "argv"
  /** Words that are joined to shell text. */
  | "text"
  /** Shell texts, one in each operand. */
  | "each"
  /** Shell text in the first operand. */
  | "first"
  /** A script, or nothing: then standard input is the code. */
  | "script"
  /** Data; the code is standard input. */
  | "input";

/** One program, as the tables give it. */
export interface ProgramEntry {
  /** Its options in the notation of `option_spec.ts`. */
  readonly options?: string;
  /** What its operands are; when absent only its options matter. */
  readonly runs?: Runs;
  /** A word behind which a program and its arguments stand, wherever it is. */
  readonly behind?: string;
  /** Operands in front of what it runs. */
  readonly skip?: number;
  /** True when options may stand between operands, up to `--`. */
  readonly mixed?: true;
  /** True when its options go on behind the skipped operands, or behind a subcommand. */
  readonly again?: true;
  /** True when `NAME=value` may stand in front of the program. */
  readonly assignments?: true;
  /** True when what it runs runs elsewhere. */
  readonly remote?: true;
  /** True when it opens a shell if nothing is named. */
  readonly shell?: true;
  /** The language of its code, when that is not a shell's. */
  readonly language?: string;
  /** Subcommands: words with blanks between them → what they do. */
  readonly subs?: { readonly [path: string]: ProgramEntry };
}
