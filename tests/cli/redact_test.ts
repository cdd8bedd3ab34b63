import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type RedactCommandOptions, runRedact } from "../../src/cli/commands/redact.ts";

interface Run {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

async function run(
  chunks: readonly string[],
  options: RedactCommandOptions = {},
  readsUpTo = Infinity,
): Promise<Run> {
  const written: Uint8Array[] = [];
  let errors = "";
  const exitCode = await runRedact(options, {
    input: (async function* () {
      for (const chunk of chunks) yield await Promise.resolve(new TextEncoder().encode(chunk));
    })(),
    write: (bytes) => {
      written.push(bytes);
      return Promise.resolve(written.length < readsUpTo);
    },
    writeError: (text) => {
      errors += text;
    },
    env: (name) => name === "APP_LOGIN" ? "correct horse" : undefined,
  });
  const output = written.map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { exitCode, output, errors };
}

describe("runRedact()", () => {
  test("copies input without secrets and terminal codes", async () => {
    const result = await run(["\x1b[32mDB_PASSWORD=abc", "DEF123\x1b[0m\n", "end"]);
    assert.deepEqual(result, {
      exitCode: 0,
      output: "DB_PASSWORD=[REDACTED:password#1]\nend",
      errors: "",
    });
  });

  test("hides the values of named variables and what patterns match", async () => {
    const patterns = [{ kind: "ticket", pattern: "TICK-[0-9]+" }];
    const result = await run(["a correct horse TICK-5\n"], {
      knownFromEnv: ["APP_LOGIN"],
      patterns,
    });
    assert.equal(result.output, "a [REDACTED:app-login#1] [REDACTED:ticket#1]\n");
  });

  test("refuses a variable that is not set, before it reads", async () => {
    const result = await run(["x\n"], { knownFromEnv: ["NOT_THERE"] });
    assert.equal(result.exitCode, 1);
    assert.equal(result.output, "");
    assert.match(result.errors, /NOT_THERE/);
  });

  test("ends quietly when nobody reads any more", async () => {
    const result = await run(["one\n", "two\n", "three\n"], {}, 1);
    assert.deepEqual(result, { exitCode: 0, output: "one\n", errors: "" });
  });
});
