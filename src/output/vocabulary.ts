/**
 * What one redactor knows: the rules, the values, and what they are called.
 *
 * @module
 */

import type { AnchorTable } from "./anchor_table.ts";
import { isDistinctive } from "./known_match.ts";
import { KnownValues } from "./known_values.ts";
import { Placeholders } from "./placeholders.ts";
import { ruleTable } from "./rule_table.ts";
import { allForms } from "./value_forms.ts";

/** The knowledge that all streams of one redactor share. */
export class Vocabulary {
  /** The numbering of placeholders. */
  readonly placeholders: Placeholders = new Placeholders();
  /** The rules. */
  readonly table: AnchorTable = ruleTable();
  /** The values. */
  readonly known: KnownValues = new KnownValues();

  /**
   * Adds a value that is known to be secret.
   *
   * @param value The value.
   * @param kind What it is called in placeholders.
   */
  register(value: string, kind: string): void {
    const identity = this.placeholders.identify(new TextEncoder().encode(value));
    this.placeholders.name(identity, kind);
    this.known.register(allForms(value), identity);
  }

  /**
   * Remembers a value that stood next to a secret name, if text is not full of such values.
   *
   * @param bytes Where the value is.
   * @param place Where it begins and ends there, and its identity.
   */
  learn(
    bytes: Uint8Array,
    place: { readonly start: number; readonly end: number; readonly identity: number },
  ): void {
    const { start, end, identity } = place;
    if (this.known.has(identity) || !isDistinctive(bytes, start, end)) return;
    this.known.learn(bytes.subarray(start, end), identity);
  }
}
