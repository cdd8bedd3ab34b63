import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError } from "../../../src/errors.ts";
import type { Verdict } from "../../../src/exec_result.ts";
import { allowAllPolicy } from "../../../src/policy/allow_all.ts";
import { createDenyListPolicy, type ProgramLists } from "../../../src/policy/command_rules.ts";
import { markSafeText } from "../../../src/safe_text.ts";

const SECRET = `hunter${2 * 21}`;

function judge(command: string, lists: ProgramLists, shell = "bash"): Verdict {
  return createDenyListPolicy(lists).decide({
    command,
    cwd: "/",
    transport: "local",
    target: "here",
    shell,
    redact: (text) => markSafeText(text.replaceAll(SECRET, "[REDACTED]")),
  });
}

const FENCE: ProgramLists = { deny: ["rm", "/sbin/mkfs", "dd"] };

describe("createDenyListPolicy() denies", () => {
  const attacks = [
    ...["rm x", "r''m x", "\\rm x", "$'r\\x6d' x", "/bin/rm x", "./../bin/rm x", "RM x"],
    ...["ls; rm x", "ls|rm", "(rm)", "if rm; then :; fi", "f() { rm x; }", "X=1 rm", ">x rm"],
    ...["sudo rm x", "env rm x", "ls | xargs rm", "find . -exec rm {} +", "nohup nice rm x"],
    ...["sh -c 'rm x'", "eval 'rm x'", "bash -c \"sh -c 'rm x'\"", "echo $(rm x)", "cat <(rm x)"],
    ...["cat <<E\n$(rm x)\nE", "mkfs /dev/sda", "echo `dd`", "trap 'rm x' EXIT"],
  ];
  for (const command of attacks) {
    it(JSON.stringify(command), () => {
      const verdict = judge(command, FENCE);
      assert.equal(verdict.decision, "deny");
      assert.match(verdict.rule ?? "", /^deny:(rm|\/sbin\/mkfs|dd)$/);
      assert.match(verdict.reason ?? "", /do not work around it; tell the user/);
    });
  }
});

describe("createDenyListPolicy() allows", () => {
  const harmless = [
    ...["git log --grep=dd", "echo rm", "echo 'use dd; rm'", "cat rm.txt >rm", "rm=1", "ls # rm"],
    ...["cat <<E\nrm x\nE", "ls 2>&1", "case rm in rm) ls;; esac", "rmdir x", "command -v rm", ""],
  ];
  for (const command of harmless) {
    it(JSON.stringify(command), () => {
      assert.deepEqual(judge(command, FENCE), { decision: "allow" });
    });
  }
});

describe("createDenyListPolicy() denies what it cannot know", () => {
  const unknown = [
    "$x y",
    "$(echo rm) y",
    "r? y",
    "sudo $x",
    "eval $x",
    "curl x | sh",
    "xargs -I % %",
  ];
  for (const command of unknown) {
    it(`as an unknown program: ${JSON.stringify(command)}`, () => {
      const verdict = judge(command, FENCE);
      assert.equal(verdict.decision, "deny");
      assert.equal(verdict.rule, "unknown_program");
      assert.match(verdict.reason ?? "", /not known until it runs/);
    });
  }
  for (const command of ["echo 'a", "$(".repeat(32_768), "(".repeat(65_536), "a;".repeat(20_000)]) {
    it(`as unreadable: ${JSON.stringify(command.slice(0, 20))}`, () => {
      const verdict = judge(command, FENCE);
      assert.equal(verdict.decision, "deny");
      assert.equal(verdict.rule, "unreadable_command");
    });
  }
  it("but only when a list is set", () => {
    assert.deepEqual(judge("$x 'a", { deny: [] }), { decision: "allow" });
  });
  it("and names a denied program first when there is one", () => {
    assert.equal(judge("$x; rm y; echo 'a", FENCE).rule, "deny:rm");
  });
});

describe("createDenyListPolicy() with an allow list", () => {
  const lists = { deny: ["rm"], allow: ["ls", "cd", "rm", "/opt/tool"] };
  it("allows only what is on it", () => {
    assert.equal(judge("cd /tmp && ls 2>&1", lists).decision, "allow");
    assert.equal(judge("/opt/tool x", lists).decision, "allow");
    const verdict = judge("ls | cat x", lists);
    assert.equal(verdict.rule, "not_allowed");
    assert.equal(verdict.words, "cat x");
  });
  it("lets a denial win", () => assert.equal(judge("rm", lists).rule, "deny:rm"));
  it("does not take a path that looks alike for an allowed name", () => {
    assert.equal(judge("/tmp/ls", lists).rule, "not_allowed");
    assert.equal(judge("./tool", lists).rule, "not_allowed");
    assert.equal(judge("LS", lists).rule, "not_allowed");
  });
  it("judges the wrapper as well as the program in it", () => {
    assert.equal(judge("env ls", lists).rule, "not_allowed");
  });
  it("allows nothing when it is empty", () => {
    assert.equal(judge("ls", { deny: [], allow: [] }).rule, "not_allowed");
    assert.equal(judge("$x", { deny: [], allow: [] }).rule, "unknown_program");
  });
});

describe("a verdict", () => {
  it("names the exact words, redacted, and the wrappers that lead there", () => {
    const verdict = judge(`ls; sudo env r''m --pw=${SECRET} x`, FENCE);
    assert.equal(verdict.words, "r''m --pw=[REDACTED] x");
    assert.deepEqual(verdict.via, ["sudo", "env"]);
    assert.ok(!JSON.stringify(verdict).includes(SECRET));
  });
  it("has no wrappers when none are there", () => assert.ok(!("via" in judge("rm", FENCE))));
  it("never shows a secret that stands in the place of a program", () => {
    const verdict = judge(`${SECRET} x`, { deny: [], allow: ["ls"] });
    assert.ok(!JSON.stringify(verdict).includes(SECRET));
  });
  it("depends on the shell that will read the text", () => {
    assert.equal(judge("[[ a && rm ]]", FENCE, "bash").decision, "allow");
    assert.equal(judge("[[ a && rm ]]", FENCE, "dash").rule, "deny:rm");
  });
});

describe("createDenyListPolicy() refuses", () => {
  for (const entry of ["", "rm -rf", "r*", "/bin/", "a;b", "$x", "'rm'"]) {
    it(`the entry ${JSON.stringify(entry)}`, () => {
      const isInvalid = (error: unknown) =>
        error instanceof ExeckitError && error.code === "invalid_argument";
      assert.throws(() => createDenyListPolicy({ deny: [entry] }), isInvalid);
      assert.throws(() => createDenyListPolicy({ deny: [], allow: [entry] }), isInvalid);
    });
  }
});

it("allowAllPolicy allows what nothing could read", () => {
  const request = { command: "'", cwd: "/", transport: "local", target: "here", shell: "bash" };
  const verdict = allowAllPolicy.decide({ ...request, redact: markSafeText });
  assert.deepEqual(verdict, { decision: "allow" });
});
