/**
 * The `policy` commands of the command line: their arguments and options.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import process from "node:process";
import { openOutput } from "./write_output.ts";

/** Ends the program with an exit code. */
type Finish = (exitCode: number) => void;

/** Where output goes. */
interface Output {
  readonly write: (text: string) => Promise<boolean>;
  readonly writeError: (text: string) => void;
}

/**
 * Makes the command `policy` with what is below it.
 *
 * @param finish Is given the exit code.
 * @param inherit Gives a command the settings of the program: how it ends and writes.
 * @returns The command.
 */
export function policyCommand(finish: Finish, inherit: (command: Command) => void): Command {
  const policy = new Command("policy").description("look at a policy file; nothing is run")
    .helpCommand(false);
  inherit(policy);
  addCheck(policy, finish);
  addExplain(policy, finish);
  addTest(policy, finish);
  addSuggest(policy, finish);
  return policy;
}

function addCheck(policy: Command, finish: Finish): void {
  const check = policy.command("check")
    .description("judge commands; exits with 0 for allow, 3 for ask, 4 for deny")
    .argument("[commands...]", "the commands")
    .requiredOption("--policy <file>", "the policy file")
    .option("--stdin", 'read JSON lines {"id", "cmd"} from standard input')
    .option("--json", "print one JSON line for each verdict")
    .option("--cwd <directory>", "the working directory; not known without it")
    .option("--host <name>", "the machine")
    .option("--transport <kind>", "local, ssh or docker")
    .option("--shell <shell>", "the shell that reads the commands");
  check.action(async (commands, { stdin, ...options }) => {
    if ((commands.length > 0) === (stdin === true)) {
      check.error("error: give commands, or --stdin and none");
    }
    const { runPolicyCheck } = await import("./commands/policy_check.ts");
    const questions = stdin ? { lines: process.stdin } : { commands };
    finish(await runPolicyCheck(options, { ...output(), questions }));
  });
}

function addExplain(policy: Command, finish: Finish): void {
  policy.command("explain")
    .description("show why a command is judged as it is, and what it would do")
    .argument("<command>", "the command")
    .requiredOption("--policy <file>", "the policy file")
    .option("--cwd <directory>", "the working directory; not known without it")
    .option("--host <name>", "the machine")
    .option("--transport <kind>", "local, ssh or docker")
    .option("--shell <shell>", "the shell that reads the command")
    .action(async (command, options) => {
      const { runPolicyExplain } = await import("./commands/policy_explain.ts");
      finish(await runPolicyExplain(options, { ...output(), command }));
    });
}

function addTest(policy: Command, finish: Finish): void {
  policy.command("test")
    .description("show the examples of a policy file and whether they hold")
    .requiredOption("--policy <file>", "the policy file")
    .option("--json", "print one JSON line for each example")
    .action(async (options) => {
      const { runPolicyExamples } = await import("./commands/policy_examples.ts");
      finish(await runPolicyExamples(options, output()));
    });
}

function addSuggest(policy: Command, finish: Finish): void {
  policy.command("suggest")
    .description("propose a policy file from what ran")
    .requiredOption("--from-audit <file>", "the audit file")
    .action(async (options) => {
      const { runPolicySuggest } = await import("./commands/policy_suggest.ts");
      finish(await runPolicySuggest(options, output()));
    });
}

function output(): Output {
  return { write: openOutput(), writeError: (text) => void process.stderr.write(text) };
}
