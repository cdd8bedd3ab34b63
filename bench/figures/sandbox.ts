/**
 * What a sandbox costs: each session and each command, beside the same without one.
 *
 * @module
 */

import process from "node:process";
import { ExeckitError, type LocalSessionOptions, Session } from "../../mod.ts";
import { type Figure, makeFigure, percentile, timed } from "../support/figure.ts";

const SESSIONS = 10;
const COMMANDS = 300;
/** Opening is dominated by starting programs; a sandbox starts about a dozen more. */
const OPEN_TARGET_RATIO = 5;
/** A command needs nothing of bwrap; its system calls pass the filter. */
const COMMAND_TARGET_RATIO = 1.5;

type Kind = Pick<LocalSessionOptions, "sandbox">;
const INSIDE: Kind = { sandbox: true };
const OUTSIDE: Kind = { sandbox: false };

/** Times of the same thing in a sandbox and without one. */
interface Times {
  readonly inside: number[];
  readonly outside: number[];
}

/**
 * Measures what a sandbox costs. Where there is none to be had it says so, and gives no figure.
 *
 * @returns The figures: opening and closing a session, a builtin, and a program.
 */
export async function measureSandbox(): Promise<Figure[]> {
  try {
    return await measureAll();
  } catch (error) {
    if (!(error instanceof ExeckitError) || error.code !== "unsupported") throw error;
    process.stderr.write(`no figures of the sandbox: ${error.message}\n`);
    return [];
  }
}

async function measureAll(): Promise<Figure[]> {
  const [opening, closing]: [Times, Times] = [noTimes(), noTimes()];
  // Both kinds take turns, so that a busy moment of the machine falls on both.
  for (let round = 0; round < SESSIONS; round++) {
    for (const where of ["inside", "outside"] as const) {
      const startedMs = performance.now();
      const session = await open(where);
      opening[where].push(performance.now() - startedMs);
      closing[where].push(await timed(() => session.close()));
    }
  }
  return [
    figureOf("sandbox_session_open", opening, OPEN_TARGET_RATIO),
    figureOf("sandbox_session_close", closing, OPEN_TARGET_RATIO),
    figureOf("sandbox_exec_builtin", await commandTimes("true"), COMMAND_TARGET_RATIO),
    figureOf("sandbox_exec_program", await commandTimes("/bin/true"), COMMAND_TARGET_RATIO),
  ];
}

async function commandTimes(command: string): Promise<Times> {
  await using inside = await open("inside");
  await using outside = await open("outside");
  const times = noTimes();
  for (let round = 0; round < COMMANDS; round++) {
    times.inside.push(await timed(() => inside.exec(command)));
    times.outside.push(await timed(() => outside.exec(command)));
  }
  return times;
}

function open(where: "inside" | "outside"): Promise<Session> {
  return Session.open({ transport: "local", ...(where === "inside" ? INSIDE : OUTSIDE) });
}

function noTimes(): Times {
  return { inside: [], outside: [] };
}

function figureOf(name: string, { inside, outside }: Times, atMost: number): Figure {
  return makeFigure(`${name}_p50_beside_none`, {
    value: percentile(inside, 50),
    unit: "ms",
    beside: percentile(outside, 50),
    target: { of: "ratio", atMost },
  });
}
