/**
 * The forms in which a value may appear in output.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";

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
const encoder = new TextEncoder();

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

class FormSet {
  readonly #value: string;
  readonly #wholeWord: boolean;
  readonly #forms = new Map<string, ValueForm>();

  constructor(value: string) {
    this.#value = value.replace(/[\r\n]+$/, "");
    this.#wholeWord = this.#value.length < LIMITS.knownValueMinChars;
  }

  list(): ValueForm[] {
    return [...this.#forms.values()];
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
    this.#put(hexOf(bytes), { caseless: true, grows: true });
    const binary = binaryOf(bytes);
    for (const alignment of [0, 1, 2]) {
      const core = base64Core(binary, alignment);
      if (core.length < ENCODED_MIN_CHARS) continue;
      this.#put(core, { grows: true });
      if (/[+/]/.test(core)) {
        this.#put(core.replaceAll("+", "-").replaceAll("/", "_"), { grows: true });
      }
    }
  }

  #put(text: string, extra: Partial<ValueForm> = {}): void {
    if (text === "" || this.#forms.has(text)) return;
    const plain = { caseless: false, grows: false, wholeWord: this.#wholeWord };
    this.#forms.set(text, { ...plain, ...extra, bytes: encoder.encode(text) });
  }
}

/** The characters of a base64 text that a value decides alone, after so many other bytes. */
function base64Core(binary: string, alignment: number): string {
  const bytes = alignment + binary.length;
  const first = Math.ceil((alignment * 8) / 6);
  return btoa("\0".repeat(alignment) + binary).slice(first, Math.floor((bytes * 8) / 6));
}

function binaryOf(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return binary;
}

const HEX_PAIRS: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

function hexOf(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += HEX_PAIRS[byte] ?? "";
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
