import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError } from "../../../src/errors.ts";
import { parsePolicyFile } from "../../../src/policy/policy_file.ts";
import { markSafeText } from "../../../src/safe_text.ts";

function decide(file: string, command: string): string {
  return parsePolicyFile(file).decide({
    command,
    cwd: "/",
    transport: "local",
    target: "here",
    shell: "bash",
    redact: markSafeText,
  }).decision;
}

function refusal(file: string): string {
  try {
    parsePolicyFile(file);
  } catch (error) {
    assert.ok(error instanceof ExeckitError);
    assert.equal(error.code, "invalid_config");
    return error.detail;
  }
  return assert.fail("The file was taken");
}

describe("parsePolicyFile()", () => {
  it("makes a policy of both lists", () => {
    const file = '{"deny": ["rm"], "allow": ["ls", "rm"]}';
    assert.equal(decide(file, "ls"), "allow");
    assert.equal(decide(file, "rm"), "deny");
    assert.equal(decide(file, "cat"), "deny");
  });
  it("takes each list as optional", () => {
    assert.equal(decide('{"deny": ["rm"]}', "cat"), "allow");
    assert.equal(decide('{"allow": ["ls"]}', "cat"), "deny");
    assert.equal(decide("{}", "cat"), "allow");
  });
  it("refuses what is not supported or not known, so that no rule is silently dropped", () => {
    assert.match(refusal('{"deny_patterns": []}'), /"deny_patterns" is not supported yet/);
    assert.match(refusal('{"denny": ["rm"]}'), /a key other than/);
    assert.match(refusal('{"__proto__": {}}'), /a key other than/);
  });
  it("refuses wrong types", () => {
    for (const file of ["[]", "null", '"rm"', "1"]) {
      assert.match(refusal(file), /not a JSON object/);
    }
    assert.match(refusal('{"deny": "rm"}'), /"deny" is not a list of strings/);
    assert.match(refusal('{"allow": [1]}'), /"allow" is not a list of strings/);
    assert.match(refusal('{"allow": null}'), /"allow" is not a list of strings/);
    assert.match(refusal('{"deny": ["rm -rf"]}'), /not a program's name or path/);
  });
  it("names the line and column where the JSON breaks, and quotes nothing of the file", () => {
    const broken: readonly (readonly [string, number, number])[] = [
      ["", 1, 1],
      ["x", 1, 1],
      ['{\n  "deny": [1,]\n}', 2, 14],
      ['{"deny": ["rm"],}', 1, 17],
      ['{"deny": tru}', 1, 13],
      ['{"deny": ["rm"]', 1, 16],
      ['{"deny": ["rm"]}\n}', 2, 1],
      ['{\n\n"deny" ["hush"]}', 3, 8],
    ];
    for (const [file, line, column] of broken) {
      const detail = refusal(file);
      assert.match(detail, new RegExp(`at line ${line}, column ${column}$`), file);
      assert.ok(!detail.includes("hush"));
    }
  });
});
