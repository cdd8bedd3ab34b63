/**
 * How long a command takes that does nothing.
 *
 * @module
 */

import { Session } from "../../mod.ts";
import { type Figure, makeFigure, percentile, timed } from "../support/figure.ts";
import { bashOnce, RawBash } from "../support/raw_bash.ts";

/** One of each in turn, so that all three meet the same machine. */
const ROUNDS = 1000;
const WARM_UP_ROUNDS = 100;
/** A process for each command costs so much more that fewer say enough. */
const ONCE_EVERY = 5;

/**
 * Measures `exec("true")` beside a bare pipe to bash, and beside a bash for each command.
 *
 * @returns The figures.
 */
export async function measureLatency(): Promise<Figure[]> {
  await using session = await Session.open({ transport: "local", shell: "bash" });
  await using raw = new RawBash();
  const times: Record<"exec" | "raw" | "once", number[]> = { exec: [], raw: [], once: [] };
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const exec = await timed(() => session.exec("true"));
    const bare = await timed(() => raw.runTrue());
    if (round < 0) continue;
    times.exec.push(exec);
    times.raw.push(bare);
    if (round % ONCE_EVERY === 0) times.once.push(await timed(() => bashOnce("true")));
  }
  return [50, 99].flatMap((percent) => {
    const [exec, bare, once] = [times.exec, times.raw, times.once].map((list) =>
      percentile(list, percent)
    );
    if (exec === undefined || bare === undefined || once === undefined) return [];
    return [
      makeFigure(`exec_true_p${percent}_beside_raw_pipe`, {
        value: exec,
        unit: "ms",
        beside: bare,
      }),
      makeFigure(`exec_true_p${percent}_beside_bash_c`, {
        value: exec,
        unit: "ms",
        beside: once,
        target: { of: "ratio", atMost: 1 },
      }),
    ];
  });
}
