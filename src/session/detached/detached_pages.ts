/**
 * Which part of a detached command's output is asked for.
 *
 * @module
 */

import type { StreamName } from "../../output/output_store.ts";

/** Which lines are read. */
export interface DetachedLines {
  /** Whose lines: each stream has a file and numbers of its own. */
  readonly stream: StreamName;
  /** Number of the first line; negative ones count from the end. Default: 1. */
  readonly from?: number;
  /** Bytes of that line to leave out: `nextByte` of an earlier page. Default: 0. */
  readonly fromByte?: number;
  /** Lines at most. Default: 200; 1,000,000 at most. */
  readonly lines?: number;
  /** Characters at most, line ends counted. Default: 100,000; from 16 to 10,000,000. */
  readonly maxChars?: number;
}

/** What is searched for. */
export interface DetachedSearch {
  /** Whose lines. */
  readonly stream: StreamName;
  /** A pattern in RE2 syntax, matched within a line on a linear-time engine. */
  readonly pattern: string;
  /** Lines around each match, from 0 to 1000. Default: 0. */
  readonly context?: number;
  /** Matches at most. Default: 100; 1,000,000 at most. */
  readonly maxMatches?: number;
  /** Number of the first line that is looked at; negative ones count from the end. Default: 1. */
  readonly fromLine?: number;
  /** Characters at most, line ends counted. Default: 100,000; 10,000,000 at most. */
  readonly maxChars?: number;
}
