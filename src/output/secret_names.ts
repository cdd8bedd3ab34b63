/**
 * Which names say that their value is secret.
 *
 * @module
 */

import { isIn, LOWER, NAME, UPPER } from "./byte_classes.ts";
import {
  byteAt,
  type ByteWindow,
  latin1,
  NEED_MORE,
  NO_MATCH,
  runEnd,
  runStart,
} from "./byte_window.ts";

/** How much a name says about its value. */
export interface SecretName {
  /** What the value is called in placeholders. */
  readonly kind: "password" | "secret" | "token" | "key" | "credential";
  /** True when any value is secret; false when it must also look like a token. */
  readonly anyValue: boolean;
  /** True for names in capitals, as environment variables have. */
  readonly isUpperCase: boolean;
  /** True for names that need an outstanding value, because many of their kind are public. */
  readonly weak: boolean;
  /** Index of the name's first byte. */
  readonly start: number;
  /** Index after the name's last byte. */
  readonly end: number;
}

/** The words that secret names end in; each is an anchor, in any case. */
export const SECRET_WORDS: readonly string[] = [
  "pass",
  "pwd",
  "secret",
  "token",
  "key",
  "credential",
  "psk",
  "requirepass",
  "masterauth",
  "bindpw",
  "community",
];

/** Words that are a setting's whole name. */
const SETTING_WORDS: ReadonlySet<string> = new Set(["psk", "requirepass", "masterauth", "bindpw"]);
const HEAD_MAX_BYTES = 64;
const TAIL_MAX_BYTES = 40;
const SUFFIX =
  /^(?:[_-]?(?:prod|production|dev|development|staging|stage|test|live|sandbox|new|old|current|value|val|b64|base64|enc|encoded|hex|data|raw|plain|text|str|string|primary|secondary|main|backup|default|admin|root|user|base|\d{1,3})){0,2}$/i;
const PASSWORD_TAIL = /^(?:wor(?:d|t)|wd|w|phrase|code)?/i;
const NOT_PASSWORDS =
  /(?:by|com|sur|tres|over|under)$|(?:^|[_.-])(?:has|is|show|forgot|require|requires|use|uses|allow|enable|disable|min|max|no|invalid|wrong|missing|bad|need|needs|all|first|last|multi|single|render|one|two)[_.-]?$/i;
const PASS_HEAD = /(?:store|key|db|user|admin|root|sql|ldap|ftp|mail|smtp|redis|auth|login)$/i;
const NOT_TOKENS =
  /(?:^|[_.-])(?:max|min|num|total|count|per|next|page|prev|previous|continuation|cancel|cancellation|eos|bos|pad|unk|mask|sep|cls|stop|special|end|start|first|last|prompt|completion|input|output|lex|syntax|parse|public|n|by|is|has|no|invalid|expired|missing)[_.-]?$|(?:next|page|continuation|cancellation|max|min)$/i;
const TOKEN_HEAD =
  /(?:auth|access|api|refresh|bearer|session|id|csrf|xsrf|jwt|bot|user|app|security|oauth|push|deploy|npm|gh|git|hub)$/i;
const KEY_HEAD =
  /(?:api|access|secret|private|priv|encryption|encrypt|decryption|signing|sign|signature|auth|authorization|account|master|license|client|session|service|shared|sharedaccess|storage|ssh|deploy|webhook|app|application|admin|write|ingest|ingestion|role|hmac|jwt|aes|cipher|root|integration|consumer|subscription|functions?|host|vault|seal|unseal|recovery)[_.-]?$/i;
/** What makes a community one of SNMP, where it is a password. */
const COMMUNITY_HEAD =
  /snmp(?:[_.-]?(?:v?[12]c?|ro|rw|read|write|trap|get|set))?[_.-]?$|(?:^|[_.-])(?:ro|rw|trap)[_.-]?$/i;
const NOT_KEYS =
  /(?:public|pub|primary|foreign|sort|partition|cache|idempotency|hash|row|group|map|shard|routing|index|registry|unique|composite|lookup|object|bucket|s3|dedup|dedupe|feature|storage_object|known_host|ssh_host|site|translation|i18n|query|map|react|sentry_public|publishable)[_.-]?$/i;

/**
 * Reads the name around one of {@linkcode SECRET_WORDS}.
 *
 * @param window The bytes.
 * @param at Where the word stands.
 * @param word The word, in lower case.
 * @returns The name, {@linkcode NO_MATCH}, or {@linkcode NEED_MORE}.
 */
