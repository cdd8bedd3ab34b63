/**
 * The operator's policy file: JSON with `deny` and `allow`, as upstream's.
 *
 * A broken file refuses to start: falling back to a default would open what the operator meant
 * to close.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { createDenyListPolicy } from "./command_rules.ts";
import type { Policy } from "./policy.ts";

const FILE_HINT =
  safe`Write the policy file as {"deny": ["rm"], "allow": ["ls"]}, each list optional`;

/**
 * Reads a policy file's text. Reading the file itself is the caller's.
 *
 * @param text The text: a JSON object with the optional lists `deny` and `allow`.
 * @returns The policy.
 * @throws {ExeckitError} `invalid_config` for broken JSON (with line and column), unknown keys,
 * wrong types, and `deny_patterns`, which is not supported.
 */
export function parsePolicyFile(text: string): Policy {
  const file = parseObject(text);
  for (const key of Object.keys(file)) checkKey(key);
  const deny = readList(file, "deny") ?? [];
  const allow = readList(file, "allow");
  try {
    return createDenyListPolicy(allow === undefined ? { deny } : { deny, allow });
  } catch (error) {
    if (!(error instanceof ExeckitError)) throw error;
    throw broken(safe`a list entry is not a program's name or path`, error);
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw broken(safe`it is not valid JSON ${placeOf(text)}`, error);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw broken(safe`it is not a JSON object`);
  }
  // A JSON object's members are unknown until each is checked.
  return parsed as Record<string, unknown>;
}

function checkKey(key: string): void {
  if (key === "deny_patterns") throw broken(safe`"deny_patterns" is not supported yet`);
  if (key !== "deny" && key !== "allow") {
    throw broken(safe`it has a key other than "deny" and "allow"`);
  }
}

function readList(
  file: Readonly<Record<string, unknown>>,
  key: "deny" | "allow",
): readonly string[] | undefined {
  if (!Object.hasOwn(file, key)) return undefined;
  const list = file[key];
  const isList = Array.isArray(list) && list.every((entry) => typeof entry === "string");
  if (isList) return list;
  throw broken(
    key === "deny" ? safe`"deny" is not a list of strings` : safe`"allow" is not a list of strings`,
  );
}

/** Where the JSON breaks. The engine's own message stays out: it quotes the file. */
function placeOf(text: string): SafeText {
  // Every longer prefix is broken too once one is, so that the first broken one can be bisected.
  let valid = 0;
  let broken = text.length + 1;
  while (broken - valid > 1) {
    const middle = Math.floor((valid + broken) / 2);
    if (couldGoOn(text.slice(0, middle))) valid = middle;
    else broken = middle;
  }
  const before = text.slice(0, valid).split("\n");
  return safe`at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** True when a text is valid JSON, or breaks only because it ends there. */
function couldGoOn(prefix: string): boolean {
  try {
    JSON.parse(prefix);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const position = / at position (\d+)/.exec(message)?.[1];
    return message.includes("Unexpected end of") || Number(position) === prefix.length;
  }
}

function broken(what: SafeText, cause?: unknown): ExeckitError {
  return new ExeckitError({
    code: "invalid_config",
    message: safe`Cannot use the policy file: ${what}`,
    hint: FILE_HINT,
    ...(cause === undefined ? {} : { cause }),
  });
}
