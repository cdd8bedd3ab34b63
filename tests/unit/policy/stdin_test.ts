import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createDenyListPolicy } from "../../../src/policy/command_rules.ts";
import { parsePolicyFile } from "../../../src/policy/policy_file.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import { fastestCpuMs } from "../../support/cpu_time.ts";
import { requestOf, ROW_POLICIES } from "./policy_rows.ts";

/** A program and what it is given, as an `exec` gives it. */
type Given = readonly [command: string, stdin: string];

const lists = createDenyListPolicy({ deny: ["whoami"] });
/** Unreadable code is no matter: only what is read out of the text can refuse it. */
const reading = parsePolicyFile(JSON.stringify({
  version: 1,
  default: "allow",
  dynamic: "allow",
  unreadableCode: "allow",
  rules: [{ id: "who", decision: "deny", program: "whoami" }],
}));

/** The text's program is found by reading it. */
const READ: readonly Given[] = [
  ["sh", "whoami\n"],
  ["sh", "cd /tmp\nenv nice whoami\n"],
  ["sh", "who\0ami\n"],
  ["bash -s x", "whoami"],
  ["bash /dev/stdin", "whoami"],
  ["bash /dev/../dev/stdin", "whoami"],
  ["cd /dev && bash stdin", "whoami"],
  [". /dev/stdin", "whoami"],
  ["{ sh; }", "whoami"],
  ["cd /tmp && sh", "whoami"],
  ["(sudo sh)", "whoami"],
  ["f() { sh; }; f", "whoami"],
  ["cat | sh", "whoami"],
  ["cat - | tee log | sh", "whoami"],
  ["sh </dev/stdin", "whoami"],
  ["cat <(sh)", "whoami"],
  ["ssh host", "whoami"],
  ["at now", "whoami"],
  ["crontab -", "* * * * * whoami"],
  ["gdb", "shell whoami"],
  ["gdb -batch -x - ./a", "\nshell whoami"],
  ["sftp -b - host", "-!whoami"],
  ["parallel", "whoami"],
  ["parallel :::: -", "whoami"],
];

/** The text is code of another language, or a program's own. */
const UNREADABLE: readonly Given[] = [
  ["python3 -", "import os"],
  ["{ read -d '\"' x; sh; }", ': "\nwhoami\n#"'],
  ["head -n 1; cat | sh", ': "\nwhoami\n#"'],
  ["sqlite3", ".shell whoami"],
  ["sqlite3", "select 1;\n  .sh whoami"],
  ["sqlite3", ".import -csv '|whoami' t"],
  ["sqlite3", ".read '|whoami'"],
  ["f() { sqlite3; }; f", ".shell whoami"],
  ["cat | sqlite3", ".shell whoami"],
  ["sqlite3 </dev/stdin", ".shell whoami"],
  ["sqlite3 -init /dev/stdin x", ".shell whoami"],
  ["sqlite3 -init /dev/fd/3 x", ""],
  ["psql", "\\! whoami"],
  ["psql -f -", "\\! whoami"],
  ["sed -f - /etc/hostname", "e whoami"],
  ["sed -f/dev/stdin /etc/hostname", "1e whoami"],
  ["sed --file=- /etc/hostname", "w /tmp/x"],
  ["sed -nf /proc/self/fd/0 x", "s/a/b/e"],
  ["sed -f /dev/tty x", "p"],
  ["sed -f /dev/fd/3 x", "p"],
  ["sed -f /proc/1/fd/0 x", "p"],
  ["s=-; sed -f $s x", "e whoami"],
  ["sed -f <(echo 'e whoami') x", ""],
  ["awk -f -", 'BEGIN { system("whoami") }'],
  ["awk -f /dev/stdin", 'BEGIN { print | "whoami" }'],
  ["gdb -x /dev/fd/3", "bt"],
  ["gdb", "python import os"],
  ["make -f -", "x: ; whoami"],
  ["make --file /dev/stdin", "x: ; whoami"],
  ["vim", ":!whoami\n:q!\n"],
  ["vim -es", "!whoami"],
  ["dc", "!whoami"],
  ["m4", "syscmd(whoami)"],
  ["bash --rcfile /dev/tty -i", ""],
];

/** The text is data, or code that runs nothing. */
const HARMLESS: readonly Given[] = [
  ["cat", "whoami"],
  ["grep x -", "whoami"],
  ["wc -l", "whoami"],
  ["jq .", '{"whoami": 1}'],
  ["sort | uniq -c", "whoami"],
  ["tee /tmp/f", "whoami\n#!/bin/sh"],
  ["kubectl apply -f -", "kind: Pod"],
  ["docker load", "whoami"],
  ["git apply", "+whoami"],
  ["tar -xf -", "whoami"],
  ["xargs -n1 echo", "whoami"],
  ['while read -r line; do echo "$line"; done', "whoami"],
  ["sh", "ls -la\ncd /tmp\n"],
  ["bash -s a", 'echo "$1" # whoami'],
  ["psql db", "select 'whoami';"],
  ["sqlite3 db", ".tables\n.show\n.mode csv\nselect 1;"],
  ["sed -f - x", "s/whoami/b/g\n/^#/d"],
  ["awk -f - x", "{ print $1 }"],
  ["gdb -batch -x - ./a", "# whoami\nrun\nbt\n"],
  ["vim -", "whoami"],
  ["bash --rcfile /dev/null -c ls", "whoami"],
];

