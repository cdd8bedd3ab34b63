/**
 * The hash chain of an audit file: each line carries the hash of the one before it.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** What the first line of a file carries in place of a hash. */
export const AUDIT_GENESIS: string = "0".repeat(64);

/** A line as the chain sees it. */
export interface ChainStep {
  /** The hash that the line carries; absent when it was torn off while being written. */
  readonly prev?: string;
  /** The hash that the next line must carry. */
  readonly next: string;
}

/**
 * Takes one line into the chain.
 *
 * A whole line stands for everything before it, as it carries its predecessor's hash. A torn line
 * carries nothing that can be relied on, so that its predecessor's hash goes into its own.
 *
 * @param line The line, without its newline.
 * @param before The hash that the line should carry.
 * @returns The hash it carries and the one that follows from it.
 */
export function chainStep(line: string, before: string): ChainStep {
  const prev = carriedHash(line);
  if (prev !== undefined) return { prev, next: sha256(line) };
  return { next: sha256(`${before}\n${line}`) };
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

function carriedHash(line: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof parsed !== "object" || parsed === null || !("prev" in parsed)) return undefined;
  return typeof parsed.prev === "string" ? parsed.prev : undefined;
}
