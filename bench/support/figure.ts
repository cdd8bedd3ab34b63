/**
 * One measured number, and what it is compared with.
 *
 * @module
 */

/** A figure as `--json` prints it. */
export interface Figure {
  /** Its name. */
  readonly figure: string;
  /** The runtime it was measured under; the runner adds it. */
  readonly runtime?: string;
  /** What was measured. */
  readonly value: number;
  /** The unit of `value` and `beside`. */
  readonly unit: string;
  /** The same thing done in another way, in the same run. */
  readonly beside?: number;
  /** `value / beside`. */
  readonly ratio?: number;
  /** The bound to keep, such as `ratio <= 1`. */
  readonly target?: string;
  /** Whether it does. */
  readonly ok?: boolean;
}

/** A bound on a figure. */
export interface Target {
  /** What the bound is on. */
  readonly of: "value" | "ratio";
  /** The largest number that is still good. */
  readonly atMost?: number;
  /** The smallest number that is still good. */
  readonly atLeast?: number;
}

/** What a figure is made of. */
export interface FigureParts {
  readonly value: number;
  readonly unit: string;
  readonly beside?: number;
  readonly target?: Target;
}

/**
 * Makes a figure: rounds, divides, and judges.
 *
 * @param figure Its name.
 * @param parts What was measured.
 * @returns The figure.
 */
export function makeFigure(figure: string, parts: FigureParts): Figure {
  const { value, unit, beside, target } = parts;
  const ratio = beside === undefined ? undefined : value / beside;
  return {
    figure,
    value: round(value),
    unit,
    ...(beside === undefined || ratio === undefined
      ? {}
      : { beside: round(beside), ratio: round(ratio) }),
    ...(target === undefined
      ? {}
      : judge(target, target.of === "value" ? value : ratio ?? Number.NaN)),
  };
}

function judge(target: Target, number: number): { target: string; ok: boolean } {
  const { of, atMost, atLeast } = target;
  const bounds = [
    ...(atMost === undefined ? [] : [`${of} <= ${atMost}`]),
    ...(atLeast === undefined ? [] : [`${of} >= ${atLeast}`]),
  ];
  const ok = number <= (atMost ?? Infinity) && number >= (atLeast ?? -Infinity);
  return { target: bounds.join(" and "), ok };
}

/** Three digits that mean something, and no more. */
function round(number: number): number {
  return Number(number.toPrecision(3));
}

/**
 * Gives a percentile.
 *
 * @param numbers The measurements.
 * @param percent Which, from 0 to 100.
 * @returns The smallest number that this part of them does not exceed.
 */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const index = Math.ceil(percent / 100 * sorted.length) - 1;
  return sorted[Math.max(0, index)] ?? Number.NaN;
}

/**
 * Measures one run.
 *
 * @param run What to measure.
 * @returns The milliseconds it took.
 */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await run();
  return performance.now() - startedMs;
}
