/** Rows of commands with the decision that an operator's file should come to. */

import { readFileSync } from "node:fs";
import type { Decision } from "../../../src/exec_result.ts";
import { parsePolicyFile } from "../../../src/policy/policy_file.ts";
import type { Policy, PolicyRequest } from "../../../src/policy/policy.ts";
import { createRedactor } from "../../../src/output/redact.ts";

/** A row. */
export interface PolicyRow {
  readonly id: string;
  readonly policy: string;
  readonly class: string;
  readonly cmd: string;
  readonly expect: Decision;
}

const FIXTURES = new URL("../../fixtures/policy/", import.meta.url);
const redactor = createRedactor();

/** The text of a file of `tests/fixtures/policy/`. */
export function policyFixture(name: string): string {
  return readFileSync(new URL(name, FIXTURES), "utf8");
}

/** The rows of one file. */
export function readRows(name: string): readonly PolicyRow[] {
  // Each line is written as a row.
  return policyFixture(name).trim().split("\n").map((line) => JSON.parse(line) as PolicyRow);
}

/** The policies that rows are judged under. */
export const ROW_POLICIES: ReadonlyMap<string, Policy> = new Map(
  ["fence", "packs", "readonly"].map((
    name,
  ) => [name, parsePolicyFile(policyFixture(`${name}.jsonc`))]),
);

/** A request in a local bash session. */
export function requestOf(command: string, more: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    command,
    cwd: "/srv/app",
    transport: "local",
    target: "local",
    shell: "bash",
    redact: (text) => redactor.text(text),
    ...more,
  };
}
