/**
 * Reads a source file with TypeScript's own parser.
 *
 * Regular expressions mistake text in strings and comments for code, and `deno info --json` drops
 * the names that an import takes; the parser does neither, and gives the other checks their lines.
 *
 * @module
 */

import ts from "typescript";

/** One reference from a module to another. */
export interface ModuleReference {
  /** The text between the quotes; `undefined` when it is computed. */
  specifier: string | undefined;
  /** The line, from 1. */
  line: number;
  /** Whether it is loaded at start, only when used, or only for its types. */
  kind: "static" | "dynamic" | "type";
  /** The names that are taken, or `["*"]` for all. */
  names: string[];
}

/**
 * Parses a file.
 *
 * @param file Its name, for messages.
 * @param text Its text.
 * @returns The tree, with parents.
 */
export function parseSource(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
}

/**
 * Tells the line of a node.
 *
 * @param node A node of a parsed file.
 * @returns The line where its own text starts, from 1.
 */
export function lineOf(node: ts.Node): number {
  const source = node.getSourceFile();
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/**
 * Visits every node of a tree.
 *
 * @param node Where to start.
 * @param visit Called for each node, the outer ones first.
 */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/**
 * Lists everything that a file imports, re-exports or names the types of.
 *
 * @param source The parsed file.
 * @returns The references in order.
 */
export function moduleReferences(source: ts.SourceFile): ModuleReference[] {
  const references: ModuleReference[] = [];
  walk(source, (node) => {
    const found = referenceOf(node);
    if (found !== undefined) references.push({ ...found, line: lineOf(node) });
  });
  return references;
}

function referenceOf(node: ts.Node): Omit<ModuleReference, "line"> | undefined {
  if (ts.isImportDeclaration(node)) return importReference(node);
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    const clause = node.exportClause;
    const names = clause !== undefined && ts.isNamedExports(clause)
      ? clause.elements.map((element) => (element.propertyName ?? element.name).text)
      : ["*"];
    return { specifier: textOf(node.moduleSpecifier), kind: typeOnly(node.isTypeOnly), names };
  }
  if (ts.isImportTypeNode(node)) {
    const literal = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
    return { specifier: textOf(literal), kind: "type", names: ["*"] };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { specifier: textOf(node.arguments[0]), kind: "dynamic", names: ["*"] };
  }
  return undefined;
}

function importReference(node: ts.ImportDeclaration): Omit<ModuleReference, "line"> {
  const clause = node.importClause;
  const specifier = textOf(node.moduleSpecifier);
  if (clause === undefined) return { specifier, kind: "static", names: [] };
  const names = clause.name === undefined ? [] : ["default"];
  const bindings = clause.namedBindings;
  if (bindings !== undefined && ts.isNamespaceImport(bindings)) names.push("*");
  const elements = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
  names.push(...elements.map((element) => (element.propertyName ?? element.name).text));
  const isTypeOnly = clause.phaseModifier === ts.SyntaxKind.TypeKeyword ||
    (names.length > 0 && elements.length === names.length && elements.every((e) => e.isTypeOnly));
  return { specifier, kind: typeOnly(isTypeOnly), names };
}

function typeOnly(isTypeOnly: boolean): "static" | "type" {
  return isTypeOnly ? "type" : "static";
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}
