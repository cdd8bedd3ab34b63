/**
 * What a prompt looks like, and what it asks for. Every matcher looks at the last 200 characters
 * only, and none goes back, since the text is whatever a program prints.
 *
 * @module
 */

/** Characters of a prompt that are looked at and shown. */
export const PROMPT_MAX_CHARS = 200;

/** Characters at the end of the output in which the prompt is looked for. */
const TAIL_CHARS = 2000;

const PASSWORD_WORDS: readonly string[] = [
  ...["password", "passphrase", "passcode", "passwort", "mot de passe", "contraseña", "пароль"],
  ...["pin:", "pin code", "enter pin", "otp", "one-time", "verification code", "2fa", "mfa"],
  ...["authentication code", "security code", "token:", "token for", "access token", "api token"],
  ...["secret:", "secret key", "api key", "access key", "private key", "vault key", "credential"],
  ...["enter code", "enter the code", "login code", "backup code", "recovery code", "unlock code"],
  ...["token (", "will be hidden", "not be shown", "not be echoed", "input hidden", "hidden input"],
  ...[
    "secret (",
    "kennwort",
    "geheim",
    "wachtwoord",
    "senha",
    "clave",
    "parola",
    "hasło",
    "lösenord",
  ],
  ...["adgangskode", "salasana", "код подтверждения", "密码", "密碼", "パスワード", "비밀번호"],
];

/** A secret's name in front of where its value goes. */
const NAMED_SECRET =
  /(?:passw(?:ord|ort|d)|passphrase|passcode|token|secret|(?:api|access|secret|private)[ _-]?key|(?:^|[^a-z])(?:pass|pin|pin code|otp|2fa|mfa)) ?[:=?]$/;

/** `Code:` asks for a secret, unless it is said to be another one. */
const NAMED_CODE = /(?:^|[^a-z])code ?[:=?]$/;
const OTHER_CODE =
  /(?:zip|post(?:al)?|area|country|exit|status|error|source|language|currency|colou?r|promo(?:tion)?|discount|coupon|state|region|project|product|bar|qr)[ -]?code ?[:=?]$/;

/** Asks who somebody is: what comes next is mostly a password. */
const NAME_WORDS: readonly string[] = [
  ...["username", "user name", "user:", "login:", "login name", "user id", "userid", "e-mail"],
  ...["email", "account", "benutzer", "utilisateur", "usuario", "utente", "gebruiker"],
];

const CHOICES: readonly string[] = [
  ...[
    "y/n",
    "n/y",
    "yes/no",
    "no/yes",
    "y/n/q",
    "y,n",
    "y|n",
    "yes|no",
    "(y)es",
    "[y]es",
    "ja/nein",
  ],
  ...["[y]", "(y)", "[n]", "y or n", "yes or no", "j/n", "o/n", "y/a/n", "a/y/n", "n/a/y"],
];

const CONFIRM_WORDS: readonly string[] = [
  ...["are you sure", "do you want to", "would you like to", "continue?", "proceed?", "overwrite"],
  ...["press enter", "press return", "hit enter", "hit return", "press any key", "any key to"],
  ...["to continue", "to confirm", "ok to ", "is this ok", "really ", "replace ", "remove "],
];

const PAGER_WORDS: readonly string[] = ["(end)", "--more--", "press return)", "(press h for help"];

