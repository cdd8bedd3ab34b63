/**
 * Quoted text that bash expands all the same.
 *
 * Arithmetic knows no quotes: it expands its text as if it stood in double quotes, and the
 * subscripts in it once more. The parser takes what is in quotes for plain text.
 *
 * @module
 */

import { forEachChild } from "unbash";
import type { HereDocBody, SyntaxNode } from "unbash";
import { hasCodeSubscript } from "./environment_table.ts";
import { EVALUATING } from "./evaluated_names.ts";

/** What runs a program wherever it is expanded. */
const SUBSTITUTION = /\$\(|`/;

/**
 * Tells whether bash evaluates a node as arithmetic and finds a substitution in what is quoted
 * there.
 *
 * @param node The parser's node.
 * @returns True when it does.
 */
export function hidesCode(node: SyntaxNode): boolean {
  switch (node.type) {
    case "ArithmeticWord":
    case "ArithmeticCommandExpansion":
    case "Slice":
      return hasQuotedCode(node);
    case "TestUnary":
    case "TestBinary":
      return EVALUATING.test(node.operator) && hasQuotedCode(node);
    case "ParameterExpansion":
      return node.index !== undefined && hasQuotedCode(node.index);
    default:
      return false;
  }
}

/**
 * Tells whether single quotes in the expansions of a heredoc's body hide a substitution: there they
 * are plain characters.
 *
 * @param body The body.
 * @returns True when they do.
 */
export function expandsQuoted(body: HereDocBody): boolean {
  return body.parts?.some((part) => part.type === "ParameterExpansion" && hasQuotedCode(part)) ===
    true;
}

/** Looks through everything below a node but the scripts of its substitutions. */
function hasQuotedCode(node: SyntaxNode): boolean {
  switch (node.type) {
    case "CommandExpansion":
    case "ProcessSubstitution":
    case "ArithmeticCommandExpansion":
      // What it prints is evaluated.
      return hasCodeSubscript(node.text);
    case "SingleQuoted":
    case "AnsiCQuoted":
    case "Literal":
      return SUBSTITUTION.test(node.value);
    case "Word":
    case "ArithmeticWord":
      if (node.parts === undefined) return SUBSTITUTION.test(node.value);
  }
  let found = false;
  forEachChild(node, (child) => {
    found ||= hasQuotedCode(child);
  });
  return found;
}
