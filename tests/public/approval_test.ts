import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import {
  type ApprovalAnswer,
  type ApprovalRequest,
  type Approver,
  type AuditEvent,
  memoryAudit,
  parsePolicyFile,
  type Policy,
  safe,
} from "../../mod.ts";
import { failsWith, fakeToken, fileExists, letters, makeFolder, openLocal } from "./helpers.ts";

/** Asks about `touch` and `mkdir`, denies `rm`, allows the rest. */
function askingPolicy(whenNoHuman: "allow" | "deny" = "deny"): Policy {
  return parsePolicyFile(JSON.stringify({
    version: 1,
    default: "allow",
    whenNoHuman,
    rules: [
      { id: "makes", decision: "ask", program: ["touch", "mkdir"] },
      { id: "removes", decision: "deny", program: "rm" },
    ],
  }));
}

/** An approver that remembers what it was asked. */
function answering(answer: unknown): { approve: Approver; asked: ApprovalRequest[] } {
  const asked: ApprovalRequest[] = [];
  return {
    asked,
    approve: (request) => {
      asked.push(request);
      // Some of the answers are none, on purpose.
      return Promise.resolve(answer as ApprovalAnswer);
    },
  };
}

/** The event of one kind, without what differs from run to run. */
function eventOf(events: readonly AuditEvent[], kind: "start" | "blocked") {
  const found = events.find(({ event }) => event === kind);
  assert.ok(found?.event === "start" || found?.event === "blocked", `no ${kind} event`);
  assert.ok(found.approval !== undefined, `the ${kind} event says nothing of an approval`);
  const { waitedMs = 0, ...approval } = found.approval;
  assert.ok(waitedMs >= 0);
  return { ...found, approval };
}

