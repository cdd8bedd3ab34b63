import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePolicyFile } from "../../../src/policy/policy_file.ts";
import { requestOf } from "./policy_rows.ts";

/** Every program may run; what cannot be read is told apart by its rule. */
const policy = parsePolicyFile(JSON.stringify({
  version: 1,
  default: "allow",
  dynamic: "ask",
  unreadableCode: "deny",
  scriptFiles: "ask",
}));

/** The rule that holds a command up; undefined when none does. */
function ruleOf(command: string): string | undefined {
  return policy.decide(requestOf(command)).rule;
}

/** The commands of which another rule speaks than the one that should. */
function otherThan(rule: string | undefined, commands: readonly string[]): readonly string[] {
  return commands.flatMap((command) => {
    const found = ruleOf(command);
    return found === rule ? [] : [`${found}: ${command}`];
  });
}

describe("decide() with arguments that come from elsewhere", () => {
  it("takes the first for an option where an interpreter's script stands", () => {
    assert.deepEqual(
      otherThan("unknown_option", [
        "xargs sh",
        "xargs -n1 bash -x",
        "xargs nice python3",
        "parallel python3",
        'sh "$@"',
        'perl "${a[@]}"',
        'f() { node "$@"; }',
      ]),
      [],
    );
  });

  it("takes them for the script's behind its name, and a placeholder for a file", () => {
    assert.deepEqual(
      otherThan("script_file", [
        "xargs sh a.sh",
        "xargs -I{} sh {}",
        "find . -name '*.sh' -exec bash {} +",
        "for f in *.sh; do bash $f; done",
        `sh -c 'python3 "$@"' sh a.py`,
      ]),
      [],
    );
    assert.deepEqual(otherThan(undefined, ["xargs python3 -m json.tool"]), []);
  });
});

describe("decide() with standard input from elsewhere", () => {
  it("follows it through descriptors, exec, coprocesses, functions and programs", () => {
    const feeds = [
      "exec 3<f; gdb <&3",
      "gdb <&3-",
      "gdb 3<f 0>&3",
      "exec <f; gdb",
      "exec 0< <(cat f); nice gdb",
      "exec <f && { eval gdb; }",
      "if true; then exec <f; fi; gdb",
      "f() { exec <f; }; f; gdb",
      "exec </dev/null; exec <f; gdb",
      "coproc gdb; cat f >&${COPROC[1]}",
      "coproc C { gdb; }",
      "f() { gdb; }; cat f | f",
      "f() { gdb; }; f <f",
      "cat f | find . -maxdepth 0 -exec gdb \\;",
      "cat f | xargs -a names gdb",
    ];
    assert.deepEqual(otherThan("unreadable_code", feeds), []);
  });

  it("reads what it is where that is known", () => {
    const rules = [{ id: "who", decision: "deny", program: "whoami" }];
    const reading = parsePolicyFile(JSON.stringify({ version: 1, default: "allow", rules }));
    const commands = [
      "exec <<<whoami; sh",
      "find . -maxdepth 0 -exec sh \\; <<<whoami",
      "exec <&0; gdb <<<'shell whoami'",
    ];
    for (const command of commands) {
      assert.equal(reading.decide(requestOf(command)).words, "whoami", command);
    }
    const given = requestOf("(exec </dev/null); sh", { stdin: "whoami" });
    assert.equal(reading.decide(given).words, "whoami");
  });

  it("has nothing against a program that is given none of it", () => {
    const harmless = [
      "gdb",
      "gdb <&-",
      "gdb </dev/null 3<f",
      "(exec 3<f); gdb",
      "exec <f; wc -l",
      "coproc cat; echo x >&${COPROC[1]}",
      "f() { grep x; }; cat f | f",
      "find . -name core -ok gdb \\; <f",
      "sh </dev/null",
    ];
    assert.deepEqual(otherThan(undefined, harmless), []);
  });

  it("is no `none` to a rule", () => {
    const rules = [{ id: "gdb", decision: "allow", program: ["gdb", "exec"], stdin: "none" }];
    const strict = parsePolicyFile(JSON.stringify({ version: 1, default: "deny", rules }));
    assert.equal(strict.decide(requestOf("gdb")).decision, "allow");
    for (const command of ["gdb <&3", "exec <&3; gdb", "f() { gdb; }; f"]) {
      assert.equal(strict.decide(requestOf(command)).decision, "deny", command);
    }
  });
});
