/**
 * The operator's policy file: JSONC with packs and rules, or upstream's lists.
 *
 * A broken file refuses to start: falling back to a default would open what the operator meant
 * to close.
 *
 * @module
 */

import { RE2JS } from "re2js";
import { ExeckitError } from "../errors.ts";
import type { Decision } from "../exec_result.ts";
import { safe } from "../safe_text.ts";
import { createDenyListPolicy } from "./command_rules.ts";
import { type FileNode, FileReader } from "./file_reader.ts";
import { type PackName, PACKS } from "./packs/packs.ts";
import type { Policy } from "./policy.ts";
import { strictestOf } from "./policy_stack.ts";
import { DECISIONS, type FileRule, readRule, type RuleExample } from "./rule_file.ts";
import { createRulePolicy } from "./rule_policy.ts";

/** A policy file, read and checked. */
export interface PolicyFile {
  /** The policy. */
  readonly policy: Policy;
  /** The examples of its rules; all of them hold, unless they were only to be reported. */
  readonly examples: readonly RuleExample[];
  /** The folders that it names as workspaces: agents may write there. */
  readonly workspace: readonly string[];
}

/** How a policy file is read. */
export interface ReadPolicyOptions {
  /**
   * What an example that does not hold means: `must_hold` refuses the file, `report` leaves it to
   * the caller, who must not enforce the policy. Default: `must_hold`.
   */
  readonly examples?: "must_hold" | "report";
}

const KEYS = [
  "version",
  "default",
  "whenNoHuman",
  "packs",
  "dynamic",
  "unreadableCode",
  "scriptFiles",
  "parseError",
  "trustedPaths",
  "workspace",
  "rules",
] as const;
const LIST_KEYS = ["allow", "deny", "deny_patterns"] as const;
const TRUSTED_PATHS = [
  "/bin",
  "/usr/bin",
  "/usr/local/bin",
  "/sbin",
  "/usr/sbin",
  "/usr/local/sbin",
];
/** Characters of a pattern in `deny_patterns` at most, as upstream's 4096. */
const PATTERN_MAX_CHARS = 4096;

/**
 * Reads a policy file's text. Reading the file itself is the caller's, or `loadPolicyFile`'s.
 *
 * @param text The text: JSONC as docs/policy.md describes, or upstream's JSON with the optional
 * lists `deny`, `allow` and `deny_patterns`.
 * @returns The policy.
 * @throws {ExeckitError} `invalid_config`, naming line and column, for broken JSONC, unknown keys,
 * wrong types, and examples that do not hold.
 */
export function parsePolicyFile(text: string): Policy {
  return readPolicyFile(text).policy;
}

/**
 * Reads a policy file's text, and gives its examples too.
 *
 * @param text The text.
 * @param options What becomes of examples that do not hold.
 * @returns The policy and the examples.
 * @throws {ExeckitError} As {@linkcode parsePolicyFile}.
 */
export function readPolicyFile(text: string, options: ReadPolicyOptions = {}): PolicyFile {
  const reader = new FileReader(text);
  const root = reader.root();
  if (isListFile(root)) {
    return { policy: readLists(root, reader), examples: [], workspace: [] };
  }
  const members = reader.members(root, KEYS);
  const version = members.get("version");
  if (version === undefined) throw reader.broken(safe`"version" is missing`, root);
  const number: unknown = version.value;
  if (number !== 1) throw reader.broken(safe`the version must be 1`, version);
  return readSettings(members, reader, options);
}

/** Upstream's files have no version and nothing but lists. */
function isListFile(root: FileNode): boolean {
  const keys = (root.children ?? []).map((property) => String(property.children?.[0]?.value));
  return root.type === "object" && keys.every((key) => LIST_KEYS.some((known) => known === key));
}