/** A promise and what settles it. */
function pendingAnswer() {
  let resolve: (answer: ApprovalAnswer) => void = () => {};
  const promise = new Promise<ApprovalAnswer>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const never = () => new Promise<ApprovalAnswer>(() => {});

describe("approve", () => {
  it("is asked about what the policy asks, and about nothing else", async () => {
    using folder = makeFolder();
    const { approve, asked } = answering({ decision: "allow" });
    const options = { id: "s", policy: askingPolicy(), approve, cwd: folder.path };
    await using session = await openLocal(options);
    assert.equal((await session.exec("echo on")).status, "exited");
    assert.equal((await session.exec("rm x")).status, "blocked");
    await session.exec("env touch made");
    const [request, ...others] = asked;
    assert.ok(request !== undefined && others.length === 0);
    const { verdict, signal, ...rest } = request;
    assert.deepEqual(rest, {
      session: "s",
      commandId: "c3",
      command: "env touch made",
      isWhole: true,
      cwd: folder.path,
      transport: "local",
      target: "local",
    });
    assert.deepEqual(
      [verdict.decision, verdict.rule, verdict.words, verdict.via, verdict.resolved],
      ["ask", "makes", "touch made", ["env"], ["touch", "made"]],
    );
    assert.equal(signal.aborted, true, "an answer is given once");
  });

  it("runs the command once when it allows, and the audit says who did", async () => {
    using folder = makeFolder();
    const audit = memoryAudit();
    const { approve, asked } = answering({ decision: "allow", by: "ann", reason: "fine" });
    const options = { policy: askingPolicy(), approve, audit, cwd: folder.path };
    await using session = await openLocal(options);
    const result = await session.exec("touch made && echo done");
    assert.deepEqual([result.status, result.stdout, result.verdict], [
      "exited",
      "done\n",
      undefined,
    ]);
    assert.ok(existsSync(folder.file("made")));
    assert.deepEqual(eventOf(audit.events, "start").approval, {
      decision: "allow",
      by: "approver",
      rule: "makes",
      who: "ann",
      reason: "fine",
    });
    await session.exec("touch made && echo done");
    assert.equal(asked.length, 2, "the next time it is asked again");
  });

  it("blocks the command when it denies, and the verdict says so", async () => {
    using folder = makeFolder();
    const audit = memoryAudit();
    const { approve } = answering({ decision: "deny", by: "ann", reason: "not today" });
    const options = { policy: askingPolicy(), approve, audit, cwd: folder.path };
    await using session = await openLocal(options);
    const { status, verdict } = await session.exec("touch made");
    assert.equal(status, "blocked");
    assert.deepEqual([verdict?.decision, verdict?.rule], ["deny", "makes"]);
    assert.match(verdict?.reason ?? "", /^Denied by the approver: not today; /);
    assert.equal(existsSync(folder.file("made")), false);
    const blocked = eventOf(audit.events, "blocked");
    assert.equal(blocked.approval.decision, "deny");
    assert.ok(blocked.event === "blocked");
    assert.deepEqual(blocked.verdict, verdict);
    assert.deepEqual(audit.events.map(({ event }) => event), ["open", "blocked"]);
  });

  it("sees standard input, and is told when that is not all of it", async () => {
    using folder = makeFolder();
    const { approve, asked } = answering({ decision: "allow" });
    const audit = memoryAudit();
    await using session = await openLocal({
      policy: askingPolicy(),
      approve,
      audit,
      cwd: folder.path,
    });
    const token = fakeToken(7);
    const inputs = [
      "touch made\n",
      `touch made # ${token}\n`,
      `touch made # ${"x".repeat(70_000)}`,
    ];
    for (const stdin of inputs) {
      assert.equal((await session.exec("sh", { stdin })).status, "exited");
      assert.ok(existsSync(folder.file("made")));
    }
    await session.exec("touch made");
    assert.deepEqual(asked.map(({ isWhole }) => isWhole), [true, false, false, true]);
    assert.deepEqual(asked.map(({ stdin }) => stdin?.length), [
      inputs[0]?.length,
      asked[1]?.stdin?.length,
      65_536,
      undefined,
    ]);
    assert.equal(asked[0]?.stdin, inputs[0]);
    assert.match(asked[1]?.stdin ?? "", /^touch made # \[REDACTED:/);
    const [first] = asked;
    assert.deepEqual([first?.verdict.words, first?.verdict.via], ["touch made", ["sh"]]);
    for (const kind of ["start", "exec"] as const) {
      const events = audit.events.filter(({ event }) => event === kind);
      const given = events.map((event) =>
        event.event === kind ? [event.stdin, event.stdinBytes, event.isWhole] : []
      );
      assert.deepEqual(
        given,
        asked.map(({ stdin, isWhole }, at) => [
          stdin,
          inputs[at]?.length,
          isWhole ? undefined : false,
        ]),
      );
    }
  });

  const failures: { readonly [name: string]: readonly [Approver, string] } = {
    "throws": [() => {
      throw new Error("no window");
    }, "failed"],
    "rejects": [() => Promise.reject(new Error("no window")), "failed"],
    "gives nothing": [answering(undefined).approve, "failed"],
    "gives another word": [answering({ decision: "yes" }).approve, "failed"],
    "gives true": [answering(true).approve, "failed"],
    "does not answer in time": [never, "timed_out"],
  };
  for (const [name, [approve, problem]] of Object.entries(failures)) {
    it(`refuses the command when it ${name}`, async () => {
      using folder = makeFolder();
      const audit = memoryAudit();
      await using session = await openLocal({
        policy: askingPolicy("allow"),
        approve,
        approveTimeoutMs: problem === "timed_out" ? 20 : 60_000,
        audit,
        cwd: folder.path,
      });
      const result = await session.exec("touch made");
      assert.deepEqual([result.status, result.verdict?.decision], ["needs_approval", "ask"]);
      assert.match(result.note ?? "", /not run\.$/);
      assert.equal(existsSync(folder.file("made")), false);
      assert.deepEqual(eventOf(audit.events, "blocked").approval, {
        decision: "none",
        by: "approver",
        problem,
        rule: "makes",
      });
      assert.equal((await session.exec("echo on")).stdout, "on\n");
    });
  }

  it("cannot allow what it was not asked any more", async () => {
    using folder = makeFolder();
    const late = pendingAnswer();
    const seen: ApprovalRequest[] = [];
    await using session = await openLocal({
      policy: askingPolicy(),
      approve: (request) => {
        seen.push(request);
        return late.promise;
      },
      approveTimeoutMs: 20,
      cwd: folder.path,
    });
    assert.equal((await session.exec("touch made")).status, "needs_approval");
    assert.equal(seen[0]?.signal.aborted, true);
    late.resolve({ decision: "allow" });
    await session.exec("true");
    assert.equal(existsSync(folder.file("made")), false);
  });

  it("is no longer waited for once the call is cancelled or the session closes", async () => {
    using folder = makeFolder();
    const options = { policy: askingPolicy(), approve: never, cwd: folder.path };
    const session = await openLocal(options);
    const cancelled = session.exec("touch made", { signal: AbortSignal.abort() });
    assert.equal((await cancelled).status, "needs_approval");
    const call = new AbortController();
    const pending = session.exec("touch made", { signal: call.signal });
    await failsWith("busy", session.exec("touch meanwhile"));
    call.abort();
    assert.match((await pending).note ?? "", /cancelled/);
    const atClose = session.exec("touch made");
    await session.close();
    assert.equal((await atClose).status, "needs_approval");
    assert.equal(existsSync(folder.file("made")), false);
  });

  it("sees no secret, is told when something was taken out, and cannot leak one", async () => {
    const [token, known] = [fakeToken(21), letters(22, 20)];
    const audit = memoryAudit();
    const { approve, asked } = answering({ decision: "deny", by: known, reason: `has ${token}` });
    await using session = await openLocal({
      policy: askingPolicy(),
      approve,
      audit,
      secrets: [known],
    });
    const result = await session.exec(`touch ${token} ${known}`);
    assert.equal(asked[0]?.isWhole, false);
    const said = JSON.stringify([asked, result, audit.events]);
    assert.equal(said.includes(token) || said.includes(known), false);
  });

  it("cannot change what runs by changing what it was given", async () => {
    using folder = makeFolder();
    const audit = memoryAudit();
    await using session = await openLocal({
      policy: askingPolicy(),
      audit,
      cwd: folder.path,
      approve: (request) => {
        // A program without types may try.
        Object.assign(request, { command: "touch other", cwd: "/" });
        Object.assign(request.verdict, { rule: "mine" });
        return Promise.resolve({ decision: "allow" });
      },
    });
    assert.equal((await session.exec("touch made")).command, "touch made");
    assert.deepEqual([existsSync(folder.file("made")), existsSync(folder.file("other"))], [
      true,
      false,
    ]);
    assert.equal(eventOf(audit.events, "start").approval.rule, "makes");
  });

  it("counts only as long as the policy would still ask the same", async () => {
    using folder = makeFolder();
    for (const after of ["allow", "ask", "deny"] as const) {
      let isFirst = true;
      const policy: Policy = {
        decide: () => {
          const decision = isFirst ? "ask" : after;
          const rule = isFirst ? safe`first` : safe`second`;
          isFirst = false;
          return { decision, rule };
        },
      };
      const { approve } = answering({ decision: "allow" });
      await using session = await openLocal({ policy, approve, cwd: folder.path });
      const result = await session.exec("touch made");
      assert.equal(result.status, "needs_approval", after);
      assert.equal(existsSync(folder.file("made")), false);
    }
  });

  it("waits for a person as long as it is given, and the command's time begins after", async () => {
    using folder = makeFolder();
    const answer = pendingAnswer();
    await using session = await openLocal({
      policy: askingPolicy(),
      approve: () => answer.promise,
      cwd: folder.path,
    });
    const pending = session.exec("touch made; echo done", { timeoutMs: 5000 });
    await using other = await openLocal({ cwd: folder.path });
    await other.exec("touch asked");
    await fileExists(folder.file("asked"));
    assert.equal(session.running, "c1");
    answer.resolve({ decision: "allow" });
    assert.equal((await pending).stdout, "done\n");
  });

  it("must be a function with a time that can be waited", async () => {
    const wrong = [{ approve: "yes" }, { approveTimeoutMs: 0 }, { approveTimeoutMs: Infinity }];
    for (const options of wrong) {
      // Not what the types allow, on purpose.
      const given = options as Parameters<typeof openLocal>[0];
      await failsWith("invalid_argument", openLocal(given));
    }
  });
});

describe("ask without an approver", () => {
  for (const whenNoHuman of ["allow", "deny"] as const) {
    it(`is what whenNoHuman says: ${whenNoHuman}`, async () => {
      using folder = makeFolder();
      const audit = memoryAudit();
      const options = { policy: askingPolicy(whenNoHuman), audit, cwd: folder.path };
      await using session = await openLocal(options);
      const { status } = await session.exec("touch made");
      const isAllowed = whenNoHuman === "allow";
      assert.equal(status, isAllowed ? "exited" : "needs_approval");
      assert.equal(existsSync(folder.file("made")), isAllowed);
      assert.deepEqual(eventOf(audit.events, isAllowed ? "start" : "blocked").approval, {
        decision: whenNoHuman,
        by: "when_no_human",
        rule: "makes",
      });
    });
  }
});
