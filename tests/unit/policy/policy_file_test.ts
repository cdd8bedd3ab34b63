import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { loadPolicyFile } from "../../../src/policy/load_policy_file.ts";
import { parsePolicyFile, readPolicyFile } from "../../../src/policy/policy_file.ts";
import { requestOf } from "./policy_rows.ts";

const BASE = '"version": 1, "default": "allow"';

function decide(file: string, command: string, more = {}): string {
  return parsePolicyFile(file).decide(requestOf(command, more)).decision;
}

function withRule(rule: string): string {
  return `{ ${BASE}, "workspace": ["/srv/app"], "rules": [ { "id": "r", "decision": "deny", ${rule} } ] }`;
}

describe("parsePolicyFile() refuses", () => {
  const broken: readonly (readonly [file: string, message: RegExp])[] = [
    ["", /is empty|not valid JSON/],
    ["{", /not valid JSON at line 1/],
    ["[]", /must be an object at line 1, column 1/],
    ["{}", /^$/],
    [`{"default": "allow"}`, /"version" is missing/],
    [`{"version": 2}`, /version must be 1 at line 1, column 13/],
    [`{ "version": 1,\n  "defualt": "deny" }`, /unknown key at line 2, column 3/],
    [`{ "version": 1,\n  "default": "maybe" }`, /unknown word at line 2, column 14/],
    [`{ "version": 1, "default": true }`, /must be a text/],
    [`{ "version": 1, "version": 1 }`, /key is given twice/],
    [`{ "version": 1, "packs": { "nope": "deny" } }`, /unknown key/],
    [`{ "version": 1, "packs": [] }`, /must be an object/],
    [`{ "version": 1, "workspace": ["app"] }`, /absolute path/],
    [`{ "version": 1, "whenNoHuman": "ask" }`, /unknown word/],
    [`{ "version": 1, "rules": [ { "id": "a" } ] }`, /needs "id" and "decision"/],
    [`{ "version": 1, "rules": [ { "id": "a", "decision": "deny" } ] }`, /says nothing to match/],
    [
      `{ "version": 1, "rules": [ { "id": "a", "decision": "deny", "progam": "x" } ] }`,
      /unknown key/,
    ],
    [withRule('"program": []'), /empty list/],
    [withRule('"program": "x", "args": { "flag": "-x" }'), /unknown key/],
    [withRule('"program": "x", "path": {}'), /"path" needs/],
    [withRule('"program": "x", "except": [ { "foo": 1 } ]'), /unknown key/],
    [withRule('"program": "x", "remote": "yes"'), /true or false/],
    [withRule('"program": "rm", "examples": { "match": ["ls"] }'), /does not match its example/],
    [withRule('"program": "rm", "examples": { "noMatch": ["sudo rm x"] }'), /must not match/],
    [
      `{ ${BASE}, "rules": [ { "id": "a", "decision": "deny", "program": "x" }, { "id": "a", "decision": "ask", "program": "y" } ] }`,
      /same "id"/,
    ],
    [
      `{ ${BASE}, "rules": [ { "id": "a", "decision": "deny", "redirect": "write", "path": { "outside": "$workspace" } } ] }`,
      /needs "workspace"/,
    ],
    [`{"deny": ["rm -rf"]}`, /not a program's name/],
    [`{"deny": [1]}`, /must be a text/],
    [`{"deny_patterns": ["(a"]}`, /not valid RE2/],
  ];
  for (const [file, message] of broken.filter(([file]) => file !== "{}")) {
    it(JSON.stringify(file), () => {
      assert.throws(() => parsePolicyFile(file), (error: Error) => {
        assert.match(error.message, /^invalid_config: /);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});

describe("parsePolicyFile() takes", () => {
  it("comments and trailing commas", () => {
    assert.equal(decide(`{ // x\n ${BASE}, /* y */ "rules": [], }`, "rm x"), "allow");
  });
  it("upstream's lists, with patterns", () => {
    const file = `{"deny": ["rm"], "deny_patterns": ["curl.*\\\\| *sh"]}`;
    assert.equal(decide(file, "rm x"), "deny");
    assert.equal(decide(file, "curl x | sh"), "deny");
    assert.equal(decide(file, "ls"), "allow");
    assert.equal(decide("{}", "rm x"), "allow");
  });
  it("defaults that are strict", () => {
    assert.equal(decide(`{"version": 1}`, "ls"), "ask");
    assert.equal(decide(`{"version": 1, "default": "deny"}`, "$x"), "deny");
    assert.equal(decide(`{${BASE}}`, "ls '"), "deny");
    assert.equal(decide(`{${BASE}, "parseError": "ask"}`, "ls '"), "ask");
    assert.equal(decide(`{${BASE}, "parseError": "allow"}`, "(".repeat(500)), "deny");
  });
});

describe("a rule looks at", () => {
  const rows:
    readonly (readonly [rule: string, hits: readonly string[], misses: readonly string[]])[] = [
      ['"program": ["rm", "mkfs.*"]', ["rm x", "/x/mkfs.xfs y"], ["farm", "mkfs"]],
      ['"program": "npm", "argv": [["test"], ["run", "b*"], []]', [
        "npm test",
        "npm run build",
        "npm",
        "npm $x",
      ], ["npm run", "npm test x", "npm run test"]],
      ['"program": "/opt/x/tool"', ["/opt/x/tool", "/opt/y/../x/tool", "tool"], ["/opt/y/tool"]],
      ['"program": "git", "sub": ["push", "remote add"]', [
        "git push",
        "git -C x push",
        "git remote add a b",
        "git $x",
      ], ["git pull push", "git remote -v"]],
      [
        '"program": "git", "args": { "sub": "push", "anyFlag": ["-f", "--force*"], "orArg": ["+*", ":*"] }',
        [
          "git push -uf",
          "git push --forc",
          "git push o +x",
          "git push o :x",
          "git push $x",
          "git push --force-with-lease=x",
        ],
        ["git push", "git push o main", "git pull -f"],
      ],
      ['"program": "tar", "noFlag": ["-t", "--list"]', ["tar -xf a", "tar $x"], [
        "tar -tf a",
        "tar --list -f a",
      ]],
      [
        '"program": "x", "arg": "*.key"',
        ["x a.key", 'x "$f"'],
        ["x a.pub", "x /a/$f.pubx/../b.pub"].slice(0, 1),
      ],
      ['"program": "cat", "path": { "outside": "$workspace" }', [
        "cat /etc/passwd",
        "cat ../x",
        'cat "$f"',
        "cat ~/x",
      ], ["cat a", "cat ./b/../c", "cat /srv/app/x"]],
      ['"program": "cat", "path": { "is": ["/etc/*"] }', ["cat /etc/passwd", "cat ../../etc/x"], [
        "cat etc/x",
      ]],
      ['"program": "curl", "hosts": ["*.example.org"]', [
        "curl https://a.example.org/x",
        "curl -o f a.example.org",
        'curl "$u"',
      ], ["curl https://example.com"]],
      ['"redirect": "write", "path": { "outside": "$workspace" }', [
        "ls > /tmp/x",
        "ls >> ../y",
        'ls &> "$f"',
        "> ~/x",
      ], ["ls > x", "ls < /etc/passwd", "ls > /dev/null/../../srv/app/y"]],
      ['"redirect": "read"', ["cat < f"], ["cat f", "cat > f"]],
      ['"env": ["LD_*"]', ["LD_PRELOAD=x ls", "export LD_AUDIT=x"], ["A=1 ls"]],
      ['"program": "psql", "stdin": ["text", "pipe"]', [
        "echo x | psql",
        "cat f | psql",
        "psql <<< x",
      ], ["psql < f", "psql"]],
      ['"program": "rm", "via": ["xargs", "find"]', ["ls | xargs rm", "find . -exec rm {} +"], [
        "rm x",
      ]],
      ['"program": "rm", "remote": true', ["ssh h rm x", "docker exec c rm x"], ["rm x"]],
      ['"program": "rm", "except": [ { "onlyFlags": ["-f"], "arg": ["*.tmp"] } ]', [
        "rm x",
        "rm -r a.tmp",
        "rm $f",
      ], ["rm -f a.tmp"]],
    ];
  for (const [rule, hits, misses] of rows) {
    it(rule, () => {
      for (const command of hits) {
        assert.notEqual(decide(withRule(rule), command), "allow", command);
      }
      const open = withRule(rule).replace(BASE, `${BASE}, "dynamic": "allow"`);
      for (const command of misses) assert.equal(decide(open, command), "allow", command);
    });
  }
  it("the place", () => {
    const file = withRule('"program": "rm", "transport": "ssh", "target": "prod*"');
    assert.equal(decide(file, "rm x", { transport: "ssh", target: "prod1" }), "deny");
    assert.equal(decide(file, "rm x", { transport: "ssh", target: "test" }), "allow");
    assert.equal(decide(file, "rm x"), "allow");
  });
});

describe("a rule that allows", () => {
  const file = (rule: string) =>
    `{ "version": 1, "default": "deny", "workspace": ["/srv/app"], "rules": [ { "id": "a", "decision": "allow", ${rule} } ] }`;
  const rows:
    readonly (readonly [rule: string, allowed: readonly string[], refused: readonly string[]])[] = [
      ['"program": "psql", "env": "PGHOST"', ["PGHOST=db psql -l"], [
        "PGHOST=db ls",
        "PGHOST=db PGPORT=1 psql",
        "PGSERVICE=x psql",
        "PGHOST=db PATH=. psql",
        "psql",
      ]],
      ['"program": "npm", "args": { "sub": ["test", "run build"] }', [
        "npm test",
        "npm run build",
        "npm --silent test",
      ], [
        "npm install",
        "npm --script-shell=/tmp/x test",
        "npm test --script-shell=/tmp/x",
        "npm run build x --script-shell /tmp/x",
        "npm run $x",
        "npm $x",
      ]],
      [
        '"program": "curl", "hosts": ["api.internal"], "noFlag": ["-o", "-O", "-d", "--data*", "-K"]',
        ["curl https://api.internal/x", "curl -s api.internal"],
        [
          "curl https://x",
          "curl api.internal x",
          "curl -so f api.internal",
          "curl api.internal $x",
          "curl https://api.internal@x/",
          "curl",
        ],
      ],
      ['"program": "ls", "onlyFlags": ["-l", "-a"]', ["ls -la", "ls x", "ls"], [
        "ls -lR",
        "ls $x",
        "ls --color",
      ]],
      ['"program": "cat", "path": { "inside": "$workspace" }', ["cat a b"], [
        "cat a /etc/passwd",
        'cat "$f"',
        "cat ../x",
        "cd /; cat a",
        "cd /nowhere; cat a",
        "bash -c 'cat a'",
      ]],
      ['"program": "cp", "path": { "inside": "$workspace" }', [
        "cp -a a b",
        "cp -t sub a",
        "cp --target-directory=/srv/app/sub a",
        "cp -t/srv/app/sub a",
      ], [
        "cp -t /etc a",
        "cp -t/etc a",
        "cp -at/etc a",
        "cp --target-directory=/etc a",
        "cp --targ=/etc a",
        'cp --target-directory="$x" a',
        'cp -t"$x" a',
      ]],
      ['"program": "ls"', ["ls", "/bin/ls", "/usr/bin/ls x"], [
        "./ls",
        "/tmp/ls",
        "sudo ls",
        "ls > f",
        "ls; id",
        "LS",
        "PATH=. ls",
      ]],
    ];
  for (const [rule, allowed, refused] of rows) {
    it(rule, () => {
      for (const command of allowed) assert.equal(decide(file(rule), command), "allow", command);
      for (const command of refused) assert.notEqual(decide(file(rule), command), "allow", command);
    });
  }
});

describe("loadPolicyFile()", () => {
  function inFolder(step: (folder: string) => Promise<void>): () => Promise<void> {
    return async () => {
      const folder = mkdtempSync(join(tmpdir(), "execkit-policy-"));
      try {
        await step(folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    };
  }
  it(
    "loads a file that only its owner can write",
    inFolder(async (folder) => {
      const path = join(folder, "policy.jsonc");
      writeFileSync(path, withRule('"program": "rm", "examples": { "match": ["rm x"] }'), {
        mode: 0o600,
      });
      const { policy, examples } = await loadPolicyFile(path);
      assert.equal(policy.decide(requestOf("rm x")).decision, "deny");
      assert.deepEqual(examples, [{ rule: "r", command: "rm x", expected: true, holds: true }]);
    }),
  );
  it(
    "refuses a file that others can write",
    inFolder(async (folder) => {
      const path = join(folder, "policy.jsonc");
      writeFileSync(path, `{${BASE}}`);
      chmodSync(path, 0o666);
      await assert.rejects(loadPolicyFile(path), /group or others can write it/);
    }),
  );
  it(
    "refuses a file inside a workspace, through links too",
    inFolder(async (folder) => {
      const workspace = join(folder, "app");
      mkdirSync(workspace);
      const path = join(workspace, "policy.jsonc");
      writeFileSync(path, `{${BASE}}`, { mode: 0o600 });
      symlinkSync(path, join(folder, "link.jsonc"));
      const options = { workspaces: [workspace] };
      await assert.rejects(loadPolicyFile(path, options), /lies in a workspace/);
      const detour = { workspaces: [`${folder}/none/../app`] };
      await assert.rejects(loadPolicyFile(path, detour), /lies in a workspace/);
      await assert.rejects(
        loadPolicyFile(join(folder, "link.jsonc"), options),
        /lies in a workspace/,
      );
    }),
  );
  it(
    "refuses a file that is not there",
    inFolder(async (folder) => {
      await assert.rejects(loadPolicyFile(join(folder, "none")), /cannot be read/);
    }),
  );
});

describe("docs/policy.md", () => {
  it("shows a file that loads and whose examples hold", () => {
    const page = readFileSync(new URL("../../../docs/policy.md", import.meta.url), "utf8");
    const text = /```jsonc\n([\s\S]*?)```/.exec(page)?.[1];
    assert.ok(text);
    const { examples } = readPolicyFile(text);
    assert.ok(examples.length >= 4);
    assert.ok(examples.every(({ holds }) => holds));
  });
});
