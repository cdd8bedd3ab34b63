/**
 * What a sandbox costs: each session and each command, beside the same without one.
 *
 * @module
 */

import { type LocalSessionOptions, Session } from "../mod.ts";

/** One measured figure. */
export interface SandboxFigure {
  /** What was measured. */
  readonly figure: string;
  /** Its median in a sandbox. */
  readonly value: number;
  /** The unit of `value` and `beside`. */
  readonly unit: "ms" | "us";
  /** The median without a sandbox, measured in the same run. */
  readonly beside: number;
  /** `value / beside`. */
  readonly ratio: number;
  /** The ratio that is aimed at, at most. */
  readonly target: number;
  /** Whether it is met. */
  readonly ok: boolean;
}

/** How often each thing is done. */
export interface SandboxBenchOptions {
  /** Sessions opened and closed of each kind. Default: 10. */
  readonly sessions?: number;
  /** Commands run of each kind. Default: 300. */
  readonly commands?: number;
}

/** Opening is dominated by starting programs; a sandbox starts about a dozen more. */
const OPEN_TARGET_RATIO = 5;
/** A command needs nothing of bwrap; its system calls pass the filter. */
const COMMAND_TARGET_RATIO = 1.5;

type Kind = Pick<LocalSessionOptions, "sandbox">;
const KINDS = { inside: { sandbox: true }, outside: { sandbox: false } } as const;

function openSession(kind: Kind): Promise<Session> {
  return Session.open({ transport: "local", ...kind });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Both kinds take turns, so that a busy moment of the machine falls on both. */
async function medians(
  count: number,
  inside: () => Promise<number>,
  outside: () => Promise<number>,
): Promise<{ readonly inside: number; readonly outside: number }> {
  const times = { inside: [0].slice(1), outside: [0].slice(1) };
  for (let round = 0; round < count; round++) {
    times.inside.push(await inside());
    times.outside.push(await outside());
  }
  return { inside: median(times.inside), outside: median(times.outside) };
}

async function measureSession(kind: Kind): Promise<{ openMs: number; closeMs: number }> {
  const start = performance.now();
  const session = await openSession(kind);
  const openMs = performance.now() - start;
  return { openMs, closeMs: await timeOf(() => session.close()) };
}

async function measureCommands(command: string, count: number): Promise<SandboxMedians> {
  await using inside = await openSession(KINDS.inside);
  await using outside = await openSession(KINDS.outside);
  return await medians(
    count,
    () => timeOf(() => inside.exec(command)),
    () => timeOf(() => outside.exec(command)),
  );
}

type SandboxMedians = Awaited<ReturnType<typeof medians>>;

function figureOf(
  figure: string,
  measured: SandboxMedians,
  unit: { readonly name: "ms" | "us"; readonly target: number },
): SandboxFigure {
  const scale = unit.name === "us" ? 1000 : 1;
  const ratio = measured.inside / measured.outside;
  return {
    figure,
    value: Math.round(measured.inside * scale * 10) / 10,
    unit: unit.name,
    beside: Math.round(measured.outside * scale * 10) / 10,
    ratio: Math.round(ratio * 100) / 100,
    target: unit.target,
    ok: ratio <= unit.target,
  };
}

/**
 * Measures what a sandbox costs.
 *
 * @param options How often.
 * @returns The figures: opening and closing a session, a builtin, and a program.
 */
export async function measureSandbox(
  options: SandboxBenchOptions = {},
): Promise<SandboxFigure[]> {
  const { sessions = 10, commands = 300 } = options;
  const closing = { inside: [0].slice(1), outside: [0].slice(1) };
  const opening = await medians(
    sessions,
    async () => {
      const { openMs, closeMs } = await measureSession(KINDS.inside);
      closing.inside.push(closeMs);
      return openMs;
    },
    async () => {
      const { openMs, closeMs } = await measureSession(KINDS.outside);
      closing.outside.push(closeMs);
      return openMs;
    },
  );
  const closed = { inside: median(closing.inside), outside: median(closing.outside) };
  const builtin = await measureCommands("true", commands);
  const program = await measureCommands("/bin/true", commands);
  const open = { name: "ms", target: OPEN_TARGET_RATIO } as const;
  const command = { name: "us", target: COMMAND_TARGET_RATIO } as const;
  return [
    figureOf("sandbox: open a session", opening, open),
    figureOf("sandbox: close a session", closed, open),
    figureOf("sandbox: run a builtin", builtin, command),
    figureOf("sandbox: run a program", program, command),
  ];
}
