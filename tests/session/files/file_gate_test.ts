import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  type AuditEvent,
  type AuditSink,
  createDenyListPolicy,
  ExeckitError,
  memoryAudit,
  openJsonlAudit,
  parsePolicyFile,
  type Policy,
  type PolicyRequest,
  safe,
  verifyAudit,
} from "../../../mod.ts";
import { TransferSlots } from "../../../src/session/files/transfer_slots.ts";
import { makeTestFolder } from "../../support/open_session.ts";
import { waitFor } from "../../support/wait_for.ts";
import { FilesRig } from "./files_rig.ts";

/** A policy that says the same to everything and notes what it was asked. */
function constantPolicy(
  decision: "allow" | "ask" | "deny",
  whenNoHuman?: "allow",
): Policy & { readonly asked: PolicyRequest[] } {
  const asked: PolicyRequest[] = [];
  return {
    asked,
    ...(whenNoHuman === undefined ? {} : { whenNoHuman }),
    decide(request) {
      asked.push(request);
      return { decision, reason: safe`because` };
    },
  };
}

function isBlocked(error: unknown): boolean {
  return error instanceof ExeckitError && error.code === "blocked_by_policy";
}

/** What a file event says, in short. */
function outline(events: readonly AuditEvent[]): string[] {
  return events.map((event) => {
    if (event.event !== "file") return event.event;
    return [event.action, event.status, event.bytes, event.code].filter((part) =>
      part !== undefined
    ).join(" ");
  });
}

