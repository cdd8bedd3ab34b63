/**
 * The policy room's interface: a command goes in, a verdict comes out, nothing is run.
 *
 * @module
 */

import type { Verdict } from "../exec_result.ts";
import type { SafeText } from "../safe_text.ts";

/** What a policy judges. */
export interface PolicyRequest {
  /** The command exactly as the shell would get it. */
  readonly command: string;
  /** The working directory it would run in, as far as known. */
  readonly cwd: string;
  /** The kind of machine. */
  readonly transport: string;
  /** What a person would call the machine. */
  readonly target: string;
  /** The dialect that will read the text. */
  readonly shell: string;
  /** Redacts the agent's words before they go into a verdict. */
  readonly redact: (text: string) => SafeText;
}

/** Judges commands. Pure: it starts nothing, reads nothing and keeps no clock. */
export interface Policy {
  /**
   * Judges one command.
   *
   * @param request The command and where it would run.
   * @returns The verdict; it never throws for anything an agent can write.
   */
  decide(request: PolicyRequest): Verdict;
}
