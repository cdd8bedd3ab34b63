import assert from "node:assert/strict";
import { test } from "node:test";
import { fastestCpuMs } from "../../support/cpu_time.ts";
import { readRows, requestOf, ROW_POLICIES } from "./policy_rows.ts";

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

for (const file of ["rows.jsonl", "own_rows.jsonl"]) {
  test(`decide() comes to the expected decision for every row of ${file}`, () => {
    const rows = readRows(file);
    assert.ok(rows.length > 900);
    const wrong = rows.flatMap(({ id, policy, cmd, expect }) => {
      const verdict = ROW_POLICIES.get(policy)?.decide(requestOf(cmd));
      if (verdict === undefined || verdict.decision === expect) return [];
      const how = STRICTNESS[verdict.decision] < STRICTNESS[expect] ? "under" : "over";
      return [
        `${how} ${id} ${policy}: ${verdict.decision} for ${JSON.stringify(cmd.slice(0, 200))}`,
      ];
    });
    assert.deepEqual(wrong, []);
  });
}

test("decide() names the rule, the words, their place, the chain and the resolved program", () => {
  const command = `ls; sudo env A=1 r''m -rf "/x y"`;
  const verdict = ROW_POLICIES.get("packs")?.decide(requestOf(`env nice r''m -rf "/x y"`));
  assert.equal(verdict?.decision, "deny");
  assert.equal(verdict?.rule, "destructive:remove_recursive");
  assert.equal(verdict?.words, `r''m -rf "/x y"`);
  assert.deepEqual(verdict?.via, ["env", "nice"]);
  assert.deepEqual(verdict?.resolved, ["rm", "-rf", "/x y"]);
  assert.deepEqual(verdict?.at, { start: 9, end: 24 });
  const fence = ROW_POLICIES.get("fence")?.decide(requestOf(command));
  assert.equal(command.slice(fence?.at?.start, fence?.at?.end), fence?.words);
});

test("decide() gives the place of the outer words for text inside of a string", () => {
  const command = "ls && bash -c 'cd /; rm x'";
  const verdict = ROW_POLICIES.get("fence")?.decide(requestOf(command));
  assert.equal(verdict?.words, "rm x");
  assert.equal(command.slice(verdict?.at?.start, verdict?.at?.end), "bash");
});

/** What zsh keeps in variables, and runs. */
const ZSH_STATE: readonly string[] = [
  "functions[ls]='rm x'; ls",
  "functions+=(ls 'rm x')",
  "typeset 'functions[ls]=rm x'",
  "read 'functions[ls]' <<<'rm x'",
  "print -v 'functions[ls]' 'rm x'",
  "set -A functions ls 'rm x'",
  "for x in 1; do aliases[ls]='rm x'; done",
  "galiases[X]='; rm x'",
  "commands[ls]=/bin/rm; ls x",
  "hash ls=/bin/rm; ls x",
  "path=(/tmp $path)",
  "options[cshjunkiequotes]=on",
  "preexec_functions=(eval)",
  "READNULLCMD=rm; < x",
  "sched +0 rm x",
];

test("decide() knows what zsh keeps in variables", () => {
  const judge = (command: string, shell: string) =>
    ROW_POLICIES.get("fence")?.decide(requestOf(command, { shell })).decision;
  assert.deepEqual(ZSH_STATE.filter((command) => judge(command, "zsh") === "allow"), []);
  // Elsewhere they are variables like others.
  assert.equal(judge("path=(/tmp $path)", "bash"), "allow");
});

const NEST = 65_536;
const HOSTILE: { readonly [name: string]: string } = {
  "substitutions": "$(".repeat(NEST / 2),
  "process substitutions": "<(".repeat(NEST / 2),
  "quoted substitutions": '"$('.repeat(NEST / 3),
  "heredocs": "<<a ".repeat(NEST / 4),
  "parentheses": "((((".repeat(NEST / 4),
  "a line of words": `echo ${"a ".repeat(500_000)}`,
  "a long word": `echo ${"a".repeat(1_000_000)}`,
  "a chain": Array.from({ length: 30_000 }, () => "true").join(" && "),
  "wrappers": `${"env ".repeat(8000)}ls`,
  "evaluations": `${"eval ".repeat(2000)}ls`,
  "actions": `find . ${"-exec ls ; ".repeat(5000)}`,
  "aliases": `alias a='a a a a';${"a;".repeat(500)}`,
  "many programs": Array.from({ length: 1900 }, () => "rm -r a/b").join(" && "),
  "many arguments": `rm ${"a ".repeat(15_000)}`,
  "stars": `rm -rf ${"a*".repeat(20_000)}`,
  "awk": `awk '${"print ".repeat(20_000)}'`,
  "sql": `psql -c '${"alter x ".repeat(20_000)}'`,
  "assignments": "a=1 ".repeat(50_000),
  "braces": "{a,b}".repeat(9000),
};

test("decide() answers hostile texts within a bounded time", () => {
  const policy = ROW_POLICIES.get("packs");
  policy?.decide(requestOf("ls"));
  for (const [name, text] of Object.entries(HOSTILE)) {
    const ms = fastestCpuMs(() => policy?.decide(requestOf(text)), 250);
    assert.ok(ms < 250, `${name}: ${ms.toFixed(0)} ms`);
  }
});

test("decide() takes well under a millisecond for everyday commands", () => {
  const rows = readRows("rows.jsonl").filter(({ cmd }) => cmd.length < 200);
  const times = rows.concat(rows).map(({ policy, cmd }) => {
    const start = performance.now();
    ROW_POLICIES.get(policy)?.decide(requestOf(cmd));
    return performance.now() - start;
  }).slice(rows.length).sort((one, other) => one - other);
  const medianMs = times[Math.floor(times.length / 2)] ?? Infinity;
  assert.ok(medianMs < 0.5, `median ${(medianMs * 1000).toFixed(0)} µs`);
});
