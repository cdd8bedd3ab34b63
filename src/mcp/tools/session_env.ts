/**
 * The variables that an agent asks for, within what the operator allows.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import type { Policy } from "../../policy/policy.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { variableEffect } from "../../shell_text/environment_table.ts";
import { quoteForShell } from "../../shell_text/quote.ts";
import { openingVerdict } from "./opening_verdict.ts";

/** What a shell or a loader runs before the policy has judged anything. */
const LOADED_FIRST = /^(?:LD_|DYLD_|BASH_ENV$|ENV$|ZDOTDIR$)/;

/** Where programs look for settings that name other programs, or how words are split. */
const LEADS_ELSEWHERE: ReadonlySet<string> = new Set([
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GLIBC_TUNABLES",
  "HOME",
  "IFS",
  "LOCPATH",
  "TERMINFO_DIRS",
  "XDG_CONFIG_DIRS",
  "XDG_CONFIG_HOME",
]);

/** Allowed only where everything is that no rule names. */
const UNKNOWN_PROGRAM = "execkit-unknown-program";

/**
 * Refuses variables by which an agent would get around the policy. Those that change what programs
 * run are judged as the command that sets them: a session must not begin with what could not be done
 * in it.
 *
 * @param env The variables.
 * @param policy The session's policy.
 * @param redact Redacts what a verdict quotes.
 * @throws {ExeckitError} `invalid_argument` or `blocked_by_policy`.
 */
export function requireHarmlessEnv(
  env: Readonly<Record<string, string>>,
  policy: Policy,
  redact: (text: string) => SafeText,
): void {
  if (Object.keys(env).some((name) => LOADED_FIRST.test(name))) {
    throw new ExeckitError({
      code: "invalid_argument",
      message: safe`'env' must not name code that programs load, such as LD_PRELOAD or BASH_ENV`,
    });
  }
  const isAllowed = (command: string) =>
    openingVerdict(command, policy, { transport: "local", redact }).decision === "allow";
  for (const [name, value] of Object.entries(env)) {
    const leads = LEADS_ELSEWHERE.has(name);
    if (!leads && variableEffect(name, value) === undefined) continue;
    // No rule speaks of where settings are found, so that a fence which names what may run, and not
    // what may not, is not led around.
    const mayLead = !leads || isAllowed(UNKNOWN_PROGRAM);
    if (mayLead && isAllowed(`export ${name}=${quoteForShell(value)}`)) continue;
    throw new ExeckitError({
      code: "blocked_by_policy",
      message: safe`The policy does not allow a variable of 'env' that changes what programs run`,
      hint:
        safe`Leave out PATH, HOME, IFS, GIT_*, pagers and the like; do not look for another way`,
    });
  }
}
