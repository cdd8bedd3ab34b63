/**
 * Writes `docs/errors.md` from the closed list in `src/error_codes.ts`.
 *
 * @module
 */

import ts from "typescript";
import { parseSource, walk } from "./parse_source.ts";

/** One documented error code. */
export interface ErrorDoc {
  /** The code. */
  code: string;
  /** When it is raised: the comment above it. */
  when: string;
  /** What to do next: its hint. */
  next: string;
}

const HEAD = `# Errors

<!-- Written by \`deno task docs:write\` from src/error_codes.ts; edit the comments there. -->

A command that exits non-zero is a result. An \`ExeckitError\` means that there is no trustworthy
result. Its \`code\` is one of this closed list, the same in the library, on the MCP wire and in the
command line; its \`detail\` says what failed, redacted; its \`hint\` says what to do next. A code is
never reused for another meaning.

`;

/**
 * Reads the codes with their comments.
 *
 * @param text The text of `src/error_codes.ts`.
 * @returns The codes in the order of the file.
 */
export function readErrorCodes(text: string): ErrorDoc[] {
  const source = parseSource("error_codes.ts", text);
  const docs: ErrorDoc[] = [];
  walk(source, (node) => {
    if (!ts.isPropertyAssignment(node) || !ts.isStringLiteralLike(node.initializer)) return;
    const when = ts.getJSDocCommentsAndTags(node)
      .map((comment) => ts.getTextOfJSDocComment(comment.comment) ?? "")
      .join(" ").replace(/\s+/g, " ");
    docs.push({ code: node.name.getText(source), when, next: node.initializer.text });
  });
  return docs;
}

/**
 * Writes the page.
 *
 * @param docs The codes.
 * @returns The text of `docs/errors.md`.
 */
export function formatErrorDocs(docs: readonly ErrorDoc[]): string {
  const parts = docs.map(({ code, when, next }) => `## ${code}\n\n${when}\n\nNext: ${next}.\n`);
  return HEAD + parts.join("\n");
}
