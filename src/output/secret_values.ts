/**
 * Which values next to a secret name are secrets, and which are references, types or examples.
 *
 * @module
 */

/** What stands around a value. */
export interface ValueContext {
  /** True when the value is in quotes. */
  readonly quoted: boolean;
  /** True when any value is secret, as a password's; false when it must look like a token. */
  readonly anyValue: boolean;
  /** True for `NAME=value` with a name in capitals and nothing between. */
  readonly isEnvironment: boolean;
  /** True when only an outstanding value counts. */
  readonly weak: boolean;
  /** True when the value is an argument of a command-line flag. */
  readonly isFlag: boolean;
  /** True when more words follow on the line, as in prose or code. */
  readonly hasMoreWords: boolean;
}

/** Words that are types, states, verbs or defaults, never a secret worth hiding. */
const ORDINARY_WORDS: ReadonlySet<string> = new Set(
  ("string str number int integer bool boolean any unknown undefined null none nil true false yes no " +
    "on off optional required void object bytes text varchar char secret password passwd token key " +
    "redacted changeme change_me example placeholder dummy todo tbd insert replace await new function " +
    "async lambda return typeof get read load input prompt fetch files compat sss systemd nis ldap db " +
    "incorrect invalid expired missing wrong empty ok failed disabled enabled unchanged changed set " +
    "unset hidden default ask stdin env keyring not must should is was the a an for of to and or if " +
    "secretstr securestring rotated revoked deleted created updated accepted rejected denied granted " +
    "public authtoken apikey api_key bearer basic convertto-securestring").split(" "),
);
const REFERENCE =
  /^(?:\$[A-Za-z_{(]|\$\$|%[A-Za-z_]+%|%[sdv(]|\{\{|\$?\{[\w.:-]*\}|#\{|@\{|<[^>]*>?$|\[|process\.env|os\.|env\.|ENV\[|secrets?\.|var\.|vars\.|local\.|data\.|config\.|vault:|ref\+|arn:|op:\/\/|sops:|[\w.$>:-]+[([]|!|&|\*\w|@[A-Za-z]+\/|=>|\()/;
const MASK = /^(.)\1*$|^[x*.•#-]+$|^[xX*]{3,}|[*•]{4,}|^\.{3}/;
const PLACEHOLDER =
  /^\[?REDACTED|^(?:your|my|the|some|enter|insert|replace|example|dummy|fake|sample|placeholder)[_-]|_HERE\b|^<|>$|change[_-]?me|placeholder|^(?:xxx|abc123$|foo$|bar$|foobar$|test$|todo)/i;
const PATH = /^(?:~|\.{1,2}|[A-Za-z]:)?[\\/](?:[\w.@+ -]+[\\/])*[\w.@+-]*$/;
const DOTTED_IDENTIFIER = /^[A-Za-z_$][A-Za-z_$]*(?:\??\.[A-Za-z_$][\w$]*)+$/;
const URL_START = /^[a-z][a-z0-9+.-]*:\/\//i;
const ENV_NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;

/**
 * Decides whether a value is a secret.
 *
 * @param value The value, without quotes; its first 512 characters are enough.
 * @param context What stands around it.
 * @returns True when it is to be redacted.
 */
export function isSecretValue(value: string, context: ValueContext): boolean {
  if (value === "" || isHarmless(value, context)) return false;
  return context.anyValue ? isPassword(value, context) : isToken(value, context);
}

/**
 * Tells whether a value only points to a secret, masks it, or stands for one.
 *
 * @param value The value.
 * @returns True for references, masks, placeholders and ordinary words.
 */
export function isStandIn(value: string): boolean {
  // A type may be marked as required or optional.
  return ORDINARY_WORDS.has(value.toLowerCase().replace(/[!?]$/, "")) || REFERENCE.test(value) ||
    MASK.test(value) ||
    PLACEHOLDER.test(value);
}

function isHarmless(value: string, context: ValueContext): boolean {
  if (isStandIn(value) || URL_START.test(value)) return true;
  if (PATH.test(value) && !looksRandom(value)) return true;
  if (!context.quoted && !context.isEnvironment && DOTTED_IDENTIFIER.test(value)) return true;
  return isName(value, context);
}

/**
 * `password=password`, `token: authToken`, `Password: Password:`: a name in the value's place, not a
 * value. Learned, it would hide every later prompt.
 */
function isName(text: string, context: ValueContext): boolean {
  const value = text.replace(/[:=]$/, "");
  return /^[A-Za-z_$-]+$/.test(value) &&
    /pass(?:w|phrase|code)|pwd|token|secret|credential|(?:^|[_-])key/i.test(value) &&
    (!context.isEnvironment || value.length < 12);
}

function isPassword(value: string, context: ValueContext): boolean {
  if (value.length < (context.quoted ? 2 : 4)) return false;
  if (ENV_NAME.test(value) && !/\d/.test(value)) return false;
  if (context.quoted || context.isFlag || context.isEnvironment) {
    return !/\s{2}|\s.*\s.*\s/.test(value);
  }
  // A bare lower-case word with more words after it is prose or code.
  return !(context.hasMoreWords && /^[A-Za-z_]+$/.test(value));
}

function isToken(value: string, context: ValueContext): boolean {
  if (/\s/.test(value)) return false;
  const letters = /[A-Za-z]/.test(value);
  const digits = /\d/.test(value);
  if (context.weak) {
    return letters && digits && value.length >= 16 && bitsPerCharacter(value) >= 3.2 &&
      !/[/:].*[/:]/.test(value);
  }
  if (context.isEnvironment || context.isFlag) {
    if (!letters || value.length < 6) return false;
    return digits || value.length >= 12 || /[^A-Za-z0-9_.:/-]/.test(value);
  }
  if (value.length < 8 || !letters) return false;
  if (digits) return bitsPerCharacter(value) >= 2.6;
  return context.quoted && value.length >= 16 && /[a-z]/.test(value) && /[A-Z]/.test(value) &&
    bitsPerCharacter(value) >= 3.6;
}

/**
 * Tells a made-up value from a word of a sentence, where nothing but a secret name is near.
 *
 * @param value The value.
 * @returns True when it has letters and digits and is not evenly made of few characters.
 */
export function looksMixed(value: string): boolean {
  return value.length >= 8 && value.length <= 256 && /[A-Za-z]/.test(value) && /\d/.test(value) &&
    !/\s|^[A-Za-z_.-]+\d{1,2}$|^\d+\w{0,2}$|[()[\]{}<>]|:\/\/|^[./~]/.test(value) &&
    !isStandIn(value) && bitsPerCharacter(value) >= 2.8;
}

/** Tells random text from words: long, in both cases, with digits. */
function looksRandom(value: string): boolean {
  return value.length >= 20 && /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value) &&
    bitsPerCharacter(value) >= 4;
}

/**
 * Measures how evenly a text's characters are spread.
 *
 * @param text The text; its first 256 characters count.
 * @returns Shannon entropy in bits per character.
 */
export function bitsPerCharacter(text: string): number {
  const sample = text.slice(0, 256);
  const counts = new Map<string, number>();
  for (const character of sample) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / sample.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}
