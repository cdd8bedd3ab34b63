import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ERROR_HINTS, ExeckitError, LIMITS, Session } from "../../mod.ts";

/** Everything that an error has to be, whichever it is. */
function assertErrorShape(error: unknown, code: string): void {
  assert.ok(error instanceof ExeckitError, String(error));
  assert.equal(error.name, "ExeckitError");
  assert.equal(error.code, code);
  assert.ok(error.code in ERROR_HINTS);
  assert.match(error.detail, /^['A-Z].*[^.]$/s);
  assert.ok(error.hint.length > 10);
  assert.equal(error.message, `${code}: ${error.detail}. ${error.hint}`);
}

const SECRET = "do-not-" + "repeat-me";

const BAD_SESSION_OPTIONS: Readonly<Record<string, unknown>> = {
  "no transport": {},
  "an unknown transport": { transport: SECRET },
  "a transport of the wrong type": { transport: 7 },
  "an unknown key": { transport: "local", [SECRET]: 1 },
  "an unknown shell": { transport: "local", shell: SECRET },
  "a shell of the wrong type": { transport: "local", shell: 7 },
  "a relative path for a shell": { transport: "local", shell: `./${SECRET}` },
  "an empty cwd": { transport: "local", cwd: "" },
  "a cwd with NUL": { transport: "local", cwd: `/${SECRET}\0` },
  "a cwd that is too long": { transport: "local", cwd: `/${SECRET}`.repeat(1000) },
  "an env that is a list": { transport: "local", env: [SECRET] },
  "an env with a bad name": { transport: "local", env: { [`A-${SECRET}`]: "x" } },
  "an env with a bad value": { transport: "local", env: { A: 7 } },
  "an env value with NUL": { transport: "local", env: { A: `${SECRET}\0` } },
  "a bad id": { transport: "local", id: `${SECRET}/..` },
  "a bad terminal": { transport: "local", terminal: SECRET },
  "a bad loginEnv": { transport: "local", loginEnv: SECRET },
  "a negative time-out": { transport: "local", timeoutMs: -1 },
  "a time-out that is no number": { transport: "local", timeoutMs: SECRET },
  "a bad budget": { transport: "local", budget: { maxChars: -1 } },
  "a budget with an unknown key": { transport: "local", budget: { [SECRET]: 1 } },
  "a bad pattern": { transport: "local", budget: { grep: { pattern: `(${SECRET}` } } },
};

describe("Session.open() refuses", () => {
  for (const [name, options] of Object.entries(BAD_SESSION_OPTIONS)) {
    test(`${name}, without repeating it`, async () => {
      // What a program without types may pass.
      const opening = Session.open(options as Parameters<typeof Session.open>[0]);
      await assert.rejects(opening, (error) => {
        assert.ok(error instanceof ExeckitError, String(error));
        assert.ok(["invalid_argument", "limit_reached"].includes(error.code), error.message);
        assertErrorShape(error, error.code);
        assert.ok(!error.message.includes(SECRET), error.message);
        return true;
      });
    });
  }

  test("a shell that is not there", async () => {
    await assert.rejects(
      Session.open({ transport: "local", shell: "/nonexistent/sh" }),
      (error) => {
        assertErrorShape(error, "shell_not_found");
        return true;
      },
    );
  });

  test("a program that is no shell", async () => {
    await assert.rejects(Session.open({ transport: "local", shell: "/bin/cat" }), (error) => {
      assertErrorShape(error, "shell_not_found");
      return true;
    });
  });

  test("a directory that is not there", async () => {
    await assert.rejects(Session.open({ transport: "local", cwd: "/nonexistent" }), (error) => {
      assertErrorShape(error, "invalid_cwd");
      return true;
    });
  });
});

const BAD_EXEC_OPTIONS: Readonly<Record<string, unknown>> = {
  "an unknown key": { [SECRET]: 1 },
  "options that are no object": SECRET,
  "a time-out of 0": { timeoutMs: 0 },
  "a time-out that is not finite": { timeoutMs: Infinity },
  "a time-out above the ceiling": { timeoutMs: LIMITS.commandTimeoutMaxMs + 1 },
  "stdin that is no text": { stdin: 7 },
  "stdin with a lone surrogate": { stdin: `${SECRET}\ud800` },
  "a bad signal": { signal: SECRET },
  "a bad tty": { tty: SECRET },
  "a bad interleave": { interleave: 1 },
  "a bad budget": { budget: { keep: { mode: SECRET } } },
};

const BAD_COMMANDS: Readonly<Record<string, readonly [unknown, string]>> = {
  "a command with NUL": [`echo ${SECRET}\0`, "invalid_argument"],
  "a command with a lone surrogate": [`echo ${SECRET}\udfff`, "invalid_argument"],
  "a command that is no text": [7, "invalid_argument"],
  "a command that is too long": ["x".repeat(LIMITS.commandMaxBytes + 1), "limit_reached"],
};

describe("Session.exec() refuses, runs nothing and lives on:", () => {
  test("every kind of bad argument", async () => {
    await using session = await Session.open({ transport: "local" });
    for (const [name, options] of Object.entries(BAD_EXEC_OPTIONS)) {
      // What a program without types may pass.
      const running = session.exec("ran=1", options as Parameters<typeof session.exec>[1]);
      await assert.rejects(running, (error) => {
        assertErrorShape(error, "invalid_argument");
        assert.ok(error instanceof Error && !error.message.includes(SECRET), name);
        return true;
      });
    }
    for (const [name, [command, code]] of Object.entries(BAD_COMMANDS)) {
      // What a program without types may pass.
      await assert.rejects(session.exec(command as string), (error) => {
        assertErrorShape(error, code);
        assert.ok(error instanceof Error && !error.message.includes(SECRET), name);
        return true;
      });
    }
    assert.equal((await session.exec('echo "${ran-not}"')).stdout, "not\n");
  });

  test("a terminal, where the session has none", async () => {
    await using session = await Session.open({ transport: "local", terminal: "none" });
    assert.equal(session.shell.terminal, false);
    await assert.rejects(session.exec("true", { tty: true }), (error) => {
      assertErrorShape(error, "unsupported");
      return true;
    });
    assert.equal((await session.exec("echo on")).stdout, "on\n");
  });
});

describe("Session.exec() takes", () => {
  test("empty commands, comments and blank lines", async () => {
    await using session = await Session.open({ transport: "local" });
    for (const command of ["", " ", "\n\n", "# nothing", "\t# nothing\n"]) {
      const result = await session.exec(command);
      assert.deepEqual([result.status, result.exitCode, result.stdout], ["exited", 0, ""]);
    }
  });

  test("commands of 5,000 characters, 300 KiB and 1 MiB", async () => {
    await using session = await Session.open({ transport: "local" });
    for (const length of [5_000, 300 * 1024, 1024 * 1024]) {
      const result = await session.exec(`v='${"ż".repeat(length / 2)}'; printf %s "$v" | wc -c`);
      assert.equal(result.stdout.trim(), String(length));
    }
  });

  test("every character of Unicode planes and quotes", async () => {
    await using session = await Session.open({ transport: "local" });
    const text = "'\"\\$`!#&;|<>()[]{}*?~%^ \u0080\u00ff\u2028\u{1f600}\u{10ffff}";
    const quoted = `'${text.replaceAll("'", "'\\''")}'`;
    const result = await session.exec(`printf %s ${quoted} | wc -c`);
    assert.equal(Number(result.stdout), new TextEncoder().encode(text).length);
  });
});
