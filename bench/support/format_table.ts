/**
 * Figures as a table for people.
 *
 * @module
 */

import type { Figure } from "./figure.ts";

const HEADINGS = ["figure", "runtime", "value", "beside", "ratio", "target", "ok"] as const;

/**
 * Formats figures as a Markdown table, those of one name side by side.
 *
 * @param figures The figures of all runtimes.
 * @returns The table.
 */
export function formatTable(figures: readonly Figure[]): string {
  const names = [...new Set(figures.map(({ figure }) => figure))];
  const rows = names.flatMap((name) => figures.filter(({ figure }) => figure === name).map(rowOf));
  const all = [[...HEADINGS], ...rows];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(HEADINGS), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)]
    .join("\n");
}

function rowOf({ figure, runtime, value, unit, beside, ratio, target, ok }: Figure): string[] {
  return [
    figure,
    runtime ?? "",
    `${value} ${unit}`,
    beside === undefined ? "" : `${beside} ${unit}`,
    ratio === undefined ? "" : String(ratio),
    target ?? "",
    ok === undefined ? "" : ok ? "yes" : "no",
  ];
}
