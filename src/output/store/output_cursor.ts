/**
 * Where a reader has got to, as a word that it hands back.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { StreamName } from "../output_store.ts";

/** Bytes of redacted output of each stream that a reader has had. */
export type StreamOffsets = Readonly<Record<StreamName, number>>;

const CURSOR = /^o(\d{1,15})e(\d{1,15})$/;

/**
 * Writes offsets as a cursor.
 *
 * @param offsets The offsets.
 * @returns The cursor.
 */
export function cursorOf({ stdout, stderr }: StreamOffsets): SafeText {
  return safe`o${stdout}e${stderr}`;
}

/**
 * Reads a cursor.
 *
 * @param cursor What a reader hands back.
 * @param ends Bytes that each stream has.
 * @returns The offsets.
 * @throws {ExeckitError} `invalid_argument` when it is not a cursor of this output.
 */
export function offsetsOf(cursor: string, ends: StreamOffsets): StreamOffsets {
  const [, stdout, stderr] = CURSOR.exec(cursor) ?? [];
  const offsets = { stdout: Number(stdout), stderr: Number(stderr) };
  if (offsets.stdout <= ends.stdout && offsets.stderr <= ends.stderr) return offsets;
  throw new ExeckitError({
    code: "invalid_argument",
    message: safe`Cannot read on: the cursor is not one of this output`,
    hint: safe`Use a cursor of an earlier read of the same command, or leave it out`,
  });
}
