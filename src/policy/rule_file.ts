/**
 * The rules of an operator's file: their keys, and their own examples.
 *
 * @module
 */

import type { Decision } from "../exec_result.ts";
import { safe } from "../safe_text.ts";
import { findSubjects } from "../shell_text/finder.ts";
import type { FileNode, FileReader } from "./file_reader.ts";
import {
  compileRule,
  type PathPredicate,
  type Predicates,
  type Rule,
  type RuleInit,
} from "./rule.ts";

/** The decisions in a file. */
export const DECISIONS: readonly Decision[] = ["allow", "ask", "deny"];

const ARGUMENT_KEYS = ["sub", "anyFlag", "noFlag", "onlyFlags", "arg", "orArg"] as const;
const LIST_KEYS = ["program", "hosts", "env", "via", "transport", "target", "session"] as const;
const PREDICATE_KEYS: readonly string[] = [
  ...ARGUMENT_KEYS,
  ...LIST_KEYS,
  "args",
  "argv",
  "path",
  "redirect",
  "stdin",
  "remote",
];
const RULE_KEYS = ["id", "decision", "say", "except", "examples", ...PREDICATE_KEYS];
const INPUTS = ["none", "text", "file", "pipe"] as const;

/** What a rule's path predicates mean by `$workspace`, and whose programs a name means. */
export interface RuleContext {
  /** The workspace's folders. */
  readonly workspace: readonly string[];
  /** Folders whose programs are meant by their name. */
  readonly trustedPaths: readonly string[];
}

/** An example of a rule, and whether it holds. */
export interface RuleExample {
  /** The rule's name. */
  readonly rule: string;
  /** The command. */
  readonly command: string;
  /** Whether the rule should match it. */
  readonly expected: boolean;
  /** Whether it does as expected. */
  readonly holds: boolean;
}

/** A rule with its examples. */
export interface FileRule {
  /** The rule. */
  readonly rule: Rule;
  /** Its examples, checked. */
  readonly examples: readonly (RuleExample & { readonly at: FileNode })[];
}

/**
 * Reads one rule and checks its examples.
 *
 * @param node The rule in the file.
 * @param reader The file's reader.
 * @param context What the file says beside its rules.
 * @returns The rule.
 */
export function readRule(node: FileNode, reader: FileReader, context: RuleContext): FileRule {
  const members = reader.members(node, RULE_KEYS);
  const id = members.get("id");
  const decision = members.get("decision");
  if (id === undefined || decision === undefined) {
    throw reader.broken(safe`a rule needs "id" and "decision"`, node);
  }
  const say = members.get("say");
  const except = members.get("except");
  const init: RuleInit = {
    id: reader.text(id),
    decision: reader.word(decision, DECISIONS),
    ...(say === undefined ? {} : { say: reader.text(say) }),
    ...(except === undefined ? {} : { except: readExcept(except, reader, context) }),
    ...readPredicates(node, members, { reader, context }),
  };
  const rule = compileRule(init, context.trustedPaths);
  return { rule, examples: readExamples(members.get("examples"), rule, reader) };
}

function readExcept(
  node: FileNode,
  reader: FileReader,
  context: RuleContext,
): readonly Predicates[] {
  const parts = node.type === "array" ? reader.items(node) : [node];
  return parts.map((part) =>
    readPredicates(part, reader.members(part, PREDICATE_KEYS), { reader, context })
  );
}

interface Reading {
  readonly reader: FileReader;
  readonly context: RuleContext;
}

