import assert from "node:assert/strict";
import { test } from "node:test";
import { createRedactor } from "../../../src/output/redact.ts";

const TEXT = "/home/ada/orchard-lantern-42";

test("Redactor.text() hides a text it has shown once a value in it is registered", () => {
  const redactor = createRedactor();
  assert.equal(redactor.text(TEXT), TEXT);
  redactor.register("orchard-lantern-42");
  assert.equal(redactor.text(TEXT), "/home/ada/[REDACTED:known#1]");
});

test("Redactor.text() hides a text it has shown once a value in it was seen as a secret", () => {
  const redactor = createRedactor();
  assert.equal(redactor.text(TEXT), TEXT);
  redactor.text("password=orchard-lantern-42");
  assert.doesNotMatch(redactor.text(TEXT), /orchard-lantern-42/);
});

test("Redactor.text() gives the same texts when it has seen more than it remembers", () => {
  const redactor = createRedactor({ secrets: ["orchard-lantern-42"] });
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < 400; index++) {
      assert.equal(redactor.text(`/srv/${index}`), `/srv/${index}`);
    }
    assert.equal(redactor.text(TEXT), "/home/ada/[REDACTED:known#1]");
  }
});
