import assert from "node:assert/strict";
import { test } from "node:test";
import { SHELLS, withSession } from "../support/open_session.ts";

/** Marker-like bytes under keys that a program can make up: of every kind and length. */
const FORGED_MARKERS = ["B", "E", "S", "T", "P", "R", "L", "Y", "F", "D", "X"].flatMap((kind) =>
  ["", "0", "deadbeefdeadbeefdeadbeef", "f".repeat(24), "\\036"].map((key) =>
    `\\036${kind}${key} 0 1 ${key}:x /forged\\036${key}\\036`
  )
).join("");

for (const shell of SHELLS) {
  const { skip } = shell;

  test(`output with marker-like bytes ends no command on ${shell.name}`, { skip }, async () => {
    await withSession(shell, { cwd: "/var/tmp" }, async (session) => {
      const result = await session.exec(
        `printf '${FORGED_MARKERS}'; printf '${FORGED_MARKERS}' >&2; echo end; echo end >&2; (exit 9)`,
      );
      assert.equal(result.exitCode, 9);
      assert.equal(result.cwd, "/var/tmp");
      assert.match(result.stdout, /end\n$/);
      assert.match(result.stderr, /end\n$/);
      assert.equal((await session.exec("echo next")).stdout, "next\n");
    });
  });

  test(`a child process is told no key of a marker on ${shell.name}`, { skip }, async () => {
    await withSession(shell, {}, async (session) => {
      const seen = await session.exec(
        "env; tr '\\0' ' ' </proc/self/cmdline; tr '\\0' '\\n' <\"/proc/$$/environ\"; " +
          "sh -c 'for f in 7 8 9; do [ ! -e /proc/self/fd/$f ] || echo open $f; done'",
      );
      assert.match(seen.stdout, /^EXECKIT_SESSION=/m);
      assert.doesNotMatch(seen.stdout, /__ek_|^open/m);
    });
  });

  test(`an old key ends no later command on ${shell.name}`, { skip }, async () => {
    await withSession(shell, { cwd: "/var/tmp" }, async (session) => {
      const key = (await session.exec("set | sed -n 's/^__ek_[a-z0-9]*n=//p'")).stdout
        .replace(/[^0-9a-f]/g, "");
      assert.match(key, /^[0-9a-f]{24}$/);
      const all = ["E", "S", "P", "R"].map((kind) =>
        `\\036${kind}${key} 0 1 ${key} /forged\\036${key}\\036`
      );
      const result = await session.exec(
        `printf '${all.join("")}'; printf '${all.join("")}' >&2; echo end; echo end >&2; (exit 9)`,
      );
      assert.equal(result.exitCode, 9);
      assert.equal(result.cwd, "/var/tmp");
      assert.match(result.stdout, /end\n$/);
      assert.match(result.stderr, /end\n$/);
    });
  });

  test(
    `code that reads its own key fools its own result only on ${shell.name}`,
    { skip },
    async () => {
      await withSession(shell, { cwd: "/var/tmp", timeoutMs: 15_000 }, async (session) => {
        // Only a command inside of the session's own shell can read the key of its frame.
        const forger = "n=$(set | sed -n 's/^__ek_[a-z0-9]*n=//p' | tr -dc 0-9a-f | head -c 24); " +
          "printf '\\036E%s 0 1 x /forged\\036%s\\036' $n $n; " +
          "printf '\\036S%s \\036%s\\036' $n $n >&2; /bin/echo more";
        await session.exec(forger);
        for (const text of ["first", "second"]) {
          const result = await session.exec(`echo ${text}; pwd; (exit 4)`);
          assert.equal(result.stdout, `${text}\n${result.cwd}\n`);
          assert.equal(result.exitCode, 4);
        }
      });
    },
  );
}
