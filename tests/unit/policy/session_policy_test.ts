import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allowAllPolicy } from "../../../src/policy/allow_all.ts";
import { createDenyListPolicy } from "../../../src/policy/command_rules.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import { parsePolicyFile } from "../../../src/policy/policy_file.ts";
import { strictestOf } from "../../../src/policy/policy_stack.ts";
import { requestOf, ROW_POLICIES } from "./policy_rows.ts";

function sessionOf(name: string): Policy {
  const policy = ROW_POLICIES.get(name)?.forSession?.();
  assert.ok(policy);
  return policy;
}

function run(policy: Policy, command: string): string {
  const request = requestOf(command);
  const { decision } = policy.decide(request);
  if (decision === "allow") policy.started?.(request);
  return decision;
}

describe("forSession()", () => {
  it("knows functions of earlier commands, and forgets them when they are unset", () => {
    const policy = sessionOf("readonly");
    assert.equal(run(policy, "zz() { ls; }"), "allow");
    assert.equal(run(policy, "zz"), "allow");
    assert.equal(run(sessionOf("readonly"), "zz"), "deny");
    policy.started?.(requestOf("unset -f zz"));
    assert.equal(run(policy, "zz"), "deny");
  });
  it("does not count on functions that may not be there", () => {
    for (const text of ["false && zz() { ls; }", "(zz() { ls; })", "exit; zz() { ls; }"]) {
      const policy = sessionOf("readonly");
      policy.started?.(requestOf(text));
      assert.equal(run(policy, "zz"), "deny", text);
    }
  });
  it("reads aliases of earlier commands together with their arguments", () => {
    const policy = sessionOf("packs");
    assert.equal(run(policy, "alias p='git push'"), "ask");
    policy.started?.(requestOf("alias p='git push'"));
    assert.equal(run(policy, "p --force"), "deny");
    assert.equal(run(policy, "\\p --force"), "allow");
  });
  it("knows what earlier commands put into variables, until they hold something else", () => {
    const policy = sessionOf("fence");
    const check = (command: string) => policy.decide(requestOf(command)).decision;
    for (const command of ["x='a[$'", "y=$x'(rm f)]'", "declare -i n"]) {
      assert.equal(run(policy, command), "allow", command);
    }
    assert.equal(check("echo $((y))"), "ask");
    assert.equal(check("n=$y"), "ask");
    assert.equal(check("echo $((z))"), "allow");
    assert.equal(run(policy, "y=5"), "allow");
    assert.equal(check("echo $((y))"), "allow");
    assert.equal(check("echo $((x))"), "ask");
    assert.equal(run(sessionOf("fence"), "echo $((x))"), "allow");
  });
  it("keeps sessions apart", () => {
    const one = sessionOf("packs");
    one.started?.(requestOf("alias p='git push --force'"));
    assert.equal(run(sessionOf("packs"), "p"), "allow");
  });
});

describe("decideInput()", () => {
  const decide = (command: string, input: string) =>
    ROW_POLICIES.get("fence")?.decideInput?.({ ...requestOf(command), input }).decision;
  it("reads what is sent to a shell as commands", () => {
    assert.equal(decide("bash", "rm x\n"), "deny");
    assert.equal(decide("bash", "ls\n"), "allow");
    assert.equal(decide("ssh host", "sudo rm x\n"), "deny");
    assert.equal(decide("docker exec -it web sh", "rm x\n"), "deny");
    assert.equal(decide("bash -i", "!rm\n"), "ask");
  });
  it("cannot read what is sent to an interpreter or an editor", () => {
    assert.equal(decide("python3 -i", "import os\n"), "ask");
    assert.equal(decide("vim f", ":!ls\n"), "ask");
    assert.equal(decide("psql db", "\\! ls\n"), "ask");
    for (const editor of ["vipw", "visudo", "systemctl edit x", "hg commit", "tig"]) {
      assert.equal(decide(editor, ":!ls\n"), "ask", editor);
    }
  });
  it("lets answers pass", () => {
    assert.equal(decide("apt-get install x", "y\n"), "allow");
    assert.equal(decide("cat > notes", "rm x\n"), "allow");
    assert.equal(decide("./configure-it", "yes\n"), "allow");
    assert.equal(decide("./configure-it", "rm x\n"), "deny");
  });
});

