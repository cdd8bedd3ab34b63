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

/** The statuses of commands. */
export const COMMAND_STATUS: JsonSchema = {
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
};

/** What is said of a command beside its output, in every result that tells how it stands. */
export const STANDING_PROPERTIES: { readonly [name: string]: JsonSchema } = {
  command_id: TEXT,
  command: TEXT,
  status: COMMAND_STATUS,
  // Absent rather than null until it is known: some clients refuse nullable types.
  exit_code: COUNT,
  cwd: TEXT,
  duration_ms: COUNT,
  total_lines: COUNT,
  next_line: COUNT,
  input_wanted: {
    type: "object",
    properties: {
      kind: {
        type: "string",
        enum: ["password", "confirmation", "pager", "editor", "repl", "unknown"],
      },
      prompt: TEXT,
      evidence: {
        type: "string",
        enum: ["terminal_read", "stdin_read", "terminal_mode", "prompt_like_line"],
      },
    },
    required: ["kind", "prompt", "evidence"],
  },
  until_met: { type: "string", enum: ["pattern", "port"] },
  activity: TEXT,
  left_running: {
    type: "array",
    items: {
      type: "object",
      properties: { pid: COUNT, command: TEXT },
      required: ["pid", "command"],
    },
  },
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
  note: TEXT,
};

/** An `ExecResult` in wire names, with `total_lines` of both streams and `next_line`. */
export const EXEC_OUTPUT_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    ...STANDING_PROPERTIES,
    stdout: TEXT,
    stderr: TEXT,
    truncated: { type: "boolean" },
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
    verdict: VERDICT,
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
