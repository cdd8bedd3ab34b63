/**
 * How fast the redactor alone is, without a shell.
 *
 * @module
 */

import { createRedactor } from "../../mod.ts";
import { type Figure, makeFigure, timed } from "../support/figure.ts";

const MEGABYTE = 1_000_000;
/** Every value is remembered, so that this text is short: it would take for ever. */
const SECRETS_TEXT_LENGTH = MEGABYTE / 2;
const TEXT_LENGTH = 8 * MEGABYTE;

/** A text of a kind that goes through, made from one line. */
interface Sample {
  readonly makeLine: (line: number) => string;
  readonly length: number;
  readonly atLeastMegabytesPerSecond?: number;
}

const SAMPLES: Readonly<Record<string, Sample>> = {
  plain: {
    makeLine: (line) => `${line} the quick brown fox jumps over the lazy dog\n`,
    length: TEXT_LENGTH,
    atLeastMegabytesPerSecond: 10,
  },
  hashes: {
    makeLine: (line) => `${line.toString(16).padStart(40, "a")} refs/heads/branch-${line}\n`,
    length: TEXT_LENGTH,
    atLeastMegabytesPerSecond: 3,
  },
  few_secrets: {
    makeLine: (line) => `export NAME_${line}=value DB_PASSWORD=s3cr3t${line % 10} N="${line}"\n`,
    length: TEXT_LENGTH,
  },
  a_new_secret_in_every_line: {
    makeLine: (line) => `export NAME_${line}=value DB_PASSWORD=s3cr3t${line} OTHER="${line}"\n`,
    length: SECRETS_TEXT_LENGTH,
  },
};

/**
 * Measures the redactor on texts of several kinds.
 *
 * @returns The figures.
 */
export async function measureRedaction(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, { makeLine, length, atLeastMegabytesPerSecond }] of Object.entries(SAMPLES)) {
    const text = makeText(makeLine, length);
    const redactor = createRedactor({ secrets: ["correct-horse", "battery-staple"] });
    const ms = await timed(() => Promise.resolve(redactor.text(text)));
    figures.push(makeFigure(`redaction_${name}`, {
      value: text.length / MEGABYTE / (ms / 1000),
      unit: "MB/s",
      ...(atLeastMegabytesPerSecond === undefined
        ? {}
        : { target: { of: "value", atLeast: atLeastMegabytesPerSecond } }),
    }));
  }
  return figures;
}

function makeText(makeLine: (line: number) => string, wantedLength: number): string {
  const lines: string[] = [];
  for (let length = 0, line = 0; length < wantedLength; line++) {
    const text = makeLine(line);
    lines.push(text);
    length += text.length;
  }
  return lines.join("");
}
