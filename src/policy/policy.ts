/**
 * The policy room's interface: a command goes in, a verdict comes out, nothing is run.
 *
 * @module
 */

import type { Verdict } from "../exec_result.ts";
import type { SafeText } from "../safe_text.ts";

/** Where something would run, and how to speak of it. */
export interface PolicyPlace {
  /** The working directory it would run in, as far as known; empty when not. */
  readonly cwd: string;
  /** The kind of machine. */
  readonly transport: string;
  /** What a person would call the machine. */
  readonly target: string;
  /** The session's name, when it has one. */
  readonly session?: string;
  /** The dialect that will read the text. */
  readonly shell: string;
  /** Redacts the agent's words before they go into a verdict. */
  readonly redact: (text: string) => SafeText;
}

/** What a policy judges. */
export interface PolicyRequest extends PolicyPlace {
  /** The command exactly as the shell would get it. */
  readonly command: string;
  /** The text that is its standard input; absent when it is given none. */
  readonly stdin?: string;
}

/** Text that is to be sent to a command that is running. */
export interface PolicyInputRequest extends PolicyPlace {
  /** The text exactly as the program would get it. */
  readonly input: string;
  /** The command that is running and would read it. */
  readonly command: string;
  /**
   * Whether it is typed at a terminal, where control characters are keys, a shell expands its
   * history, and somebody may read it who does not read a pipe. Default: false.
   */
  readonly isTyped?: boolean;
}

/** Judges commands. Deciding is pure: it starts nothing, reads nothing and keeps no clock. */
export interface Policy {
  /**
   * Judges one command.
   *
   * @param request The command and where it would run.
   * @returns The verdict; it never throws for anything an agent can write.
   */
  decide(request: PolicyRequest): Verdict;
  /**
   * Judges text for a running command. A policy without it has no opinion on input.
   *
   * @param request The text, the running command, and where it runs.
   * @returns The verdict.
   */
  decideInput?(request: PolicyInputRequest): Verdict;
  /**
   * Makes the policy of one session: it judges alike, and knows what earlier commands defined.
   *
   * @returns A policy of its own; without this method, the policy itself serves every session.
   */
  forSession?(): Policy;
  /**
   * Tells that a command was started: what it defines holds for those after it. Only the policy of
   * a session listens.
   *
   * @param request The command as it was judged.
   */
  started?(request: PolicyRequest): void;
  /** What `ask` means when nobody can be asked; `deny` when absent. */
  readonly whenNoHuman?: "allow" | "deny";
}