const REPL_PROMPTS: readonly RegExp[] = [
  /^(?:>>>|\.\.\.|>|<|\?>|%|\(gdb\)|\(lldb\)|\(pdb\)|\(Pdb\)|ftp>|sftp>|iex.{0,20}>|irb.{0,40}>) ?$/,
  /^In \[\d{1,6}\]: ?$/,
  /^\w{1,40}(?:[-=][>#*]|[>#]) ?$/,
  /^(?:mysql|MariaDB \[[^\]]{0,60}\]|sqlite|[\w.:-]{1,60}:\d{1,5}(?:\[\d{1,3}\])?)> ?$/,
];

/** A prompt as it stands at the end of an output. */
export interface PromptLine {
  /** The line, without terminal sequences: its last 200 characters. */
  readonly text: string;
  /** Whether the output ends in it, with no line feed behind it. */
  readonly open: boolean;
}

/** What the words of a prompt ask for. */
export type PromptMeaning = "password" | "confirmation" | "pager" | "repl" | "unknown";

/**
 * Finds the prompt at the end of an output.
 *
 * @param tail The end of the output.
 * @returns Its last line; when that is empty, the last line with text, and `open` is false.
 */
export function findPrompt(tail: string): PromptLine {
  const plain = withoutSequences(tail.slice(-TAIL_CHARS)).replaceAll("\r\n", "\n");
  const lines = plain.split("\n").map(afterReturn);
  const last = lines.at(-1) ?? "";
  const open = last.trim() !== "";
  const text = open ? last : lines.findLast((line) => line.trim() !== "") ?? "";
  return { text: text.replaceAll(/[ \t]{2,}/g, " ").slice(-PROMPT_MAX_CHARS), open };
}

/**
 * Tells whether a line looks like a prompt: it ends as questions do.
 *
 * @param prompt The line.
 * @returns False for a finished line, and for a progress bar.
 */
export function looksLikePrompt({ text, open }: PromptLine): boolean {
  if (!open) return false;
  const line = text.trimEnd();
  const before = line.at(-2) ?? "";
  switch (line.at(-1)) {
    case ":":
    case "?":
    case "：":
    case "？":
      return true;
    case ">":
      return before !== "=" && before !== "-" || meaningOf(text) === "repl";
    case "$":
    case "#":
      return text.endsWith(" ") && before !== line.at(-1);
    default:
      return meaningOf(text) !== "unknown";
  }
}

/**
 * Tells what a prompt asks for, by its words.
 *
 * @param text The prompt.
 * @returns The meaning; `unknown` for a question like any other.
 */
export function meaningOf(text: string): PromptMeaning {
  const prompt = text.slice(-PROMPT_MAX_CHARS);
  const lower = prompt.toLowerCase();
  const line = prompt.trimEnd();
  const has = (words: readonly string[]) => words.some((word) => lower.includes(word));
  if (REPL_PROMPTS.some((shape) => shape.test(prompt.trimStart()))) return "repl";
  if (has(PAGER_WORDS) || line === ":" || /^lines \d+-\d+/.test(line)) return "pager";
  if (has(CHOICES) && /[\])?:>]$|[yn]$/i.test(line)) return "confirmation";
  if (has(PASSWORD_WORDS) && /[:?>)：]$/.test(line)) return "password";
  if (isNamedSecret(lower.trimEnd())) return "password";
  if (has(CONFIRM_WORDS) && /[?:.)\]…]$/.test(line)) return "confirmation";
  if (/(?:press|hit) (?:enter|return|any key)/.test(lower)) return "confirmation";
  return "unknown";
}

/**
 * Tells whether a prompt asks for a user's name.
 *
 * @param prompt The prompt.
 * @returns Whether it does, and stands open for the answer.
 */
export function asksForName({ text, open }: PromptLine): boolean {
  const lower = text.trimEnd().toLowerCase();
  return open && /[:?>：]$/.test(lower) && NAME_WORDS.some((word) => lower.includes(word));
}

function isNamedSecret(line: string): boolean {
  return NAMED_SECRET.test(line) || NAMED_CODE.test(line) && !OTHER_CODE.test(line);
}

/** What a terminal shows of a line in which a carriage return went back to its start. */
function afterReturn(line: string): string {
  const parts = line.split("\r");
  return parts.findLast((part) => part !== "") ?? "";
}

/** Drops what a terminal does not show: CSI and OSC sequences (ECMA-48 §5.4), and single controls. */
function withoutSequences(text: string): string {
  let shown = "";
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x1b) {
      at = sequenceEnd(text, at + 1);
      continue;
    }
    if (code >= 0x20 && code !== 0x7f || code === 0x0a || code === 0x0d || code === 0x09) {
      shown += text[at];
    }
    at += 1;
  }
  return shown;
}

function sequenceEnd(text: string, from: number): number {
  const kind = text[from];
  let at = from + 1;
  if (kind === "[") {
    while (at < text.length && text.charCodeAt(at) < 0x40) at += 1;
    return at + 1;
  }
  if (kind === "]" || kind === "P" || kind === "^" || kind === "_") {
    while (at < text.length && text.charCodeAt(at) !== 7 && text.charCodeAt(at) !== 0x1b) at += 1;
    return at < text.length && text.charCodeAt(at) === 0x1b ? at + 2 : at + 1;
  }
  return kind === "(" || kind === ")" || kind === "#" ? from + 2 : at;
}
