/**
 * The command line: its commands and options.
 *
 * @module
 */

import { Command, CommanderError, InvalidArgumentError } from "@commander-js/extra-typings";
import process from "node:process";
import { createInterface } from "node:readline";
import { VERSION } from "../version.ts";
import type { ExecCommandOptions } from "./commands/exec.ts";
import type { RedactCommandOptions } from "./commands/redact.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { policyCommand } from "./policy_commands.ts";
import { openOutput } from "./write_output.ts";

/** Stands for commands from standard input. */
const FROM_STDIN = "-";

/**
 * Runs the command line.
 *
 * @param args The arguments, without program and script.
 * @returns The exit code for the process.
 */
export async function runCli(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const finish = (code: number) => {
    exitCode = code;
  };
  try {
    await buildProgram(finish).parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end the parser too, with exit code 0.
    return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  }
  return exitCode;
}

function buildProgram(finish: (exitCode: number) => void) {
  const program = new Command("execkit-mcp")
    .description("Persistent shell sessions for agents. Without a command: the MCP server.")
    .version(VERSION, "-V, --version", "print the version")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      // Colours would be looked up in environment variables that the task has no permission for.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  program.addCommand(policyCommand(finish, (command) => command.copyInheritedSettings(program)));
  program.command("exec")
    .description("run commands in one local session and print a result for each")
    .argument("<commands...>", "the commands; - reads them from standard input, one per line")
    .option("--json", "print one JSON line for each result")
    .option("--shell <shell>", "bash, zsh, dash, sh, busybox or a path")
    .option("--cwd <directory>", "start directory")
    .option("--timeout <seconds>", "seconds that each command may take", parseSeconds)
    .option("--deny <programs>", "programs that may not run, with commas between", parseNames)
    .option("--policy <file>", "a policy file that judges the commands")
    .option("--audit <file>", "an audit file that the events are added to")
    .action(async (commands, { timeout, ...options }) => {
      const timeoutOption = timeout === undefined ? {} : { timeoutMs: timeout * 1000 };
      finish(await exec(commands, { ...options, ...timeoutOption }));
    });
  program.command("mcp")
    .description("serve MCP on standard input and output")
    .action(async () => {
      const { runMcp } = await import("./commands/mcp.ts");
      finish(await runMcp());
    });
  program.command("redact")
    .description("copy standard input to standard output without its secrets")
    .option(
      "--known-from-env <names>",
      "variables whose values are secret, with commas",
      parseNames,
    )
    .option("--pattern <kind=regex>", "what else is secret, in RE2 syntax; repeatable", addPattern)
    .action(async ({ knownFromEnv, pattern }) => {
      const known = knownFromEnv === undefined ? {} : { knownFromEnv };
      finish(await redact({ ...known, ...(pattern === undefined ? {} : { patterns: pattern }) }));
    });
  program.command("version")
    .description("print the version")
    .action(() => {
      process.stdout.write(`${VERSION}\n`);
    });
  return program;
}

async function exec(commands: readonly string[], options: ExecCommandOptions): Promise<number> {
  const { runExec } = await import("./commands/exec.ts");
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  // A reader that went away, such as `head`, wants nothing more to be run.
  process.stdout.on("error", () => interrupt.abort());
  return await runExec(options, {
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    commands: readCommands(commands, interrupt.signal),
    interrupt: interrupt.signal,
  });
}

async function redact(options: RedactCommandOptions): Promise<number> {
  const { runRedact } = await import("./commands/redact.ts");
  return await runRedact(options, {
    input: process.stdin,
    write: openOutput(),
    writeError: (text) => void process.stderr.write(text),
    env: (name) => process.env[name],
  });
}

async function* readCommands(
  args: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  for (const arg of args) {
    if (arg !== FROM_STDIN) {
      yield arg;
      continue;
    }
    for await (const line of createInterface({ input: process.stdin, signal })) {
      if (line.trim() !== "") yield line;
    }
  }
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new InvalidArgumentError("It must be a number of seconds above 0.");
}

function parseNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => name !== "")) return names;
  throw new InvalidArgumentError("It must be names with commas between them.");
}

type Patterns = NonNullable<RedactCommandOptions["patterns"]>;

function addPattern(text: string, previous: Patterns | undefined): Patterns {
  const sign = text.indexOf("=");
  if (sign <= 0) throw new InvalidArgumentError("It must be a kind, an equals sign and a pattern.");
  return [...previous ?? [], { kind: text.slice(0, sign), pattern: text.slice(sign + 1) }];
}
