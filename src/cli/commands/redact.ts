/**
 * `execkit-mcp redact`: takes secrets out of what is piped through it.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { createRedactor, type RedactorOptions } from "../../output/redact.ts";
import type { Redactor } from "../../output/redactor.ts";
import { TerminalTextCleaner } from "../../output/terminal_text_cleaner.ts";
import { safe } from "../../safe_text.ts";
import { EXIT_CODES } from "../exit_codes.ts";

/** What the command line asks for. */
export interface RedactCommandOptions {
  /** Names of environment variables whose values are secret. Default: none. */
  readonly knownFromEnv?: readonly string[];
  /** The operator's own patterns. Default: none. */
  readonly patterns?: RedactorOptions["patterns"];
}

/** The outside world of a run, so that a test can stand in for it. */
export interface RedactIo {
  /** What is to be redacted, as it arrives. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Writes redacted bytes; false when nobody reads them any more. */
  readonly write: (bytes: Uint8Array) => Promise<boolean>;
  /** Writes errors. */
  readonly writeError: (text: string) => void;
  /** Reads an environment variable. */
  readonly env: (name: string) => string | undefined;
}

/**
 * Copies input to output without its secrets and without terminal codes. What is certain to be
 * safe is written as soon as it has arrived, and no more than a bounded tail is held.
 *
 * @param options What the command line asks for.
 * @param io Where bytes come from and go to.
 * @returns The exit code.
 */
export async function runRedact(options: RedactCommandOptions, io: RedactIo): Promise<number> {
  try {
    await copyRedacted(redactorFor(options, io), io);
    return EXIT_CODES.ok;
  } catch (error) {
    const known = error instanceof ExeckitError ? error : new ExeckitError({
      code: "internal",
      message: safe`Cannot redact the input`,
      cause: error,
    });
    io.writeError(`execkit-mcp: ${known.message}\n`);
    return EXIT_CODES.error;
  }
}

function redactorFor(options: RedactCommandOptions, io: RedactIo): Redactor {
  const { knownFromEnv = [], patterns = [] } = options;
  const redactor = createRedactor({ patterns });
  for (const name of knownFromEnv) {
    const value = io.env(name) ?? "";
    // Whoever names a variable relies on its value being hidden.
    if (value === "") {
      throw new ExeckitError({
        code: "invalid_argument",
        message: safe`Cannot take a value from the variable "${
          createRedactor().text(name)
        }": it is not set or empty`,
      });
    }
    redactor.register(value, name.replaceAll("_", "-"));
  }
  return redactor;
}

async function copyRedacted(redactor: Redactor, io: RedactIo): Promise<void> {
  const cleaner = new TerminalTextCleaner();
  const stream = redactor.stream();
  for await (const chunk of io.input) {
    const bytes = stream.push(cleaner.push(chunk));
    if (bytes.length > 0 && !(await io.write(bytes))) return;
  }
  const rest = stream.push(cleaner.end());
  if (rest.length > 0 && !(await io.write(rest))) return;
  await io.write(stream.end());
}