describe("decideInput() of what is typed", () => {
  const decide = (command: string, input: string) =>
    ROW_POLICIES.get("fence")?.decideInput?.({ ...requestOf(command), input, isTyped: true })
      .decision;
  it("refuses to a shell what is no plain text", () => {
    for (
      const input of [
        "ls\t",
        "echo \x15ls",
        "^a^b",
        "fc -s",
        "bind x",
        "stty kill Y",
        "trap '' INT",
      ]
    ) {
      assert.notEqual(decide("bash", input), "allow", input);
    }
    for (const input of ["ls\r", "ls\ncat f", "stty -echo", "trap 'ls' EXIT"]) {
      assert.equal(decide("bash", input), "allow", input);
    }
    assert.equal(decide("stty erase x; bash", "ls"), "ask");
    assert.equal(decide("cat", "a\tb"), "allow");
  });
  it("takes programs that open a shell for shells", () => {
    for (const command of ["npx", "npm exec", "npm explore x", "npm init", "poetry shell"]) {
      assert.equal(decide(command, "x=rm; $x f"), "ask", command);
    }
    assert.equal(decide("npm install x", "don't"), "allow");
    assert.equal(decide("./cat", "$x"), "ask");
    assert.equal(decide("/usr/bin/cat", "$x"), "allow");
  });
});

describe("strictestOf()", () => {
  const base = createDenyListPolicy({ deny: ["rm"] });
  const narrow = createDenyListPolicy({ deny: [], allow: ["ls"] });
  it("refuses what any of them refuses", () => {
    const both = strictestOf([base, narrow]);
    assert.equal(both.decide(requestOf("ls")).decision, "allow");
    assert.equal(both.decide(requestOf("rm x")).decision, "deny");
    assert.equal(both.decide(requestOf("cat x")).decision, "deny");
    assert.equal(both.decideInput?.({ ...requestOf("sh"), input: "rm x" }).decision, "deny");
  });
  it("asks nobody only when all say so", () => {
    const open = parsePolicyFile('{"version":1,"whenNoHuman":"allow","default":"allow"}');
    const closed = parsePolicyFile('{"version":1,"default":"allow"}');
    assert.equal(strictestOf([open, closed]).whenNoHuman, "deny");
    assert.equal(strictestOf([open, open]).whenNoHuman, "allow");
    assert.equal(strictestOf([]).whenNoHuman, "deny");
    // A list never asks.
    assert.equal(strictestOf([open, base, allowAllPolicy]).whenNoHuman, "allow");
  });
});

describe("createDenyListPolicy()", () => {
  const decide = (command: string, lists: Parameters<typeof createDenyListPolicy>[0]) =>
    createDenyListPolicy(lists).decide(requestOf(command)).decision;
  it("denies by name on any path, in any case, however it is written", () => {
    for (
      const text of ["rm x", "/bin/rm x", "RM x", "r''m x", "env rm", "$(echo rm)", "ls | xargs rm"]
    ) {
      assert.equal(decide(text, { deny: ["rm"] }), "deny", text);
    }
    assert.equal(decide("echo rm > f", { deny: ["rm"] }), "allow");
  });
  it("allows only what is listed, as it is listed", () => {
    assert.equal(decide("ls > f", { deny: [], allow: ["ls"] }), "allow");
    assert.equal(decide("/tmp/ls", { deny: [], allow: ["ls"] }), "deny");
    assert.equal(decide("/opt/ls", { deny: [], allow: ["/opt/ls"] }), "allow");
    assert.equal(decide("ls; cat f", { deny: [], allow: ["ls"] }), "deny");
    assert.equal(decide("ls", { deny: [], allow: [] }), "deny");
  });
  it("refuses entries that are no program's name", () => {
    for (const entry of ["rm -rf", "r*", "", "a/", "a;b"]) {
      assert.throws(() => createDenyListPolicy({ deny: [entry] }), /invalid_argument/);
    }
  });
});
