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
