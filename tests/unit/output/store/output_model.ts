/**
 * A plain model of a command's output, and what tests of the store share.
 *
 * @module
 */

import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRedactor } from "../../../../src/output/redact.ts";
import type { StreamName } from "../../../../src/output/output_store.ts";
import {
  CommandOutput,
  type CommandOutputOptions,
} from "../../../../src/output/store/command_output.ts";
import type { OutputView } from "../../../../src/output/store/output_page.ts";
import { SpoolDirectory } from "../../../../src/output/store/spool_directory.ts";

/** One line as the model sees it. */
export interface ModelLine {
  readonly stream: StreamName;
  readonly text: string;
}

/** Remembers everything that was written. */
export class OutputModel {
  readonly texts = { stdout: "", stderr: "" };
  readonly #complete: ModelLine[] = [];
  readonly #begun = { stdout: "", stderr: "" };
  #lastOpen: StreamName = "stdout";

  write(stream: StreamName, text: string): void {
    this.texts[stream] += text;
    const lines = (this.#begun[stream] + text).split("\n");
    this.#begun[stream] = lines.pop() ?? "";
    for (const line of lines) this.#complete.push({ stream, text: line });
    this.#lastOpen = stream;
  }

  lines(view: OutputView): ModelLine[] {
    if (view !== "both") return this.lines("both").filter(({ stream }) => stream === view);
    const other = this.#lastOpen === "stdout" ? "stderr" : "stdout";
    const open = [other, this.#lastOpen] as const;
    const begun = open.map((stream) => ({ stream, text: this.#begun[stream] }));
    return [...this.#complete, ...begun.filter(({ text }) => text !== "")];
  }
}

/** Lends a spool directory to a test. */
export async function withSpool(
  use: (spool: SpoolDirectory, path: string) => Promise<void>,
): Promise<void> {
  const above = await mkdtemp(join(tmpdir(), "execkit-store-"));
  try {
    const path = join(above, "spool");
    await use(new SpoolDirectory(path), path);
  } finally {
    await rm(above, { recursive: true, force: true });
  }
}

/** Makes an output with a redactor of its own. */
export function newOutput(options: Partial<CommandOutputOptions> = {}): CommandOutput {
  return new CommandOutput({ redactor: createRedactor(), ...options });
}

/** Lets the disk and the timers have a turn. */
export async function turn(): Promise<void> {
  await access(tmpdir());
}
