/**
 * The habits of this code base that a parser can see, one rule each.
 *
 * @module
 */

import ts from "typescript";
import { lineOf, walk } from "./parse_source.ts";

/** A place that breaks a rule. */
export interface PatternHit {
  /** The line, from 1. */
  line: number;
  /** What is there. */
  what: string;
}

/** A rule over one source file. */
export interface PatternRule {
  /** Its name. */
  name: string;
  /** Why it exists. */
  why: string;
  /** What to do instead. */
  remedy: string;
  /** Whether it holds for a file, by its path. */
  appliesTo(file: string): boolean;
  /** Finds what breaks it. */
  find(source: ts.SourceFile): PatternHit[];
}

/** Lines a file may have. */
export const FILE_MAX_LINES = 400;
/** Lines a function may have. */
export const FUNCTION_MAX_LINES = 60;
/** Parameters a function may have. */
export const MAX_PARAMETERS = 4;

const SUITE_WORDS: ReadonlySet<string> = new Set(["describe", "suite"]);
const TEST_WORDS: ReadonlySet<string> = new Set(["test", "it", "describe", "suite", "t"]);
const UNSAID_SKIPS: ReadonlySet<string> = new Set(["skip", "todo", "only"]);
const SLEEPERS: ReadonlySet<string> = new Set(["setTimeout", "setInterval"]);
const UNFINISHED = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME"].join("|")})\\b`);

const everywhere = () => true;
const isSource = (file: string) => file === "mod.ts" || file.startsWith("src/");
const isTest = (file: string) => file.startsWith("tests/") && !file.startsWith("tests/fixtures/");
const isTestFile = (file: string) => isTest(file) && !file.startsWith("tests/support/");

/** The rules. */
export const PATTERN_RULES: readonly PatternRule[] = [
  {
    name: "file-length",
    why: "A file that grows for ever is read by nobody",
    remedy: "Split it by what it knows; name each part after its main export",
    appliesTo: everywhere,
    find: findLongFile,
  },
  {
    name: "function-length",
    why: "A function is understood when it is seen whole",
    remedy: "Give each step a name and a function of its own",
    appliesTo: everywhere,
    find: findLongFunctions,
  },
  {
    name: "parameters",
    why: "Positions and bare booleans cannot be read at the call",
    remedy: "Take one options object with named members",
    appliesTo: everywhere,
    find: findLongParameterLists,
  },
  {
    name: "no-any",
    why: "`any` turns the checker off for everything it touches",
    remedy: "Use `unknown` and narrow it, or name the type",
    appliesTo: everywhere,
    find: (source) => findNodes(source, (node) => node.kind === ts.SyntaxKind.AnyKeyword, "any"),
  },
  {
    name: "no-non-null",
    why: "`!` hides the case that then happens",
    remedy: "Handle the missing value, or throw with a message",
    appliesTo: everywhere,
    find: (source) => findNodes(source, isNonNull, "a non-null assertion"),
  },
  {
    name: "explained-cast",
    why: "A cast is a claim that the checker does not check",
    remedy: "Say in a comment on or above the line why it holds, or narrow without a cast",
    appliesTo: everywhere,
    find: findUnexplainedCasts,
  },
  {
    name: "no-unfinished-marks",
    why: "What is not done belongs in an issue, where somebody sees it",
    remedy: "Do it now, or open an issue and take the mark out",
    appliesTo: everywhere,
    find: (source) =>
      source.text.split("\n").flatMap((text, index) =>
        UNFINISHED.test(text) ? [{ line: index + 1, what: "an unfinished mark" }] : []
      ),
  },
  {
    name: "no-console",
    why: "A library is silent, and standard output belongs to the MCP protocol",
    remedy: "Return it, record it in the audit log, or write to a stream that was passed in",
    appliesTo: isSource,
    find: (source) => findNodes(source, (node) => isMemberOf(node, "console"), "console"),
  },
  {
    name: "no-sleep",
    why: "A sleep is too short on a busy machine and too long on every other",
    remedy: "Wait for the event itself, or use a helper of tests/support/ with a deadline",
    appliesTo: isTestFile,
    find: (source) => findNodes(source, isSleep, "a timer"),
  },
  {
    name: "said-skips",
    why: "A skip without a reason looks like a pass, and the runtimes count t.skip() differently",
    remedy: 'Pass `{ skip: "why it cannot run here" }`; finish or delete what is unfinished',
    appliesTo: isTest,
    find: (source) => findNodes(source, isUnsaidSkip, "a skip that gives no reason"),
  },
  {
    name: "no-deno-in-tests",
    why: "The same test files run under Node",
    remedy: "Use a `node:` module; both runtimes have them",
    appliesTo: isTest,
    find: (source) => findNodes(source, (node) => isMemberOf(node, "Deno"), "the Deno namespace"),
  },
  {
    name: "documented-exports",
    why: "What others use must tell its meaning, units, defaults and errors",
    remedy: "Write a JSDoc comment above it",
    appliesTo: isSource,
    find: findUndocumentedExports,
  },
];

function findNodes(
  source: ts.SourceFile,
  isHit: (node: ts.Node) => boolean,
  what: string,
): PatternHit[] {
  const hits: PatternHit[] = [];
  walk(source, (node) => {
    if (isHit(node)) hits.push({ line: lineOf(node), what });
  });
  return hits;
}

function findLongFile(source: ts.SourceFile): PatternHit[] {
  const count = source.text.replace(/\n$/, "").split("\n").length;
  return count > FILE_MAX_LINES ? [{ line: 1, what: `${count} lines of ${FILE_MAX_LINES}` }] : [];
}

