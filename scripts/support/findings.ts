/**
 * What a check finds, and how it is shown.
 *
 * @module
 */

import process from "node:process";

/** A broken rule at a place, with the way out. */
export interface Finding {
  /** The rule's name. */
  rule: string;
  /** The file, relative to the project's root. */
  file: string;
  /** The line, from 1; left out when the whole file or project is meant. */
  line?: number;
  /** What is wrong there. */
  what: string;
  /** Why the rule exists. */
  why: string;
  /** What to do instead. */
  remedy: string;
}

/**
 * Writes a finding as text.
 *
 * @param finding The finding.
 * @returns Three lines.
 */
export function formatFinding(finding: Finding): string {
  const place = finding.line === undefined ? finding.file : `${finding.file}:${finding.line}`;
  return `${place} ${finding.rule}: ${finding.what}\n  why: ${finding.why}\n  do: ${finding.remedy}`;
}

/**
 * Shows what a check found and sets the exit code.
 *
 * @param check The check's name.
 * @param findings What it found.
 */
export function reportFindings(check: string, findings: readonly Finding[]): void {
  for (const finding of findings) process.stderr.write(formatFinding(finding) + "\n");
  process.stdout.write(`${check}: ${findings.length === 0 ? "ok" : `${findings.length} found`}\n`);
  if (findings.length > 0) process.exitCode = 1;
}