export function secretNameAt(
  window: ByteWindow,
  at: number,
  word: string,
): SecretName | typeof NO_MATCH | typeof NEED_MORE {
  const wordEnd = at + word.length;
  // Nearly every "key" and "pass" in a log is settled by the letter that follows.
  const following = byteAt(window, wordEnd);
  if (following === NEED_MORE) return NEED_MORE;
  if (word !== "pass" && isIn(following, LOWER) && isIn(window.bytes[at] ?? 0, LOWER)) {
    if (word !== "credential") return NO_MATCH;
  }
  const end = runEnd(window, wordEnd, NAME, TAIL_MAX_BYTES);
  if (end === NEED_MORE) return NEED_MORE;
  const tail = latin1(window, wordEnd, end);
  const completed = word === "pass" ? PASSWORD_TAIL.exec(tail)?.[0] ?? "" : "";
  const plural = word === "credential" && tail.startsWith("s") ? "s" : completed;
  const suffix = tail.slice(plural.length);
  if (suffix !== "" && !SUFFIX.test(suffix)) return NO_MATCH;
  const start = runStart(window, at, NAME, HEAD_MAX_BYTES);
  const head = latin1(window, start, at);
  const glued = isGlued(window, at);
  const strength = strengthOf({ word, completed, head, glued });
  if (strength === undefined) return NO_MATCH;
  // Written out, because copying an object of any shape is slow, and this runs for every name.
  return {
    kind: strength.kind,
    anyValue: strength.anyValue,
    weak: strength.weak,
    isUpperCase: isIn(window.bytes[at] ?? 0, UPPER) && !/[a-z]/.test(head),
    start,
    end,
  };
}

/** Tells whether the word goes on from letters in front of it, as in `dbpassword`. */
function isGlued(window: ByteWindow, at: number): boolean {
  const before = at === 0 ? -1 : window.bytes[at - 1] ?? -1;
  const first = window.bytes[at] ?? 0;
  if (isIn(first, LOWER)) return isIn(before, LOWER | UPPER);
  const second = window.bytes[at + 1] ?? 0;
  return isIn(before, UPPER) || (isIn(before, LOWER) && isIn(second, UPPER));
}

interface FoundWord {
  readonly word: string;
  readonly completed: string;
  readonly head: string;
  readonly glued: boolean;
}

type Strength = Pick<SecretName, "kind" | "anyValue" | "weak">;

type KnownHeads = Map<string, Strength | undefined>;

/** Word → what was said of the heads in front of it, in its four cases: a log has the same few. */
const known: ReadonlyMap<string, readonly KnownHeads[]> = new Map(
  SECRET_WORDS.map((word) => [word, [new Map(), new Map(), new Map(), new Map()]]),
);
const KNOWN_MAX = 64;

function strengthOf(found: FoundWord): Strength | undefined {
  const { word, completed, head, glued } = found;
  const heads = known.get(word)?.[(glued ? 2 : 0) + (isCompleted(completed) ? 1 : 0)];
  const strength = heads?.get(head);
  if (heads === undefined || strength !== undefined || heads.has(head)) return strength;
  const judged = judgeWord(found);
  if (heads.size >= KNOWN_MAX) heads.clear();
  heads.set(head, judged);
  return judged;
}

/** Tells `passwd` and `password` from `pass` and `passw`. */
function isCompleted(completed: string): boolean {
  return completed.length >= 2;
}

function judgeWord(found: FoundWord): Strength | undefined {
  const { word, completed, head, glued } = found;
  const strict = { anyValue: false, weak: false };
  if (SETTING_WORDS.has(word)) return glued ? undefined : anyPassword();
  if (word === "pass" || word === "pwd") {
    if (NOT_PASSWORDS.test(head)) return undefined;
    if (glued && word === "pass" && !isCompleted(completed) && !PASS_HEAD.test(head)) {
      return undefined;
    }
    if (glued && word === "pwd") {
      return /(?:sql|db|user|admin)[_.-]?$/i.test(head) ? anyPassword() : undefined;
    }
    return anyPassword();
  }
  if (word === "community") return COMMUNITY_HEAD.test(head) ? anyPassword() : undefined;
  if (word === "secret") return { kind: "secret", ...strict };
  if (word === "credential") return { kind: "credential", ...strict };
  if (word === "token") {
    if (NOT_TOKENS.test(head) || (glued && !TOKEN_HEAD.test(head))) return undefined;
    return { kind: "token", ...strict };
  }
  if (NOT_KEYS.test(head) || head === "") return undefined;
  if (KEY_HEAD.test(head)) return { kind: "key", ...strict };
  return glued ? undefined : { kind: "key", anyValue: false, weak: true };
}

function anyPassword(): Strength {
  return { kind: "password", anyValue: true, weak: false };
}
