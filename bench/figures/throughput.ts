/**
 * How fast output comes through, and what it costs in memory.
 *
 * @module
 */

import process from "node:process";
import { type ExecOptions, Session } from "../../mod.ts";
import { type Figure, makeFigure, timed } from "../support/figure.ts";
import { readRaw } from "../support/raw_bash.ts";

const MEGABYTE = 1_000_000;

/** A command that writes much. */
interface Flood {
  readonly name: string;
  readonly command: string;
  readonly options?: ExecOptions;
  readonly atLeastMegabytesPerSecond: number;
}

/** Text that looks like a log with secrets in it, made by awk so that making it costs little. */
const LOG = `awk 'BEGIN { for (i = 0; i < 200000; i++)
  print "2026-01-01T00:00:00Z INFO worker=" i " password=hunter-" i % 10 " path=/srv/app/" i }'`;

const FLOODS: readonly Flood[] = [
  { name: "yes", command: "yes | head -c 200000000", atLeastMegabytesPerSecond: 20 },
  { name: "seq_1e7", command: "seq 10000000", atLeastMegabytesPerSecond: 10 },
  {
    name: "urandom",
    command: "head -c 100000000 /dev/urandom",
    atLeastMegabytesPerSecond: 5,
  },
  { name: "redacted_log", command: LOG, atLeastMegabytesPerSecond: 1 },
  {
    name: "seq_1e7_grep_tail",
    command: "seq 10000000",
    options: { budget: { grep: { pattern: "7$" }, keep: { mode: "tail", n: 100 } } },
    atLeastMegabytesPerSecond: 10,
  },
];

/**
 * Measures floods beside a bare pipe.
 *
 * @returns The figures.
 */
export async function measureThroughput(): Promise<Figure[]> {
  await using session = await Session.open({ transport: "local", shell: "bash" });
  const figures: Figure[] = [];
  for (const { name, command, options, atLeastMegabytesPerSecond } of FLOODS) {
    let bytes = 0;
    const ms = await timed(async () => {
      bytes = (await session.exec(command, options)).totals.stdoutBytes;
    });
    let rawBytes = 0;
    const rawMs = await timed(async () => {
      rawBytes = await readRaw(command);
    });
    if (bytes !== rawBytes) throw new Error(`${name}: ${bytes} bytes instead of ${rawBytes}`);
    const [rate, rawRate] = [ms, rawMs].map((time) => bytes / MEGABYTE / (time / 1000));
    figures.push(makeFigure(`throughput_${name}_beside_raw_pipe`, {
      value: rate ?? 0,
      unit: "MB/s",
      ...(rawRate === undefined ? {} : { beside: rawRate }),
      target: { of: "value", atLeast: atLeastMegabytesPerSecond },
    }));
  }
  figures.push(makeFigure("rss_after_floods", {
    value: process.memoryUsage().rss / MEGABYTE,
    unit: "MB",
    target: { of: "value", atMost: 400 },
  }));
  return figures;
}
