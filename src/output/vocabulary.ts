/**
 * What one redactor knows: the rules, the values, and what they are called.
 *
 * @module
 */

import { AnchorTable } from "./anchor_table.ts";
import { isDistinctive, KnownValues } from "./known_values.ts";
import { Placeholders } from "./placeholders.ts";
import { RULE_TABLE } from "./rule_table.ts";
import { allForms, readableForms, type ValueForm } from "./value_forms.ts";

/** Learned values that are kept; the older half goes when there are more. */
const LEARNED_MAX = 128;

interface KnownValue {
  readonly forms: readonly ValueForm[];
  readonly identity: number;
}

/** The knowledge that all streams of one redactor share. */
export class Vocabulary {
  /** The numbering of placeholders. */
  readonly placeholders: Placeholders = new Placeholders();
  #table = new AnchorTable(RULE_TABLE);
  #known = new KnownValues(this.#table);
  readonly #registered: KnownValue[] = [];
  #learned: KnownValue[] = [];

  /** The anchors of rules and values. */
  get table(): AnchorTable {
    return this.#table;
  }

  /** The values. */
  get known(): KnownValues {
    return this.#known;
  }

  /**
   * Adds a value that is known to be secret.
   *
   * @param value The value.
   * @param kind What it is called in placeholders.
   */
  register(value: string, kind: string): void {
    const identity = this.placeholders.identify(new TextEncoder().encode(value));
    this.placeholders.name(identity, kind);
    if (this.#registered.some((one) => one.identity === identity)) return;
    const forms = allForms(value);
    this.#registered.push({ forms, identity });
    this.#known.add(forms, identity);
  }

  /**
   * Remembers a value that stood next to a secret name, if text is not full of such values.
   *
   * @param bytes The value.
   * @param identity Its identity.
   */
  learn(bytes: Uint8Array, identity: number): void {
    if (!isDistinctive(bytes) || this.#known.has(identity)) return;
    if (this.#learned.length >= LEARNED_MAX) this.#forgetOlderHalf();
    const forms = readableForms(new TextDecoder().decode(bytes));
    this.#learned.push({ forms, identity });
    this.#known.add(forms, identity);
  }

  #forgetOlderHalf(): void {
    this.#learned = this.#learned.slice(LEARNED_MAX / 2);
    this.#table = new AnchorTable(RULE_TABLE);
    this.#known = new KnownValues(this.#table);
    for (const { forms, identity } of [...this.#registered, ...this.#learned]) {
      this.#known.add(forms, identity);
    }
  }
}
