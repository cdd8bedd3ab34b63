/**
 * The schema of a command's result on the wire.
 *
 * @module
 */

import type { JsonSchema } from "../arguments.ts";

const TEXT: JsonSchema = { type: "string" };
const COUNT: JsonSchema = { type: "integer" };

const STREAM_REPORT: JsonSchema = {
  type: "object",
  properties: {
    mode: { type: "string", enum: ["all", "head", "tail", "head_tail"] },
    lines_total: COUNT,
    lines_kept: COUNT,
  },
  required: ["mode", "lines_total", "lines_kept"],
};

const VERDICT: JsonSchema = {
  type: "object",
  properties: {
    decision: { type: "string", enum: ["allow", "ask", "deny"] },
    rule: TEXT,
    reason: TEXT,
    say: TEXT,
    words: TEXT,
    at: {
      type: "object",
      properties: { start: COUNT, end: COUNT },
      required: ["start", "end"],
    },
    via: { type: "array", items: TEXT },
    resolved: { type: "array", items: TEXT },
  },
  required: ["decision"],
};

/** An `ExecResult` in wire names, with `total_lines` of both streams. */
export const EXEC_OUTPUT_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    command_id: TEXT,
    command: TEXT,
    status: {
      type: "string",
      enum: [
        "exited",
        "running",
        "waiting_for_input",
        "timed_out",
        "interrupted",
        "blocked",
        "needs_approval",
        "lost",
      ],
    },
    // Absent rather than null until it is known: some clients refuse nullable types.
    exit_code: COUNT,
    stdout: TEXT,
    stderr: TEXT,
    cwd: TEXT,
    duration_ms: COUNT,
    truncated: { type: "boolean" },
    total_lines: COUNT,
    totals: {
      type: "object",
      properties: {
        stdout_bytes: COUNT,
        stdout_lines: COUNT,
        stderr_bytes: COUNT,
        stderr_lines: COUNT,
      },
      required: ["stdout_bytes", "stdout_lines", "stderr_bytes", "stderr_lines"],
    },
    budget: {
      type: "object",
      properties: { stdout: STREAM_REPORT, stderr: STREAM_REPORT },
      required: ["stdout", "stderr"],
    },
    background: TEXT,
    shell_replaced: {
      type: "object",
      properties: {
        reason: {
          type: "string",
          enum: ["exit", "killed", "unresponsive", "untrusted", "link_lost"],
        },
        state_kept: { type: "boolean" },
      },
      required: ["reason", "state_kept"],
    },
    verdict: VERDICT,
    note: TEXT,
  },
  required: [
    "command_id",
    "command",
    "status",
    "stdout",
    "stderr",
    "cwd",
    "duration_ms",
    "truncated",
    "total_lines",
    "totals",
  ],
  additionalProperties: false,
};
