/**
 * Checks links between the project's own pages.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A link that leads nowhere. */
export interface BrokenLink {
  /** The line, from 1. */
  line: number;
  /** Where the link points. */
  target: string;
}

/**
 * Finds the links of a page whose file or heading does not exist. Links with a scheme are not
 * followed.
 *
 * @param root The project's root.
 * @param file The page, relative to the root.
 * @returns The broken links.
 */
export function findBrokenLinks(root: string, file: string): BrokenLink[] {
  const lines = withoutCode(readFileSync(join(root, file), "utf8")).split("\n");
  return lines.flatMap((text, index) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(root, file, target))
      .map((target) => ({ line: index + 1, target }))
  );
}

function leadsSomewhere(root: string, file: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const page = path === "" ? join(root, file) : join(root, dirname(file), path);
  if (!existsSync(page)) return false;
  return anchor === undefined || anchorsOf(readFileSync(page, "utf8")).includes(anchor);
}

function anchorsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ +(.+)$/gm)].map(([, title = ""]) =>
    title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/ /g, "-")
  );
}

/** Empties code blocks and keeps their lines, so that line numbers stay true. */
function withoutCode(text: string): string {
  return text.replace(/^```[^]*?^```/gm, (block) => block.replace(/[^\n]/g, ""));
}
