/**
 * What sessions cost.
 *
 * @module
 */

import process from "node:process";
import { Session } from "../../mod.ts";
import { type Figure, makeFigure, percentile, timed } from "../support/figure.ts";
import { bashOnce } from "../support/raw_bash.ts";

const ROUNDS = 20;
const AT_ONCE = 50;
const KILOBYTE = 1000;

/**
 * Measures opening and closing, one by one and many at once.
 *
 * @returns The figures.
 */
export async function measureSessions(): Promise<Figure[]> {
  return [...await oneByOne(), ...await manyAtOnce()];
}

async function oneByOne(): Promise<Figure[]> {
  const [opening, closing, once]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    const startedMs = performance.now();
    const session = await Session.open({ transport: "local", shell: "bash" });
    opening.push(performance.now() - startedMs);
    closing.push(await timed(() => session.close()));
    once.push(await timed(() => bashOnce("true")));
  }
  const beside = percentile(once, 50);
  return [
    makeFigure("session_open_p50_beside_bash_c", {
      value: percentile(opening, 50),
      unit: "ms",
      beside,
    }),
    makeFigure("session_close_p50_beside_bash_c", {
      value: percentile(closing, 50),
      unit: "ms",
      beside,
    }),
  ];
}

async function manyAtOnce(): Promise<Figure[]> {
  const before = process.memoryUsage().rss;
  const all: Session[] = [];
  const openMs = await timed(async () => {
    all.push(
      ...await Promise.all(
        Array.from({ length: AT_ONCE }, () => Session.open({ transport: "local", shell: "bash" })),
      ),
    );
  });
  const after = process.memoryUsage().rss;
  const execMs = await timed(() => Promise.all(all.map((session) => session.exec("true"))));
  const closeMs = await timed(() => Promise.all(all.map((session) => session.close())));
  return [
    makeFigure(`open_${AT_ONCE}_at_once`, {
      value: openMs,
      unit: "ms",
      target: { of: "value", atMost: 15_000 },
    }),
    makeFigure(`exec_in_${AT_ONCE}_at_once`, { value: execMs, unit: "ms" }),
    makeFigure(`close_${AT_ONCE}_at_once`, {
      value: closeMs,
      unit: "ms",
      target: { of: "value", atMost: 15_000 },
    }),
    makeFigure("rss_per_session", {
      value: Math.max(0, after - before) / AT_ONCE / KILOBYTE,
      unit: "kB",
      target: { of: "value", atMost: 2000 },
    }),
  ];
}