function findLongFunctions(source: ts.SourceFile): PatternHit[] {
  const hits: PatternHit[] = [];
  walk(source, (node) => {
    if (!ts.isFunctionLike(node) || isSuiteBody(node)) return;
    const end = source.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
    const count = end - lineOf(node) + 1;
    if (count > FUNCTION_MAX_LINES) {
      hits.push({ line: lineOf(node), what: `${count} lines of ${FUNCTION_MAX_LINES}` });
    }
  });
  return hits;
}

/** The body of `describe` is a list of tests and not a function that anyone reads as one. */
function isSuiteBody(node: ts.Node): boolean {
  const call = node.parent;
  return ts.isCallExpression(call) && ts.isIdentifier(call.expression) &&
    SUITE_WORDS.has(call.expression.text);
}

function findLongParameterLists(source: ts.SourceFile): PatternHit[] {
  const hits: PatternHit[] = [];
  walk(source, (node) => {
    if (!ts.isFunctionLike(node)) return;
    const { length } = node.parameters;
    if (length > MAX_PARAMETERS) {
      hits.push({ line: lineOf(node), what: `${length} parameters of ${MAX_PARAMETERS}` });
    }
    for (const { initializer } of node.parameters) {
      const isBoolean = initializer?.kind === ts.SyntaxKind.TrueKeyword ||
        initializer?.kind === ts.SyntaxKind.FalseKeyword;
      if (isBoolean) hits.push({ line: lineOf(initializer), what: "a boolean parameter" });
    }
  });
  return hits;
}

function isNonNull(node: ts.Node): boolean {
  return ts.isNonNullExpression(node) ||
    ((ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) &&
      node.exclamationToken !== undefined);
}

function findUnexplainedCasts(source: ts.SourceFile): PatternHit[] {
  const lines = source.text.split("\n");
  return findNodes(source, isCast, "a cast").filter(({ line }) => {
    const own = lines[line - 1] ?? "";
    const above = lines[line - 2] ?? "";
    return !hasComment(own) && !hasComment(above) && !isStatementExplained(source, line);
  });
}

function isCast(node: ts.Node): boolean {
  return ts.isTypeAssertionExpression(node) ||
    (ts.isAsExpression(node) && !ts.isConstTypeReference(node.type));
}

function hasComment(line: string): boolean {
  return /(?:^|\s)\/\/|\*\/\s*$/.test(line);
}

/** A comment above a statement of several lines explains the casts inside of it. */
function isStatementExplained(source: ts.SourceFile, line: number): boolean {
  let isExplained = false;
  walk(source, (node) => {
    if (
      !ts.isVariableStatement(node) && !ts.isExpressionStatement(node) &&
      !ts.isReturnStatement(node)
    ) return;
    const end = source.getLineAndCharacterOfPosition(node.getEnd()).line + 1;
    if (line < lineOf(node) || line > end) return;
    const comments = ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? [];
    if (comments.length > 0) isExplained = true;
  });
  return isExplained;
}

function isMemberOf(node: ts.Node, name: string): boolean {
  return ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) &&
    node.expression.text === name;
}

function isSleep(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) {
    return ts.isStringLiteral(node.moduleSpecifier) &&
      /^(?:node:)?timers(?:\/promises)?$/.test(node.moduleSpecifier.text);
  }
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) &&
    SLEEPERS.has(node.expression.text);
}

function isUnsaidSkip(node: ts.Node): boolean {
  if (!ts.isCallExpression(node)) return false;
  const called = node.expression;
  if (ts.isPropertyAccessExpression(called) && ts.isIdentifier(called.expression)) {
    return TEST_WORDS.has(called.expression.text) && UNSAID_SKIPS.has(called.name.text);
  }
  return ts.isIdentifier(called) && TEST_WORDS.has(called.text) &&
    node.arguments.some((argument) =>
      ts.isObjectLiteralExpression(argument) && argument.properties.some(isUnsaidOption)
    );
}

function isUnsaidOption(property: ts.ObjectLiteralElementLike): boolean {
  if (!ts.isPropertyAssignment(property) || !ts.isIdentifier(property.name)) return false;
  const name = property.name.text;
  return (name === "skip" && property.initializer.kind === ts.SyntaxKind.TrueKeyword) ||
    name === "todo" || name === "only";
}

function findUndocumentedExports(source: ts.SourceFile): PatternHit[] {
  return source.statements
    .filter((node) =>
      ts.canHaveModifiers(node) &&
      ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
    )
    .flatMap((node) => [node, ...membersOf(node)])
    .filter((node) => ts.getJSDocCommentsAndTags(node).length === 0)
    .filter((node) => !isOverloadBody(node))
    .map((node) => ({ line: lineOf(node), what: "an export or a member without a comment" }));
}

function membersOf(node: ts.Statement): ts.Node[] {
  if (ts.isInterfaceDeclaration(node)) return [...node.members];
  if (!ts.isClassDeclaration(node)) return [];
  return node.members.filter((member) => {
    const isPrivate = member.name !== undefined && ts.isPrivateIdentifier(member.name);
    return !isPrivate && !ts.isClassStaticBlockDeclaration(member);
  });
}

/** The body of an overloaded function is not seen from outside; its signatures are. */
function isOverloadBody(node: ts.Node): boolean {
  if (!ts.isFunctionDeclaration(node) || node.body === undefined) return false;
  return node.getSourceFile().statements.some((other) =>
    other !== node && ts.isFunctionDeclaration(other) && other.name?.text === node.name?.text
  );
}
