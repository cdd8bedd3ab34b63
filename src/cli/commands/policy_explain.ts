/**
 * `execkit-mcp policy explain`: why a policy file decides as it does about one command.
 *
 * @module
 */

import { createRedactor } from "../../output/redact.ts";
import { findSubjects } from "../../shell_text/finder.ts";
import type { Subject } from "../../shell_text/subjects.ts";
import { VERDICT_EXIT_CODES } from "../exit_codes.ts";
import { ask, loadForQuestions, type QuestionPlace } from "../policy_questions.ts";
import { explainedVerdict } from "../readable_verdict.ts";
import { reportError } from "../report_error.ts";
import { visibleText } from "../visible_text.ts";

/** What the command line asks for. */
export interface PolicyExplainOptions extends QuestionPlace {
  /** The policy file. */
  readonly policy: string;
}

/** The outside world of a run, so that a test can stand in for it. */
export interface PolicyExplainIo {
  /** The command. */
  readonly command: string;
  /** Writes the explanation. */
  readonly write: (text: string) => Promise<boolean>;
  /** Writes errors. */
  readonly writeError: (text: string) => void;
}

/** Things that a command would do that are shown at most. */
const SHOWN_MAX = 50;
/** Characters of one of them at most. */
const SHOWN_MAX_CHARS = 160;

/**
 * Explains the verdict about a command, and lists everything that the command would do.
 *
 * @param options What the command line asks for.
 * @param io The command, and where the explanation goes.
 * @returns The exit code of the verdict.
 */
export async function runPolicyExplain(
  options: PolicyExplainOptions,
  io: PolicyExplainIo,
): Promise<number> {
  const { policy: path, ...place } = options;
  const { command } = io;
  try {
    const { policy } = await loadForQuestions(path);
    const redactor = createRedactor();
    const redacted = redactor.text(command);
    const verdict = ask(policy, { ...place, id: 1, command }, redactor);
    const { subjects, problem } = findSubjects({
      text: command,
      shell: place.shell ?? "bash",
      ...(place.cwd === undefined ? {} : { cwd: place.cwd }),
    });
    const shown = subjects.slice(0, SHOWN_MAX).map((subject) =>
      visibleText(redactor.text(described(subject))).slice(0, SHOWN_MAX_CHARS)
    );
    const more = subjects.length - shown.length;
    const lines = [
      "",
      "It would:",
      ...shown,
      ...(more > 0 ? [`and ${more} more`] : []),
      ...(problem === undefined ? [] : [`It could not be read to its end (${problem.kind})`]),
    ];
    const list = lines.map((line, index) => index < 2 ? line : `  ${line}`).join("\n");
    await io.write(`${explainedVerdict(command, redacted, verdict)}${list}\n`);
    return VERDICT_EXIT_CODES[verdict.decision];
  } catch (error) {
    return reportError(error, io.writeError);
  }
}

function described(subject: Subject): string {
  const chain = subject.via.length === 0 ? "" : ` (via ${subject.via.join(" → ")})`;
  const place = subject.remote ? " (on another machine)" : "";
  return `${what(subject)}${chain}${place}`;
}

function what(subject: Subject): string {
  switch (subject.kind) {
    case "program":
      return `run ${
        [subject.name, ...subject.args.map(({ value, shape }) => value ?? unknown(shape))].join(" ")
      }`;
    case "redirect":
      return `${subject.mode} the file ${subject.path.value ?? unknown(subject.path.shape)}`;
    case "script":
      return `run the script ${subject.path.value ?? unknown(subject.path.shape)}`;
    case "code":
      return `run ${subject.language} code that cannot be read: ${subject.words}`;
    case "environment":
      return `change what runs, by ${subject.name}`;
    case "dynamic":
      return `do what is not known before: ${subject.words}`;
    case "disguise":
      return `show as something else: ${subject.words}`;
  }
}

function unknown(shape: string): string {
  return shape.replaceAll("\0", "?");
}
