import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRedactor } from "../../../src/output/redact.ts";
import { FAMILIES, Seeded } from "./fake_secrets.ts";

const CONTEXTS: readonly (readonly [string, (token: string) => string])[] = [
  ["alone", (token) => token],
  ["in a log line", (token) => `2026-01-04 INFO client init value=${token} region=eu-1`],
  ["in JSON", (token) => `{"level":"debug","item":"${token}","n":3}`],
  ["in markup", (token) => `<td>${token}</td>`],
  ["in brackets", (token) => `using (${token}), retrying`],
  ["as an argument", (token) => `curl -H "X-Thing: ${token}" x`],
];

describe("createRedactor().text()", () => {
  for (const [kind, make] of FAMILIES) {
    test(`redacts a ${kind} in any context`, () => {
      const random = new Seeded(kind.length * 7919);
      for (const [context, wrap] of CONTEXTS) {
        const token = make(random);
        const text = createRedactor().text(wrap(token));
        assert.equal(text, wrap(`[REDACTED:${kind}#1]`), context);
      }
    });
  }

  test("leaves words alone that begin like tokens", () => {
    const words = [
      "see AKIA prefix docs",
      "task-force-one",
      "risk-assessment-report-2026",
      "hf_hub_download(repo_id)",
      "re_compile_pattern_with_long_name",
      "key-value-store-with-a-long-name",
      "eyJ is how a base64 JSON object starts",
      "sk-learn and xoxb-placeholder",
      "pattern.path/to/patch",
    ];
    for (const text of words) assert.equal(createRedactor().text(text), text);
  });

  test("leaves hashes, UUIDs and public keys alone", () => {
    const random = new Seeded(3);
    const texts = [
      `commit ${random.hex(40)}`,
      `Digest: sha256:${random.hex(64)}`,
      `"integrity": "sha512-${random.alnum(86)}==",`,
      `request-id: ${random.hex(8)}-${random.hex(4)}-4c18-bbff-${random.hex(12)}`,
      `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5${random.alnum(48)} bob@h`,
      `SSH key fingerprint: SHA256:${random.alnum(43)}`,
      `https://cdn.example.net/${random.alnum(32)}/x.png`,
      `data:image/png;base64,iVBORw0KGgo${random.alnum(200)}`,
    ];
    for (const text of texts) assert.equal(createRedactor().text(text), text);
  });

  test("gives the same value the same number and others the next", () => {
    const random = new Seeded(11);
    const [first, second] = [`gh${"p_"}${random.alnum(36)}`, `gh${"p_"}${random.alnum(36)}`];
    const redactor = createRedactor();
    assert.equal(
      redactor.text(`${first} ${second} ${first}`),
      "[REDACTED:github-token#1] [REDACTED:github-token#2] [REDACTED:github-token#1]",
    );
    assert.equal(redactor.text(second), "[REDACTED:github-token#2]");
    assert.equal(createRedactor().text(second), "[REDACTED:github-token#1]");
  });

  test("leaves no tail of a token that is longer than its format", () => {
    const random = new Seeded(5);
    const text = createRedactor().text(`gh${"p_"}${random.alnum(9000)} end`);
    assert.equal(text, "[REDACTED:github-token#1] end");
  });

  test("finds a token that colour codes cut into pieces", () => {
    const token = `gh${"p_"}${new Seeded(6).alnum(36)}`;
    const cut = `token \x1b[32m${token.slice(0, 10)}\x1b[1m${token.slice(10)}\x1b[0m ok`;
    assert.equal(createRedactor().text(cut), "token [REDACTED:github-token#1] ok");
  });

  test("follows a token over the edge of an 80-column terminal", () => {
    const token = `sk${"-ant-"}${new Seeded(7).alnum(90)}`;
    const line = "x".repeat(20) + token;
    const wrapped = `${line.slice(0, 80)}\r\n${line.slice(80)}\r\nnext`;
    assert.equal(
      createRedactor().text(wrapped),
      `${"x".repeat(20)}[REDACTED:anthropic-key#1]\r\nnext`,
    );
  });

  test("keeps text that is no secret as it is, whatever characters it has", () => {
    const text = "\uFEFFgrüße 😀 日本語 \t tab\r\n\u00a0 end";
    assert.equal(createRedactor().text(text), text);
  });
});
