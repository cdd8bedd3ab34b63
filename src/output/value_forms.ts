/**
 * The forms in which a value may appear in output.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";

/** One form of a value, as bytes to search for. */
export interface ValueForm {
  /** The bytes, without line breaks: the search steps over those. */
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

/**
 * Gives the forms of a value that a person can read: raw, its long lines, JSON, HTML and percent.
 *
 * @param value The value.
 * @returns The forms, each once.
 */
export function readableForms(value: string): ValueForm[] {
  const forms = new FormSet(value);
  forms.addReadable();
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
    for (const line of value.includes("\n") ? value.split(/\r?\n/) : []) {
      // The frame lines of keys are public, and on every key alike.
      if (line.length >= LINE_MIN_CHARS && !line.startsWith("-----")) this.#put(line);
    }
    if (this.#wholeWord || /^[\w.-]*$/.test(value)) return;
    this.#put(JSON.stringify(value).slice(1, -1));
    this.#put(htmlEscaped(value));
    const percent = percentEncoded(value);
    this.#put(percent);
    this.#put(percent.replaceAll("%20", "+"));
    this.#put(percent.replace(/%../g, (code) => code.toLowerCase()));
  }

  addEncoded(): void {
    if (this.#wholeWord) return;
    const bytes = encoder.encode(this.#value);
    this.#put(hexOf(bytes), { caseless: true, grows: true });
    for (const alignment of [0, 1, 2]) {
      const core = base64Core(bytes, alignment);
      if (core.length < ENCODED_MIN_CHARS) continue;
      this.#put(core, { grows: true });
      this.#put(core.replaceAll("+", "-").replaceAll("/", "_"), { grows: true });
    }
  }

  #put(text: string, extra: Partial<ValueForm> = {}): void {
    const flat = text.replace(/[\r\n]/g, "");
    if (this.#forms.has(flat)) return;
    const plain = { caseless: false, grows: false, wholeWord: this.#wholeWord };
    this.#forms.set(flat, { ...plain, ...extra, bytes: encoder.encode(flat) });
  }
}

/** The characters of a base64 text that a value decides alone, after so many other bytes. */
function base64Core(bytes: Uint8Array, alignment: number): string {
  const shifted = new Uint8Array(alignment + bytes.length);
  shifted.set(bytes, alignment);
  const first = Math.ceil((alignment * 8) / 6);
  const last = Math.floor((shifted.length * 8) / 6);
  return base64Of(shifted).slice(first, last);
}

function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function hexOf(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

function percentEncoded(text: string): string {
  // Lone surrogates have no percent form; they are searched as the bytes that they print as.
  return encodeURIComponent(new TextDecoder().decode(encoder.encode(text)));
}

function htmlEscaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}