function decide(policy: Policy | undefined, [command, stdin]: Given) {
  return policy?.decide(requestOf(command, { stdin }));
}

describe("decide() with standard input", () => {
  it("judges what a shell, or a program's escape, is given as commands", () => {
    for (const policy of [lists, reading]) {
      const wrong = READ.filter((given) => decide(policy, given)?.decision !== "deny");
      assert.deepEqual(wrong, []);
    }
    const verdict = decide(reading, ["env sh", "cd /tmp\nnice whoami 'x y'\n"]);
    assert.deepEqual(
      [verdict?.rule, verdict?.words, verdict?.via, verdict?.resolved],
      ["who", "whoami 'x y'", ["env", "sh", "nice"], ["whoami", "x y"]],
    );
  });

  it("takes what it cannot read for code that cannot be read", () => {
    const wrong = UNREADABLE.filter((given) => {
      const { decision, rule } = decide(lists, given) ?? {};
      return decision !== "deny" || rule !== "unreadable_code";
    });
    assert.deepEqual(wrong, []);
  });

  it("lets data and harmless programs pass", () => {
    const wrong = HARMLESS.filter((given) => decide(lists, given)?.decision !== "allow");
    assert.deepEqual(wrong, []);
  });

  it("comes to the same as a heredoc, a here-string and a pipe", () => {
    for (const name of ["fence", "packs", "readonly"]) {
      const policy = ROW_POLICIES.get(name);
      for (const [command, stdin] of [...READ, ...UNREADABLE, ...HARMLESS]) {
        // A heredoc ends in a line feed, holds no NUL, and feeds one command.
        if (/[\0]|[|;{}()&]/.test(stdin + command)) continue;
        const text = stdin.endsWith("\n") ? stdin : `${stdin}\n`;
        const given = decide(policy, [command, text])?.decision;
        const heredoc = policy?.decide(requestOf(`${command} <<'E'\n${text}E\n`)).decision;
        assert.equal(given, heredoc, `${name}: ${command} with ${JSON.stringify(stdin)}`);
      }
    }
    for (const [command, stdin] of [["sh", "whoami"], ["sqlite3", ".shell id"], ["cat", "id"]]) {
      const quoted = `'${stdin}'`;
      const ways = [`${command} <<<${quoted}`, `printf '%s\\n' ${quoted} | ${command}`];
      for (const way of ways) {
        const given = decide(lists, [command ?? "", stdin ?? ""])?.decision;
        assert.equal(lists.decide(requestOf(way)).decision, given, way);
      }
    }
  });

  it("is text to a rule about standard input", () => {
    const policy = parsePolicyFile(JSON.stringify({
      version: 1,
      default: "deny",
      rules: [{ id: "sq", decision: "allow", program: "sqlite3", stdin: "none" }],
    }));
    assert.equal(policy.decide(requestOf("sqlite3 x")).decision, "allow");
    assert.equal(decide(policy, ["sqlite3 x", ""])?.decision, "deny");
  });

  it("knows what a text that was sourced defined", () => {
    const policy = reading.forSession?.() ?? reading;
    policy.started?.(requestOf(". /dev/stdin", { stdin: "alias w=whoami\n" }));
    assert.equal(policy.decide(requestOf("w")).decision, "deny");
  });

  it("does not pass what is behind the part of a long text that it looks at", () => {
    const long = "#".repeat(1_100_000);
    for (const [command, text] of [["sh", "\nwhoami"], ["sqlite3", "\n.shell whoami"]]) {
      assert.equal(decide(lists, [command ?? "", long + text])?.decision, "deny", command);
    }
    assert.equal(decide(lists, ["cat", long])?.decision, "allow");
  });

  it("answers hostile texts within a bounded time", () => {
    const commands = [
      "sh",
      "sqlite3",
      "psql",
      "sed -f -",
      "awk -f -",
      "gdb",
      "read x",
      "crontab -",
    ];
    for (
      const piece of ["\n", "[", "[`", " ", "$(", "a|", "!\n", "alter x ", "\\o", "\\copy ", "'"]
    ) {
      const stdin = piece.repeat(2_000_000 / piece.length);
      for (const command of commands) {
        for (const policy of [lists, ROW_POLICIES.get("packs")]) {
          const ms = fastestCpuMs(() => decide(policy, [command, stdin]), 3000);
          assert.ok(ms < 3000, `${command} ${JSON.stringify(piece)}: ${ms.toFixed(0)} ms`);
        }
      }
    }
  });
});