function readSettings(
  members: ReadonlyMap<string, FileNode>,
  reader: FileReader,
  options: ReadPolicyOptions,
): PolicyFile {
  const decision = (key: string, fallback: Decision): Decision => {
    const node = members.get(key);
    return node === undefined ? fallback : reader.word(node, DECISIONS);
  };
  const paths = (key: string, fallback: readonly string[]): readonly string[] => {
    const node = members.get(key);
    return node === undefined ? fallback : readFolders(node, reader);
  };
  const base = decision("default", "ask");
  const whenNoHuman = members.get("whenNoHuman");
  const context = {
    workspace: paths("workspace", []),
    trustedPaths: paths("trustedPaths", TRUSTED_PATHS),
  };
  const rulesNode = members.get("rules");
  const rules = rulesNode === undefined
    ? []
    : reader.items(rulesNode).map((node) => readRule(node, reader, context));
  checkNames(rules, rulesNode, reader);
  if (options.examples !== "report") checkExamples(rules, reader);
  const strict = base === "deny" ? "deny" : "ask";
  const policy = createRulePolicy({
    default: base,
    dynamic: decision("dynamic", strict),
    unreadableCode: decision("unreadableCode", strict),
    scriptFiles: decision("scriptFiles", base),
    parseError: decision("parseError", "deny"),
    whenNoHuman: whenNoHuman === undefined ? "deny" : reader.word(whenNoHuman, ["allow", "deny"]),
    packs: readPacks(members.get("packs"), reader),
    rules: rules.map(({ rule }) => rule),
  });
  return {
    policy,
    examples: rules.flatMap(({ examples }) => examples.map(({ at: _, ...rest }) => rest)),
    workspace: context.workspace,
  };
}

function checkNames(
  rules: readonly FileRule[],
  node: FileNode | undefined,
  reader: FileReader,
): void {
  const seen = new Set<string>();
  rules.forEach(({ rule }, index) => {
    const at = node?.children?.[index] ?? { offset: 0 };
    if (seen.has(rule.id)) throw reader.broken(safe`two rules have the same "id"`, at);
    seen.add(rule.id);
  });
}

function checkExamples(rules: readonly FileRule[], reader: FileReader): void {
  for (const { examples } of rules) {
    const failing = examples.find(({ holds }) => !holds);
    if (failing === undefined) continue;
    const what = failing.expected
      ? safe`a rule does not match its example`
      : safe`a rule matches an example that it must not match`;
    throw reader.broken(what, failing.at);
  }
}

function readFolders(node: FileNode, reader: FileReader): readonly string[] {
  return reader.texts(node).map((folder) => {
    if (!folder.startsWith("/")) throw reader.broken(safe`a folder must be an absolute path`, node);
    return folder.length > 1 ? folder.replace(/\/+$/, "") : folder;
  });
}

function readPacks(
  node: FileNode | undefined,
  reader: FileReader,
): ReadonlyMap<PackName, Decision> {
  const packs = new Map<PackName, Decision>();
  if (node === undefined) return packs;
  // The keys of the table are the names.
  const names = Object.keys(PACKS) as PackName[];
  const members = reader.members(node, names);
  for (const name of names) {
    const setting = members.get(name);
    if (setting !== undefined) packs.set(name, reader.word(setting, DECISIONS));
  }
  return packs;
}

function readLists(root: FileNode, reader: FileReader): Policy {
  const members = reader.members(root, LIST_KEYS);
  const list = (key: string): readonly string[] | undefined => {
    const node = members.get(key);
    return node === undefined ? undefined : reader.items(node).map((item) => reader.text(item));
  };
  const allow = list("allow");
  const lists = { deny: list("deny") ?? [], ...(allow === undefined ? {} : { allow }) };
  let policy: Policy;
  try {
    policy = createDenyListPolicy(lists);
  } catch (cause) {
    if (!(cause instanceof ExeckitError)) throw cause;
    throw reader.broken(safe`a list entry is not a program's name or path`, root, cause);
  }
  const patterns = members.get("deny_patterns");
  if (patterns === undefined) return policy;
  return strictestOf([policy, patternPolicy(reader.items(patterns), reader)]);
}

/** Upstream's patterns look at the command's text; they run on an engine of linear time. */
function patternPolicy(nodes: readonly FileNode[], reader: FileReader): Policy {
  const patterns = nodes.map((node) => {
    const text = reader.text(node);
    if (text.length > PATTERN_MAX_CHARS) throw reader.broken(safe`a pattern is too long`, node);
    try {
      return RE2JS.compile(text);
    } catch (cause) {
      throw reader.broken(safe`a pattern is not valid RE2 syntax`, node, cause);
    }
  });
  const judge = (text: string) => {
    const index = patterns.findIndex((pattern) => pattern.matcher(text).find());
    if (index < 0) return { decision: "allow" as const };
    return {
      decision: "deny" as const,
      rule: safe`deny_patterns:${index + 1}`,
      reason: safe`A pattern of the operator's forbids this text; do not work around it`,
    };
  };
  return { decide: ({ command }) => judge(command), decideInput: ({ input }) => judge(input) };
}
