/**
 * The operator's fence as a policy, and the narrower one of a session.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { createDenyListPolicy, type ProgramLists } from "../policy/command_rules.ts";
import type { Policy } from "../policy/policy.ts";
import { strictestOf } from "../policy/policy_stack.ts";
import { safe, type SafeText } from "../safe_text.ts";
import { OPERATOR_VARIABLES, type OperatorConfig } from "./operator_config.ts";

/** What an agent may ask for when it opens a session. */
export interface SessionRules {
  /** The only programs that may run. */
  readonly allow?: readonly string[];
  /** Programs that may not run. */
  readonly deny?: readonly string[];
}

/** The operator's fence. */
export interface OperatorPolicy {
  /**
   * Makes the policy of a session. A session's rules come on top of the operator's: they can
   * refuse more, and never less.
   *
   * @param rules What the agent asks for.
   * @returns The policy.
   */
  forSession(rules: SessionRules): Policy;
}

/**
 * Makes the operator's fence from the settings.
 *
 * @param config The settings.
 * @returns The fence.
 * @throws {ExeckitError} `invalid_config` when a list or the policy file cannot be used.
 */
export async function loadOperatorPolicy(config: OperatorConfig): Promise<OperatorPolicy> {
  const operatorPolicies = [listPolicy(config), ...await readPolicyFile(config)];
  return {
    forSession: ({ deny = [], allow }) => {
      const own = createDenyListPolicy({
        deny,
        ...(allow === undefined ? {} : { allow }),
        author: "session",
      });
      return strictestOf([...operatorPolicies, own]);
    },
  };
}

function listPolicy({ deny, allow }: OperatorConfig): Policy {
  // Each list alone, so that the error can name its variable.
  checkList({ deny }, OPERATOR_VARIABLES.deny);
  if (allow === undefined) return createDenyListPolicy({ deny });
  checkList({ deny: [], allow }, OPERATOR_VARIABLES.allow);
  return createDenyListPolicy({ deny, allow });
}

function checkList(lists: ProgramLists, variable: SafeText): void {
  try {
    createDenyListPolicy(lists);
  } catch (cause) {
    if (!(cause instanceof ExeckitError)) throw cause;
    throw new ExeckitError({
      code: "invalid_config",
      message: safe`Cannot start: ${variable} must be names of programs, with commas between them`,
      cause,
    });
  }
}

async function readPolicyFile({ policyFilePath, sandbox }: OperatorConfig): Promise<Policy[]> {
  if (policyFilePath === undefined) return [];
  // Loaded only when asked for: there may be no permission to read files.
  const { loadPolicyFile } = await import("../policy/load_policy_file.ts");
  const workspaces = sandbox?.workspace === undefined ? [] : [sandbox.workspace];
  try {
    return [(await loadPolicyFile(policyFilePath, { workspaces })).policy];
  } catch (cause) {
    if (!(cause instanceof ExeckitError)) throw cause;
    throw new ExeckitError({
      code: "invalid_config",
      message: safe`Cannot start with ${OPERATOR_VARIABLES.policyFile}: ${cause.detail}`,
      hint: cause.hint,
      cause,
    });
  }
}
