/**
 * The criteria of `Match` (ssh_config(5)).
 *
 * @module
 */

import { safe, type SafeText } from "../../safe_text.ts";
import type { ConfigValues } from "./config_values.ts";
import { matchesPatterns } from "./host_patterns.ts";

/** What criteria are compared with. */
export interface MatchSubject {
  /** What the caller called the host. */
  readonly original: string;
  /** Whether this is the second pass, with the host's real name. */
  readonly final: boolean;
  /** The user that the caller asked for. */
  readonly user: string | undefined;
  /** Gives the local user's name; it is asked for only when a criterion needs it. */
  readonly localUser: () => string;
  /** Gives the name to connect to, as far as it is known yet. */
  readonly hostName: () => string;
}

/** What became of a `Match`. */
export interface MatchOutcome {
  /** `broken`: its criteria make no sense. */
  readonly kind: "true" | "false" | "broken";
  /** Whether it asks for a second pass. */
  readonly wantsFinalPass: boolean;
  /** A criterion that cannot be judged here, and made an otherwise true match false. */
  readonly skipped?: SafeText;
}

/** Criteria that would run a program, or that execkit has no notion of. */
const SKIPPED: ReadonlyMap<string, SafeText> = new Map([
  ["exec", safe`exec`],
  ["localnetwork", safe`localnetwork`],
  ["tagged", safe`tagged`],
  ["command", safe`command`],
  ["version", safe`version`],
  ["sessiontype", safe`sessiontype`],
]);

/**
 * Judges a `Match`. No criterion runs a program or asks a name server.
 *
 * @param words The criteria and their values.
 * @param subject What they are compared with.
 * @param values What is known so far.
 * @returns The outcome.
 */
export function matchesCriteria(
  words: readonly string[],
  subject: MatchSubject,
  values: ConfigValues,
): MatchOutcome {
  let isTrue = true;
  let wantsFinalPass = false;
  let skipped: SafeText | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = (words[at] ?? "").toLowerCase();
    const negated = word.startsWith("!");
    const criterion = negated ? word.slice(1) : word;
    const unjudged = SKIPPED.get(criterion);
    let holds: boolean | undefined;
    if (unjudged !== undefined) {
      skipped ??= unjudged;
      at++;
      continue;
    } else if (criterion === "all") {
      holds = true;
    } else if (criterion === "final" || criterion === "canonical") {
      wantsFinalPass ||= criterion === "final";
      holds = subject.final;
    } else {
      holds = compare(criterion, words[++at], { subject, values });
      if (holds === undefined) return { kind: "broken", wantsFinalPass };
    }
    if (holds === negated) isTrue = false;
  }
  return {
    wantsFinalPass,
    kind: isTrue && skipped === undefined ? "true" : "false",
    ...(isTrue && skipped !== undefined ? { skipped } : {}),
  };
}

function compare(
  criterion: string,
  list: string | undefined,
  { subject, values }: { readonly subject: MatchSubject; readonly values: ConfigValues },
): boolean | undefined {
  if (list === undefined) return undefined;
  const patterns = list.split(",");
  const lowered = list.toLowerCase().split(",");
  switch (criterion) {
    case "host":
      return matchesPatterns(lowered, subject.hostName().toLowerCase());
    case "originalhost":
      return matchesPatterns(lowered, subject.original.toLowerCase());
    case "user":
      return matchesPatterns(patterns, subject.user ?? values.word("user") ?? subject.localUser());
    case "localuser":
      return matchesPatterns(patterns, subject.localUser());
    default:
      return undefined;
  }
}
