/**
 * The questions of keyboard-interactive authentication (RFC 4256), and who answers them.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { safe } from "../../safe_text.ts";
import type { ResolvedSshOptions } from "./resolve_ssh_options.ts";
import type { Ssh2AuthStep, Ssh2Prompt } from "./ssh2_module.ts";

/** How `ssh2` asks. */
type PromptHandler = Extract<Ssh2AuthStep, { type: "keyboard-interactive" }>["prompt"];

/** Rounds of questions that are answered at most: a password, a code, and a choice are three. */
const MAX_ROUNDS = 8;

/**
 * Makes what answers a server's questions: the caller's function, or else the password, once, for a
 * single question whose answer is not shown.
 *
 * @param options The checked options.
 * @param onFailure Learns why there was no answer.
 * @returns The handler; undefined when there is nothing to answer with.
 */
export function answerQuestions(
  options: Pick<ResolvedSshOptions, "answerPrompts" | "password">,
  onFailure: (cause: unknown) => void,
): PromptHandler | undefined {
  const { answerPrompts, password } = options;
  if (answerPrompts === undefined && password === undefined) return undefined;
  let rounds = 0;
  async function answer(prompts: readonly Ssh2Prompt[]): Promise<readonly string[]> {
    rounds += 1;
    const first = prompts[0];
    if (answerPrompts !== undefined && rounds <= MAX_ROUNDS) {
      const asked = prompts.map(({ prompt, echo }) => ({ prompt, echo: echo === true }));
      const answers = await answerPrompts(asked);
      if (isAnswers(answers, prompts.length)) return answers;
      throw wrongAnswers(prompts.length);
    }
    const isPassword = answerPrompts === undefined && rounds === 1 && prompts.length === 1 &&
      first?.echo !== true;
    return isPassword && password !== undefined ? [password] : prompts.map(() => "");
  }
  return (_name, _instructions, _language, ...[prompts, finish]) => {
    answer(prompts).then(finish, (cause: unknown) => {
      onFailure(noAnswer(cause));
      // A server counts the answers; empty ones make it refuse, and the login ends.
      finish(prompts.map(() => ""));
    });
  };
}

function isAnswers(answers: unknown, count: number): boolean {
  return Array.isArray(answers) && answers.length === count &&
    answers.every((answer) => typeof answer === "string");
}

function wrongAnswers(count: number): ExeckitError {
  return new ExeckitError({
    code: "auth_failed",
    message: safe`answerPrompts did not give one text for each of ${count} questions`,
    hint: safe`Return one answer for each prompt, in order`,
  });
}

function noAnswer(cause: unknown): ExeckitError {
  if (cause instanceof ExeckitError) return cause;
  return new ExeckitError({
    code: "auth_failed",
    message: safe`answerPrompts failed, so the host's questions were not answered`,
    cause,
  });
}
