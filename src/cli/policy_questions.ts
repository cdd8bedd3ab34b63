/**
 * What the `policy` commands ask a policy: a command and where it would run.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import type { Verdict } from "../exec_result.ts";
import { createRedactor } from "../output/redact.ts";
import type { Redactor } from "../output/redactor.ts";
import { loadPolicyFile } from "../policy/load_policy_file.ts";
import type { Policy } from "../policy/policy.ts";
import type { PolicyFile } from "../policy/policy_file.ts";
import { safe, type SafeText } from "../safe_text.ts";

/** Where a command would run, as far as the caller says. */
export interface QuestionPlace {
  /** The working directory. Default: not known. */
  readonly cwd?: string;
  /** What a person would call the machine. Default: `local`. */
  readonly host?: string;
  /** The kind of machine. Default: `local`. */
  readonly transport?: string;
  /** The shell that reads the command. Default: `bash`. */
  readonly shell?: string;
}

/** A command, and the name of its answer. */
export interface Question extends QuestionPlace {
  /** The name that the caller gave it. */
  readonly id: string | number;
  /** The command. */
  readonly command: string;
  /** Its standard input. Default: none. */
  readonly stdin?: string;
}

/** What is thrown at a question that is none: the name as far as it is known, and why. */
export interface BrokenQuestion {
  /** The name that the caller gave it, or the line's number. */
  readonly id: string | number;
  /** What is wrong with it. */
  readonly error: ExeckitError;
}

const PLACE_KEYS = ["cwd", "host", "transport", "shell"] as const;

/**
 * Loads the file whose policy is asked. It is only looked at, so that it may be anybody's.
 *
 * @param path The file.
 * @param examples What an example that does not hold means.
 * @returns The file.
 * @throws {ExeckitError} `invalid_config`.
 */
export async function loadForQuestions(
  path: string,
  examples: "must_hold" | "report" = "must_hold",
): Promise<PolicyFile> {
  return await loadPolicyFile(path, { owner: "any", examples });
}

/**
 * Asks a policy. Each question stands alone: none knows what another one defined or held.
 *
 * @param policy The policy.
 * @param question The command and where it would run.
 * @param redactor Takes secrets out of the verdict. Default: one of its own.
 * @returns The verdict.
 */
export function ask(policy: Policy, question: Question, redactor?: Redactor): Verdict {
  let own = redactor;
  return policy.decide({
    command: question.command,
    ...(question.stdin === undefined ? {} : { stdin: question.stdin }),
    cwd: question.cwd ?? "",
    transport: question.transport ?? "local",
    target: question.host ?? "local",
    shell: question.shell ?? "bash",
    // Most verdicts have nothing to redact.
    redact: (text) => (own ??= createRedactor()).text(text),
  });
}

/**
 * Reads a question from a line of JSON. Keys that it does not know are the caller's own.
 *
 * @param text The line; undefined when it could not be read.
 * @param number The line's number, its name when it has none.
 * @param place Where it would run when the line does not say.
 * @returns The question, or what is wrong with it.
 */
export function readQuestion(
  text: string | undefined,
  number: number,
  place: QuestionPlace,
): Question | BrokenQuestion {
  if (text === undefined) return broken(number, safe`is longer than 8 MiB, or no UTF-8`);
  const value = parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return broken(number, safe`is no JSON object`);
  }
  // An object of JSON has nothing but members.
  const members = value as Readonly<Record<string, unknown>>;
  const id = members["id"] ?? number;
  if (typeof id !== "string" && typeof id !== "number") {
    return broken(number, safe`has an "id" that is neither text nor a number`);
  }
  const commands = [members["cmd"], members["command"]].filter((one) => one !== undefined);
  const [command] = commands;
  if (commands.length !== 1 || typeof command !== "string") {
    return broken(id, safe`needs one text, as "cmd" or as "command"`);
  }
  if (PLACE_KEYS.some((key) => members[key] !== undefined && typeof members[key] !== "string")) {
    return broken(id, safe`has a "cwd", "host", "transport" or "shell" that is no text`);
  }
  const { stdin } = members;
  if (stdin !== undefined && typeof stdin !== "string") {
    return broken(id, safe`has a "stdin" that is no text`);
  }
  const own = PLACE_KEYS.flatMap((key) => members[key] === undefined ? [] : [[key, members[key]]]);
  return {
    ...place,
    ...Object.fromEntries(own),
    ...(stdin === undefined ? {} : { stdin }),
    id,
    command,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function broken(id: string | number, what: SafeText): BrokenQuestion {
  const error = new ExeckitError({
    code: "invalid_argument",
    message: safe`Cannot judge the line: it ${what}`,
    hint: safe`Send one JSON object a line, such as {"id": 1, "cmd": "ls"}`,
  });
  return { id, error };
}
