/**
 * Output that arrives while no command runs: kept, bounded, and handed out with the next result.
 *
 * @module
 */

import { LIMITS } from "../limits.ts";
import { OutputPipeline } from "../output/output_pipeline.ts";
import type { Redactor } from "../output/redactor.ts";
import { EMPTY_SAFE_TEXT, type SafeText } from "../safe_text.ts";

/** Collects background output of one session. */
export class BackgroundOutput {
  readonly #redactor: Redactor;
  #pipeline: OutputPipeline | undefined;

  /**
   * Starts with nothing.
   *
   * @param redactor The session's redactor.
   */
  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /**
   * Takes bytes that belong to no command.
   *
   * @param stream The stream they came on.
   * @param bytes The bytes.
   */
  push(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    this.#pipeline ??= new OutputPipeline({
      redactor: this.#redactor,
      keepBytes: LIMITS.backgroundKeepBytes,
    });
    this.#pipeline.push(stream, bytes);
  }

  /**
   * Gives what has arrived since the last time, both streams in order of arrival, redacted.
   *
   * @returns The text; empty when nothing came.
   */
  take(): SafeText {
    if (this.#pipeline === undefined) return EMPTY_SAFE_TEXT;
    const pipeline = this.#pipeline;
    this.#pipeline = undefined;
    pipeline.end();
    const shaped = pipeline.shape({ interleave: true });
    return shaped.interleaved ?? EMPTY_SAFE_TEXT;
  }
}
