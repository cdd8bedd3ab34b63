import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePolicyFile } from "../../../src/policy/policy_file.ts";
import { requestOf } from "./policy_rows.ts";

const POLICY = parsePolicyFile(`{
  "version": 1,
  "default": "deny",
  "workspace": ["/srv/app"],
  "rules": [
    {
      "id": "inside",
      "decision": "allow",
      "program": ["cat", "cp", "dd"],
      "path": { "inside": "$workspace" }
    },
    { "id": "api", "decision": "allow", "program": "curl", "hosts": "api.internal" }
  ]
}`);

function allowed(commands: readonly string[]): readonly string[] {
  return commands.filter((command) => POLICY.decide(requestOf(command)).decision === "allow");
}

test("a rule that allows paths inside of a folder does not allow what expands to others", () => {
  const outside = [
    "cat {/etc/passwd,x}",
    "cat {x,/etc/passwd}",
    "cat {,x}/etc/passwd",
    "cat /srv/app/{..,x}/y",
    "cat /srv/app/.{.,x}/y",
    "cat /srv/app/.*/y",
    "cat /srv/app/.[.]/y",
    "cat /srv/app/@(..|x)/y",
    "cat ~root/x",
    "cat ~+/../x",
    "cat ~{root,x}/y",
    "cat {~root,x}/y",
    "cd ~root && cat x",
    "cp x ~root/y",
    "cat - < /etc/x",
    "cat x - < /etc/x",
    "dd if=/etc/passwd of=x",
    "dd if=x of=../y",
  ];
  assert.deepEqual(allowed(outside), []);
});

test("a rule that allows paths inside of a folder allows braces and patterns there", () => {
  const inside = [
    "cat {a,b}.txt",
    "cat src/{a,b}/*.ts",
    "cat /srv/app/x.{js,ts}",
    "cat .{env,gitignore}",
    "cat *",
    "cat - < x",
    "cat ./~root",
    "dd if=a of=/srv/app/b",
  ];
  assert.deepEqual(allowed(inside), inside);
});

test("a rule that allows hosts does not allow names that are led to another address", () => {
  assert.deepEqual(
    allowed([
      "curl http://api.internal/x",
      "curl --resolve api.internal:80:1.2.3.4 http://api.internal/x",
      "curl --resolve=api.internal:80:1.2.3.4 http://api.internal/x",
      "curl --dns-servers 1.2.3.4 http://api.internal/x",
    ]),
    ["curl http://api.internal/x"],
  );
});