function readPredicates(
  node: FileNode,
  members: ReadonlyMap<string, FileNode>,
  { reader, context }: Reading,
): Predicates {
  const args = members.get("args");
  const inner = args === undefined
    ? new Map<string, FileNode>()
    : reader.members(args, ARGUMENT_KEYS);
  for (const key of inner.keys()) {
    if (members.has(key)) throw reader.broken(safe`a key is given in the rule and in "args"`, node);
  }
  const all = new Map([...members, ...inner]);
  const found: { [key: string]: unknown } = {};
  for (const key of [...ARGUMENT_KEYS, ...LIST_KEYS]) {
    const value = all.get(key);
    if (value !== undefined) found[key] = reader.texts(value);
  }
  const argv = all.get("argv");
  if (argv !== undefined) found["argv"] = reader.items(argv).map((item) => readList(item, reader));
  const path = all.get("path");
  if (path !== undefined) found["path"] = readPath(path, reader, context);
  const redirect = all.get("redirect");
  if (redirect !== undefined) found["redirect"] = reader.word(redirect, ["read", "write"]);
  const stdin = all.get("stdin");
  if (stdin !== undefined) {
    found["stdin"] = (stdin.type === "array" ? reader.items(stdin) : [stdin]).map((item) =>
      reader.word(item, INPUTS)
    );
  }
  const remote = all.get("remote");
  if (remote !== undefined) found["remote"] = reader.flag(remote);
  if (Object.keys(found).length === 0) {
    throw reader.broken(safe`a rule says nothing to match`, node);
  }
  if (
    redirect !== undefined &&
    [...ARGUMENT_KEYS, "argv", "hosts", "stdin", "env"].some((key) => all.has(key))
  ) {
    throw reader.broken(safe`a rule about redirections cannot look at arguments`, node);
  }
  // Every value has been read as the type of its key.
  return found as Predicates;
}

/** A list of texts that may be empty: a program that is given nothing. */
function readList(node: FileNode, reader: FileReader): readonly string[] {
  return reader.items(node).map((item) => reader.text(item));
}

function readPath(node: FileNode, reader: FileReader, { workspace }: RuleContext): PathPredicate {
  const members = reader.members(node, ["inside", "outside", "is"]);
  const folders = (key: string): readonly string[] | undefined => {
    const value = members.get(key);
    if (value === undefined) return undefined;
    return reader.texts(value).flatMap((folder) => {
      if (folder === "$workspace") {
        if (workspace.length === 0) {
          throw reader.broken(safe`"$workspace" needs "workspace" in the file`, value);
        }
        return workspace;
      }
      const expanded = folder.startsWith("$workspace/")
        ? workspace.map((root) => `${root}${folder.slice("$workspace".length)}`)
        : [folder];
      if (key !== "is" && expanded.some((path) => !path.startsWith("/"))) {
        throw reader.broken(safe`a folder must be an absolute path`, value);
      }
      return expanded.map((path) => path.length > 1 ? path.replace(/\/+$/, "") : path);
    });
  };
  const [inside, outside, is] = [folders("inside"), folders("outside"), folders("is")];
  if (inside === undefined && outside === undefined && is === undefined) {
    throw reader.broken(safe`"path" needs "inside", "outside" or "is"`, node);
  }
  return {
    ...(inside === undefined ? {} : { inside }),
    ...(outside === undefined ? {} : { outside }),
    ...(is === undefined ? {} : { is }),
  };
}

function readExamples(
  node: FileNode | undefined,
  rule: Rule,
  reader: FileReader,
): FileRule["examples"] {
  if (node === undefined) return [];
  const members = reader.members(node, ["match", "noMatch"]);
  return (["match", "noMatch"] as const).flatMap((key) => {
    const list = members.get(key);
    const items = list === undefined ? [] : list.type === "array" ? reader.items(list) : [list];
    return items.map((item) => {
      const command = reader.text(item);
      const expected = key === "match";
      return {
        rule: rule.id,
        command,
        expected,
        holds: matches(rule, command) === expected,
        at: item,
      };
    });
  });
}

/** Where examples are thought to run; rules about the place are asked in every place. */
const EXAMPLE_CWD = "/";

function matches(rule: Rule, text: string): boolean {
  const { subjects, problem } = findSubjects({ text, shell: "bash", cwd: EXAMPLE_CWD });
  if (problem !== undefined) return false;
  const places = ["local", "ssh", "docker"].map((transport) => ({
    transport,
    target: transport,
    session: "",
  }));
  return places.some((place) => subjects.some((subject) => rule.decides(subject, place)));
}