describe("the gate of a session's files", () => {
  it("asks the policy about each access as the command that does the same", async () => {
    using folder = makeTestFolder();
    const policy = constantPolicy("deny");
    await using rig = await FilesRig.open({ cwd: "/usr", policy });
    const local = join(folder.path, "f");
    writeFileSync(local, "x");
    const { files } = rig;
    const accesses = [
      () => files.read("it's"),
      () => files.readText("/etc/passwd"),
      () => files.list("-l"),
      () => files.stat("a"),
      () => files.stat("a", { followLinks: true }),
      () => files.write("/d/a", "x", { createParents: true, mode: 0o755 }),
      () => files.upload(local, "a"),
      () => files.download("a", local),
    ];
    for (const access of accesses) await assert.rejects(access(), isBlocked);
    assert.deepEqual(policy.asked.map(({ command }) => command), [
      `cat -- '/usr/it'\\''s'`,
      "cat -- '/etc/passwd'",
      "ls -- '/usr/-l'",
      "stat -- '/usr/a'",
      "stat -L -- '/usr/a'",
      "mkdir -p -- '/d/' && cat > '/d/a' && chmod 755 -- '/d/a'",
      "cat > '/usr/a'",
      "cat -- '/usr/a'",
    ]);
    assert.ok(policy.asked.every(({ cwd, transport }) => cwd === "/usr" && transport === "local"));
  });

  it("lets through what is allowed, and what is asked where nobody has to be", async () => {
    await using allowed = await FilesRig.open({ policy: constantPolicy("allow") });
    assert.ok((await allowed.files.read("/etc/passwd")).length > 0);
    await using nobody = await FilesRig.open({ policy: constantPolicy("ask", "allow") });
    assert.ok((await nobody.files.read("/etc/passwd")).length > 0);
    await using somebody = await FilesRig.open({ policy: constantPolicy("ask") });
    await assert.rejects(somebody.files.read("/etc/passwd"), /needs an approval \(because\)/);
  });

  it("asks whoever is there to be asked, whatever the policy says without a human", async () => {
    using folder = makeTestFolder();
    const audit = memoryAudit();
    const asked: string[] = [];
    const policy = constantPolicy("ask", "allow");
    await using rig = await FilesRig.open({
      cwd: folder.path,
      policy,
      audit,
      approve: ({ command, commandId }) => {
        asked.push(`${commandId} ${command}`);
        const decision = command.startsWith("cat >") ? "deny" : "allow";
        return Promise.resolve({ decision, by: "me", reason: "so it is" });
      },
    });
    assert.deepEqual(await rig.files.list("."), []);
    await assert.rejects(rig.files.write("f", "x"), /blocked_by_policy: .*is refused \(so it is\)/);
    assert.deepEqual(asked, [`f1 ls -- '${folder.path}/.'`, `f2 cat > '${folder.path}/f'`]);
    assert.deepEqual(outline(audit.events), ["list done", "write blocked blocked_by_policy"]);
    const approvals = audit.events.map((event) => event.event === "file" && event.approval);
    assert.deepEqual(approvals.map((approval) => approval && approval.decision), ["allow", "deny"]);
    assert.equal((await rig.exec("ls -A")).stdout, "");
  });

  it("keeps file events in a file whose chain holds", async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "audit.jsonl");
    {
      await using audit = await openJsonlAudit({ path });
      await using rig = await FilesRig.open({ cwd: folder.path, audit });
      await rig.files.write("f", "12345");
    }
    const lines = readFileSync(path, "utf8").split("\n");
    assert.equal((await verifyAudit(lines)).ok, true);
    const { ts: _, prev: __, ...event } = JSON.parse(lines[1] ?? "");
    assert.deepEqual(event, {
      event: "file",
      session: "rig",
      transport: "local",
      action: "write",
      path: join(folder.path, "f"),
      status: "done",
      bytes: 5,
    });
  });

  it("holds real policies to files", async () => {
    using folder = makeTestFolder();
    await using noCat = await FilesRig.open({ policy: createDenyListPolicy({ deny: ["cat"] }) });
    await assert.rejects(noCat.files.read("/etc/passwd"), isBlocked);
    assert.ok((await noCat.files.list("/etc")).length > 0);
    const policy = parsePolicyFile(JSON.stringify({
      version: 1,
      default: "allow",
      rules: [{
        id: "stay",
        decision: "deny",
        redirect: "write",
        path: { outside: folder.path },
        examples: { match: ["ls > /etc/x"], noMatch: [`ls > ${folder.path}/x`] },
      }],
    }));
    await using rig = await FilesRig.open({ cwd: folder.path, policy });
    await rig.files.write("f", "x");
    await assert.rejects(rig.files.write("../f", "x"), isBlocked);
    await assert.rejects(rig.files.write("/nowhere/f", "x", { createParents: true }), isBlocked);
  });

  it("records every access, and what changes something before it begins", async () => {
    using folder = makeTestFolder();
    const local = join(folder.path, "local");
    const audit = memoryAudit();
    await using rig = await FilesRig.open({ cwd: folder.path, audit });
    await rig.files.write("f", "12345");
    await rig.files.read("f");
    await rig.files.stat("f");
    await rig.files.list(".");
    await rig.files.download("f", local);
    await rig.files.upload(local, "g");
    await assert.rejects(rig.files.read("nowhere"));
    await assert.rejects(rig.files.write("no/where", "x"));
    assert.deepEqual(outline(audit.events), [
      "write started",
      "write done 5",
      "read done 5",
      "stat done",
      "list done",
      "download started",
      "download done 5",
      "upload started",
      "upload done 5",
      "read failed path_not_found",
      "write started",
      "write failed path_not_found",
    ]);
    assert.ok(audit.events.every((event) => event.event === "file" && event.session === "rig"));
    const [first] = audit.events;
    assert.equal(first?.event === "file" && first.path, join(folder.path, "f"));
  });

  it("records what the policy refuses, and does nothing", async () => {
    using folder = makeTestFolder();
    const audit = memoryAudit();
    const policy = constantPolicy("deny");
    await using rig = await FilesRig.open({ cwd: folder.path, audit, policy });
    await assert.rejects(rig.files.write("f", "x"), isBlocked);
    assert.deepEqual(outline(audit.events), ["write blocked blocked_by_policy"]);
    assert.equal((await rig.exec("ls -A")).stdout, "");
  });

  it("changes nothing that cannot be recorded, and shows nothing either", async () => {
    using folder = makeTestFolder();
    const broken: AuditSink = {
      record: () =>
        Promise.reject(new ExeckitError({ code: "audit_failed", message: safe`No disk` })),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    await using rig = await FilesRig.open({ cwd: folder.path, audit: broken });
    await assert.rejects(rig.files.write("f", "x"), /audit_failed/);
    await assert.rejects(rig.files.read("/etc/passwd"), /audit_failed/);
    assert.equal((await rig.exec("ls -A")).stdout, "");
  });

  it("redacts paths, and writes out what a terminal would obey", async () => {
    const secret = ["top", "secret", "value"].join("-");
    const audit = memoryAudit();
    await using rig = await FilesRig.open({ audit, secrets: [secret] });
    await assert.rejects(rig.files.read(`/nowhere/${secret}/\x1b[2J`), (error) => {
      assert.ok(error instanceof ExeckitError);
      assert.ok(!error.message.includes(secret));
      assert.ok(error.message.includes("\\x1b[2J"));
      return true;
    });
    assert.ok(!JSON.stringify(audit.events).includes(secret));
  });

  it("refuses in a sandbox, where its scripts would be outside", async () => {
    await using rig = await FilesRig.open({ sandboxed: true });
    for (const access of [rig.files.read("/etc/passwd"), rig.files.write("/tmp/x", "x")]) {
      await assert.rejects(access, /^ExeckitError: unsupported/);
    }
  });

  it("refuses options that it does not know", async () => {
    await using rig = await FilesRig.open();
    // What a caller without types can pass.
    const read = (options: unknown) => rig.files.read("/etc/passwd", options as object);
    const wrong = [null, [], 1, { unknown: 1 }, { offset: -1 }, { offset: 1.5 }, { maxBytes: "1" }];
    for (const options of [...wrong, { signal: {} }]) {
      await assert.rejects(read(options), /invalid_argument/, JSON.stringify(options));
    }
    const write = (options: object) => rig.files.write("/nowhere/f", "x", options);
    for (const options of [{ mode: 0o1000 }, { overwrite: 1 }, { createParents: "yes" }]) {
      await assert.rejects(write(options), /invalid_argument/, JSON.stringify(options));
    }
  });
});

describe("TransferSlots.run()", () => {
  it("runs a few at a time, in order, and lets go who gives up waiting", async () => {
    const slots = new TransferSlots(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const controller = new AbortController();
    const jobs = [0, 1, 2, 3, 4].map((number) =>
      slots.run(() => {
        begun.push(number);
        return new Promise<number>((resolve) => ends.push(() => resolve(number)));
      }, number === 2 ? controller.signal : undefined)
    );
    const hasBegun = (count: number) =>
      waitFor("a job to begin", () => begun.length >= count || undefined);
    await hasBegun(2);
    controller.abort();
    assert.equal(await jobs[2], undefined);
    ends[1]?.();
    assert.equal(await jobs[1], 1);
    await hasBegun(3);
    assert.deepEqual(begun, [0, 1, 3]);
    ends[0]?.();
    ends[2]?.();
    assert.equal(await jobs[3], 3);
    await hasBegun(4);
    assert.deepEqual(begun, [0, 1, 3, 4]);
    ends[3]?.();
    assert.deepEqual(await Promise.all(jobs), [0, 1, undefined, 3, 4]);
  });
});
