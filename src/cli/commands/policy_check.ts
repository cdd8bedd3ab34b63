/**
 * `execkit-mcp policy check`: what a policy file decides about commands. Nothing is run.
 *
 * @module
 */

import { toWire, type Verdict } from "../../exec_result.ts";
import { LIMITS } from "../../limits.ts";
import { createRedactor } from "../../output/redact.ts";
import type { Policy } from "../../policy/policy.ts";
import { type InputLine, readBoundedLines } from "../bounded_lines.ts";
import { EXIT_CODES, VERDICT_EXIT_CODES } from "../exit_codes.ts";
import {
  ask,
  type BrokenQuestion,
  loadForQuestions,
  type Question,
  type QuestionPlace,
  readQuestion,
} from "../policy_questions.ts";
import { readableVerdict } from "../readable_verdict.ts";
import { reportError } from "../report_error.ts";

/** What the command line asks for. */
export interface PolicyCheckOptions extends QuestionPlace {
  /** The policy file. */
  readonly policy: string;
  /** One JSON line for each verdict. */
  readonly json?: boolean;
}

/** The outside world of a run, so that a test can stand in for it. */
export interface PolicyCheckIo {
  /** The commands, or JSON lines with one command each. */
  readonly questions:
    | { readonly commands: readonly string[] }
    | { readonly lines: AsyncIterable<Uint8Array> };
  /** Writes verdicts; false when nobody reads them any more. */
  readonly write: (text: string) => Promise<boolean>;
  /** Writes errors. */
  readonly writeError: (text: string) => void;
}

/**
 * Judges commands by a policy file. A line that is none gets an error in its place and keeps no
 * other one from being judged.
 *
 * @param options What the command line asks for.
 * @param io Where commands come from and verdicts go.
 * @returns The exit code: of commands that of the strictest verdict; of lines 0, or 1 when one of
 * them was broken.
 */
export async function runPolicyCheck(
  options: PolicyCheckOptions,
  io: PolicyCheckIo,
): Promise<number> {
  const { policy: path, json = false, ...place } = options;
  try {
    const { policy } = await loadForQuestions(path);
    const checker = new Checker(policy, place, json ? "json" : "text");
    if ("lines" in io.questions) return await checkLines(checker, io.questions.lines, io);
    await io.write(checker.commands(io.questions.commands));
    return checker.strictestExitCode;
  } catch (error) {
    return reportError(error, io.writeError);
  }
}

async function checkLines(
  checker: Checker,
  input: AsyncIterable<Uint8Array>,
  io: PolicyCheckIo,
): Promise<number> {
  for await (const lines of readBoundedLines(input, LIMITS.policyLineMaxBytes)) {
    // Written together: a write for each line would cost more than its verdict.
    const text = lines.map((line) => checker.line(line)).join("");
    if (text !== "" && !(await io.write(text))) break;
  }
  return checker.sawBroken ? EXIT_CODES.error : EXIT_CODES.ok;
}

class Checker {
  strictestExitCode = 0;
  sawBroken = false;
  readonly #policy: Policy;
  readonly #place: QuestionPlace;
  readonly #form: "json" | "text";

  constructor(policy: Policy, place: QuestionPlace, form: "json" | "text") {
    this.#policy = policy;
    this.#place = place;
    this.#form = form;
  }

  commands(commands: readonly string[]): string {
    return commands.map((command, index) => {
      const question = { ...this.#place, id: index + 1, command };
      const verdict = ask(this.#policy, question);
      this.strictestExitCode = Math.max(
        this.strictestExitCode,
        VERDICT_EXIT_CODES[verdict.decision],
      );
      return this.#answer(question, verdict);
    }).join("");
  }

  line({ number, text }: InputLine): string {
    if (text?.trim() === "") return "";
    const question = readQuestion(text, number, this.#place);
    if ("error" in question) return this.#broken(question);
    return this.#answer(question, ask(this.#policy, question));
  }

  #answer({ id, command }: Question, verdict: Verdict): string {
    if (this.#form === "json") return `${JSON.stringify({ id, ...toWire(verdict) })}\n`;
    return readableVerdict(createRedactor().text(command), verdict);
  }

  #broken({ id, error }: BrokenQuestion): string {
    this.sawBroken = true;
    const { code, detail, hint } = error;
    if (this.#form === "text") return `error  ${error.message}\n`;
    return `${JSON.stringify({ id, error: { code, message: detail, hint } })}\n`;
  }
}
