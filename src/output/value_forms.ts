/**
 * The forms in which a value may appear in output.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import { isIn, NAME } from "./byte_classes.ts";

/** One form of a value, as bytes to search for. */
export interface ValueForm {
  /** The bytes. The search steps over line ends, so that they are left out of long values. */
  readonly bytes: Uint8Array;
  /** True when the letters of the form (lower case here) may be in either case. */
  readonly caseless: boolean;
  /** True for a form that may be the middle of a longer encoded run, all of which is taken. */
  readonly grows: boolean;
  /** True when it only counts as a whole word. */
  readonly wholeWord: boolean;
}

/** Fewest characters of a line of a value for it to be searched on its own. */
const LINE_MIN_CHARS = 16;
/** Fewest characters of an encoded form: a shorter one is found by chance. */
const ENCODED_MIN_CHARS = 6;
const PLUS = 0x2b;
const SLASH = 0x2f;
const encoder = new TextEncoder();
const HEX_CHARACTERS: Uint8Array = encoder.encode("0123456789abcdef");
const BASE64_CHARACTERS: Uint8Array = encoder.encode(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
);

/**
 * Gives all forms of a value: the readable ones, hex, and base64 at its three alignments in both
 * alphabets.
 *
 * @param value The value.
 * @returns The forms, each once.
 */
export function allForms(value: string): ValueForm[] {
  const forms = new FormSet(value);
  forms.addReadable();
  forms.addEncoded();
  return forms.list();
}

/**
 * Tells whether a value is of letters, digits, `_`, `-` and `.` alone, so that it is the same in
 * JSON, HTML, a shell and a URL.
 *
 * @param bytes The value.
 */
export function isWord(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (!isIn(byte, NAME)) return false;
  return true;
}

/**
 * Gives all forms of such a value.
 *
 * @param bytes The value: six bytes or more.
 * @returns The forms, each once.
 */
export function wordForms(bytes: Uint8Array): ValueForm[] {
  return [plainForm(bytes, false), ...encodedForms(bytes)];
}

/** Bytes from one entry of {@linkcode writeFormStarts} to the next. */
export const FORM_START_STEP = 8;
/** Entries that {@linkcode writeFormStarts} makes at most. */
export const FORM_STARTS_MAX = 8;
/** Bytes that each of its entries has. */
const FORM_START_BYTES = 7;

/**
 * Writes the first seven bytes of each form of a value, for which the forms are not made.
 *
 * @param value A value of eight bytes or more for which {@linkcode isWord} is true.
 * @param starts Where to, one every {@linkcode FORM_START_STEP} bytes.
 * @returns How many there are.
 */
export function writeFormStarts(value: Uint8Array, starts: Uint8Array): number {
  for (let index = 0; index < FORM_START_BYTES; index++) {
    const byte = value[index] ?? 0;
    starts[index] = byte;
    const half = value[index >> 1] ?? 0;
    starts[FORM_START_STEP + index] = HEX_CHARACTERS[index % 2 === 0 ? half >> 4 : half & 0x0f] ??
      0;
  }
  let count = 2;
  for (let alignment = 0; alignment < 3; alignment++) {
    const at = FORM_START_STEP * count++;
    const first = firstOfCore(alignment);
    let hasSign = false;
    for (let index = 0; index < FORM_START_BYTES; index++) {
      const character = base64Character(value, alignment, first + index);
      starts[at + index] = character;
      hasSign ||= character === PLUS || character === SLASH;
    }
    if (!hasSign) continue;
    const urlAt = FORM_START_STEP * count++;
    for (let index = 0; index < FORM_START_BYTES; index++) {
      starts[urlAt + index] = urlCharacter(starts[at + index] ?? 0);
    }
  }
  return count;
}

class FormSet {
  readonly #value: string;
  readonly #wholeWord: boolean;
  readonly #forms = new Map<string, ValueForm>();
  readonly #encoded: ValueForm[] = [];

  constructor(value: string) {
    this.#value = value.replace(/[\r\n]+$/, "");
    this.#wholeWord = this.#value.length < LIMITS.knownValueMinChars;
  }

