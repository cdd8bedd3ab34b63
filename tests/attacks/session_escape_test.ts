import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Session } from "../../src/session/session.ts";
import { waitFor } from "../support/wait_for.ts";
import { isAlive, skipWithout } from "../support/processes.ts";

/** Finds the relay, the other child of the supervisor, from inside the session. */
const FIND_RELAY = "sup=$(sed -n 's/^PPid:\\t//p' /proc/$PPID/status); " +
  "for k in $(cat /proc/$sup/task/$sup/children); do [ $k != $PPID ] && rel=$k; done";
const START_JOB = "(setsid sleep 600 >/dev/null 2>&1 & echo $!)";

const skip = skipWithout("bash", "script");

describe("an agent that attacks its own session", () => {
  it("cannot replace the functions that end a frame", { skip }, async () => {
    await using session = await Session.open({ transport: "local", shell: "bash" });
    await session.exec(
      "z=$(declare -F | sed -n 's/.* \\(__ek_[a-z0-9]*z\\)$/\\1/p'); " +
        'eval "$z() { :; }"; unset -f "$z"; alias "$z=true"; true',
    );
    assert.equal((await session.exec("false")).exitCode, 1);
    assert.equal((await session.exec("echo out; (exit 7)")).exitCode, 7);
  });

  it("gets nothing run at a prompt", { skip }, async () => {
    await using session = await Session.open({ transport: "local", shell: "bash" });
    await session.exec("PROMPT_COMMAND='echo RAN >&2' PS0='$(echo RAN >&2)'");
    const next = await session.exec("true");
    assert.doesNotMatch(`${next.stdout}${next.stderr}${next.background ?? ""}`, /RAN/);
  });

  it("cannot disarm the session's mark by its environment", { skip }, async () => {
    for (const name of ["EXECKIT_SESSION", "PROMPT_COMMAND", "PS4", "SHELLOPTS"]) {
      await assert.rejects(
        Session.open({ transport: "local", env: { [name]: "x" } }),
        { code: "invalid_argument" },
        name,
      );
    }
  });

  it(
    "does not join the halves of a secret by asking for both streams together",
    { skip },
    async () => {
      const secret = ["zebra", "Quokka", "91x7", "Lantern"].join("-");
      const [one, two] = [secret.slice(0, 9), secret.slice(9)];
      await using session = await Session.open({ transport: "local", secrets: [secret] });
      const result = await session.exec(`printf %s ${one}; sleep 0.2; printf %s ${two} >&2`, {
        interleave: true,
      });
      assert.doesNotMatch(result.output ?? "", new RegExp(secret));
    },
  );

  for (
    const [what, attack] of [
      ["killed", "kill -9 $rel"],
      ["stopped", "kill -STOP $sup $rel $(cat /proc/$rel/task/$rel/children)"],
    ] as const
  ) {
    it(`leaves no process when its relay was ${what}`, { skip }, async () => {
      const session = await Session.open({ transport: "local", shell: "bash" });
      const { stdout } = await session.exec(`${FIND_RELAY}; ${START_JOB}; ${attack}`);
      const pid = Number(stdout);
      assert.ok(pid > 1, stdout);
      await session.close();
      await waitFor("the job's end", async () => await isAlive(pid) ? undefined : true);
    });
  }
});
