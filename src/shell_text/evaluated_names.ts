/**
 * What a shell evaluates as arithmetic: the variables whose values it reads there as expressions.
 *
 * @module
 */

import type { SyntaxNode } from "unbash";

/** Operators of `[[` whose operands are arithmetic, or names with subscripts. */
export const EVALUATING: RegExp = /^-(?:eq|ne|lt|le|gt|ge|v|R)$/;

/** How long a text is looked through for names; what is longer is cut off there. */
const MAX_CHARS = 4096;

/**
 * The variables that a node evaluates itself, apart from the nodes below it.
 *
 * @param node The parser's node.
 * @returns Their names, `@` for the positional parameters; undefined when it evaluates nothing.
 */
export function evaluatedNames(node: SyntaxNode): readonly string[] | undefined {
  switch (node.type) {
    case "ArithmeticWord":
      return namesIn(node.value);
    case "ArithmeticCommandExpansion":
      return [];
    case "Slice":
      return [...namesIn(node.offset.text), ...namesIn(node.length?.text ?? "")];
    case "TestUnary":
      return EVALUATING.test(node.operator) ? namesIn(node.operand.text) : undefined;
    case "TestBinary":
      return EVALUATING.test(node.operator)
        ? [...namesIn(node.left.text), ...namesIn(node.right.text)]
        : undefined;
    default:
      return undefined;
  }
}

/**
 * The names in a text that a shell evaluates: variables with and without a dollar sign.
 *
 * @param text The text.
 * @returns The names; `@` stands for all positional parameters.
 */
export function namesIn(text: string): readonly string[] {
  // A length is a number, whatever the value is.
  const plain = text.slice(0, MAX_CHARS).replace(/\$\{#[^}]*\}/g, " ");
  const names = plain.match(/[A-Za-z_]\w*/g) ?? [];
  return /\$\{?[\d@*]/.test(plain) ? [...names, "@"] : names;
}

/**
 * The text of a node that is evaluated, to show it.
 *
 * @param node The parser's node.
 * @returns The text.
 */
export function evaluatedText(node: SyntaxNode): string {
  switch (node.type) {
    case "ArithmeticWord":
      return node.value;
    case "TestUnary":
      return `${node.operator} ${node.operand.text}`;
    case "TestBinary":
      return `${node.left.text} ${node.operator} ${node.right.text}`;
    default:
      return "text" in node && typeof node.text === "string" ? node.text : "";
  }
}
