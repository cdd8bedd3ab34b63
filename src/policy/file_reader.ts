/**
 * Reads the values of a JSONC file strictly: what is not as it must be is named by line and column.
 *
 * @module
 */

import { type Node, type ParseError, parseTree } from "jsonc-parser";
import { ExeckitError } from "../errors.ts";
import { safe, type SafeText } from "../safe_text.ts";

const FILE_HINT = safe`Correct the policy file and start again; docs/policy.md describes it`;

/** A value of the file. */
export type FileNode = Node;

/** Reads one file. */
export class FileReader {
  readonly #text: string;

  /** @param text The file's text. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The file's value. */
  root(): FileNode {
    const errors: ParseError[] = [];
    const root = parseTree(this.#text, errors, { allowTrailingComma: true });
    const [error] = errors;
    if (error !== undefined) throw this.broken(safe`it is not valid JSON`, error);
    if (root === undefined) throw this.broken(safe`it is empty`, { offset: 0 });
    return root;
  }

  /** An error about a place in the file. */
  broken(what: SafeText, at: { readonly offset: number }, cause?: unknown): ExeckitError {
    const before = this.#text.slice(0, at.offset).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    return new ExeckitError({
      code: "invalid_config",
      message: safe`Cannot use the policy file: ${what} at line ${before.length}, column ${column}`,
      hint: FILE_HINT,
      ...(cause === undefined ? {} : { cause }),
    });
  }

  /** An object's members; each key must be one of some, and stand there once. */
  members(node: FileNode, keys: readonly string[]): ReadonlyMap<string, FileNode> {
    if (node.type !== "object") throw this.broken(safe`there must be an object`, node);
    const members = new Map<string, FileNode>();
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? [];
      if (key === undefined || value === undefined) {
        throw this.broken(safe`a value is missing`, property);
      }
      const name = String(key.value);
      if (!keys.includes(name)) throw this.broken(safe`there is an unknown key`, key);
      if (members.has(name)) throw this.broken(safe`a key is given twice`, key);
      members.set(name, value);
    }
    return members;
  }

  /** A list's values. */
  items(node: FileNode): readonly FileNode[] {
    if (node.type !== "array") throw this.broken(safe`there must be a list`, node);
    return node.children ?? [];
  }

  /** A text that is not empty. */
  text(node: FileNode): string {
    const value: unknown = node.value;
    if (typeof value !== "string") throw this.broken(safe`there must be a text`, node);
    if (value === "") throw this.broken(safe`there is an empty text`, node);
    return value;
  }

  /** A text, or a list of texts with one at least. */
  texts(node: FileNode): readonly string[] {
    if (node.type !== "array") return [this.text(node)];
    const items = this.items(node);
    if (items.length === 0) throw this.broken(safe`there is an empty list`, node);
    return items.map((item) => this.text(item));
  }

  /** True or false. */
  flag(node: FileNode): boolean {
    const value: unknown = node.value;
    if (typeof value !== "boolean") throw this.broken(safe`there must be true or false`, node);
    return value;
  }

  /** One of some words. */
  word<W extends string>(node: FileNode, words: readonly W[]): W {
    const value = this.text(node);
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw this.broken(safe`there is an unknown word`, node);
    return word;
  }
}