  list(): ValueForm[] {
    return [...this.#forms.values(), ...this.#encoded];
  }

  addReadable(): void {
    const value = this.#value;
    this.#put(value);
    this.#putLines(value);
    if (this.#wholeWord || /^[\w.-]*$/.test(value)) return;
    const json = JSON.stringify(value).slice(1, -1);
    this.#put(json);
    this.#put(JSON.stringify(json).slice(1, -1));
    this.#put(json.replaceAll("/", "\\/"));
    this.#put(json.replace(/[^\x20-\x7e]/g, unicodeEscape));
    for (const apostrophe of ["&#39;", "&#x27;", "&apos;"]) {
      this.#put(htmlEscaped(value, apostrophe));
    }
    this.#put(value.replaceAll("'", "'\\''"));
    this.#put(value.replace(/[^\w@%+=:,./-]/g, "\\$&"));
    const percent = percentEncoded(value);
    const strict = percent.replace(/[!'()*]/g, percentCode);
    for (const form of [percent, strict, strict.replaceAll("%2F", "/")]) {
      this.#put(form);
      this.#put(form.replaceAll("%20", "+"));
      this.#put(form.replace(/%../g, (code) => code.toLowerCase()));
    }
  }

  /** The lines of a value on their own, and all of them with whatever line ends. */
  #putLines(value: string): void {
    if (!/[\r\n]/.test(value)) return;
    this.#put(value.replace(/[\r\n]/g, ""));
    for (const line of value.split(/\r?\n/)) {
      // The frame lines of keys are public, and on every key alike.
      if (line.length >= LINE_MIN_CHARS && !line.startsWith("-----")) this.#put(line);
    }
  }

  addEncoded(): void {
    if (this.#wholeWord) return;
    const bytes = encoder.encode(this.#value);
    this.#encoded.push(...encodedForms(bytes));
  }

  #put(text: string): void {
    if (text === "" || this.#forms.has(text)) return;
    this.#forms.set(text, plainForm(encoder.encode(text), this.#wholeWord));
  }
}

function plainForm(bytes: Uint8Array, wholeWord: boolean): ValueForm {
  return { bytes, caseless: false, grows: false, wholeWord };
}

function encodedForms(bytes: Uint8Array): ValueForm[] {
  const forms: ValueForm[] = [
    { bytes: hexOf(bytes), caseless: true, grows: true, wholeWord: false },
  ];
  for (let alignment = 0; alignment < 3; alignment++) {
    const core = base64Core(bytes, alignment);
    if (core.length < ENCODED_MIN_CHARS) continue;
    const form = { bytes: core, caseless: false, grows: true, wholeWord: false };
    forms.push(form);
    if (core.includes(PLUS) || core.includes(SLASH)) {
      forms.push({ ...form, bytes: core.map(urlCharacter) });
    }
  }
  return forms;
}

/** The characters of a base64 text that a value decides alone, after so many other bytes. */
function base64Core(bytes: Uint8Array, alignment: number): Uint8Array {
  const first = firstOfCore(alignment);
  const end = Math.floor(((alignment + bytes.length) * 8) / 6);
  const core = new Uint8Array(end - first);
  for (let index = first; index < end; index++) {
    core[index - first] = base64Character(bytes, alignment, index);
  }
  return core;
}

/** The first character of a base64 text that bytes after so many others decide alone. */
function firstOfCore(alignment: number): number {
  return Math.ceil((alignment * 8) / 6);
}

/** A character of a base64 text of bytes after so many others. */
function base64Character(bytes: Uint8Array, alignment: number, index: number): number {
  // Six bits of the two bytes that they are in.
  const bit = index * 6 - alignment * 8;
  const at = bit >> 3;
  const two = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return BASE64_CHARACTERS[(two >> (10 - (bit & 7))) & 0x3f] ?? 0;
}

function urlCharacter(character: number): number {
  if (character === PLUS) return 0x2d;
  return character === SLASH ? 0x5f : character;
}

function hexOf(bytes: Uint8Array): Uint8Array {
  const hex = new Uint8Array(2 * bytes.length);
  bytes.forEach((byte, index) => {
    hex[2 * index] = HEX_CHARACTERS[byte >> 4] ?? 0;
    hex[2 * index + 1] = HEX_CHARACTERS[byte & 0x0f] ?? 0;
  });
  return hex;
}

function percentEncoded(text: string): string {
  // Lone surrogates have no percent form; they are searched as the bytes that they print as.
  return encodeURIComponent(new TextDecoder().decode(encoder.encode(text)));
}

function percentCode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function htmlEscaped(text: string, apostrophe: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", apostrophe);
}
