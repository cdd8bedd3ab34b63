import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compilePattern } from "../../../../src/output/pattern.ts";
import type { CommandOutput } from "../../../../src/output/store/command_output.ts";
import { Random } from "../../../support/random.ts";
import { Seeded } from "../fake_secrets.ts";
import { newOutput, turn, withSpool } from "./output_model.ts";

const encoder = new TextEncoder();
const VIEWS = ["stdout", "stderr", "both"] as const;
/** Characters of a secret that must never be seen in a row. */
const TELLING_CHARS = 8;

function token(seed: number): string {
  return `gh${"p_"}${new Seeded(seed).alnum(36)}`;
}

function assertHides(text: string, secret: string): void {
  for (let at = 0; at + TELLING_CHARS <= secret.length; at++) {
    const part = secret.slice(at, at + TELLING_CHARS);
    assert.ok(!text.includes(part), `shows ${part}`);
  }
}

/** Reads in a random way and gives everything that is shown. */
async function peek(output: CommandOutput, random: Random): Promise<string> {
  const stream = random.pick(VIEWS);
  const { totalLines } = await output.read({ stream, tail: 1 });
  const from = 1 + random.below(totalLines + 1);
  const some = { lines: 1 + random.below(20), maxChars: 16 + random.below(3000) };
  switch (random.below(4)) {
    case 0:
      return (await output.read({ stream, from, fromByte: random.below(100), ...some })).text;
    case 1:
      return (await output.read({ stream, tail: some.lines, maxChars: some.maxChars })).text;
    case 2: {
      const since = `o${random.below(50)}e${random.below(50)}`;
      return await output.read({ stream, since, ...some }).then(({ text }) => text, (error) => {
        assert.match(String(error), /the cursor is not one of this output/);
        return "";
      });
    }
    default: {
      const pattern = compilePattern(random.pick(["gh", "[A-Za-z0-9]{20}", "word", "p_"]));
      const page = await output.search({ stream, pattern, fromLine: from, context: 1 });
      return page.text;
    }
  }
}

describe("reading redacted output", () => {
  test("shows no part of a secret in any read at any moment", async () => {
    await withSpool(async (spool) => {
      for (let seed = 1; seed <= 3; seed++) {
        const random = new Random(seed);
        const secrets = Array.from({ length: 5 }, (_, at) => token(seed * 10 + at));
        // Small limits, so that secrets meet the move to the file and the quota's cut.
        const output = newOutput({
          spool,
          memoryBytes: random.below(100_000),
          maxBytes: 400_000,
        });
        let rest = "";
        for (let push = 0; push < 2500; push++) {
          rest += `${"word ".repeat(random.below(60))}${secrets[random.below(5)]} end\n`;
          const bytes = encoder.encode(rest);
          const cut = random.below(bytes.length + 1);
          output.push("stdout", bytes.subarray(0, cut));
          rest = new TextDecoder().decode(bytes.subarray(cut));
          if (push % 50 === 0) {
            const shown = await peek(output, random);
            for (const secret of secrets) assertHides(shown, secret);
            await turn();
          }
        }
        output.end();
        assert.ok(output.report().gaps.length > 0);
        let shown = "";
        for (let from: number | undefined = 1; from !== undefined;) {
          const page = await output.read({ stream: "stdout", from, lines: 5000 });
          shown += page.text;
          from = page.nextLine;
        }
        for (const secret of secrets) assertHides(shown, secret);
        assert.match(shown, /\[REDACTED:github-token#5\]/);
        await output.close();
      }
    });
  });

  test("holds back the begin of a secret until it is known what it is", async () => {
    const secret = token(71);
    for (let at = 1; at < secret.length; at++) {
      const output = newOutput();
      output.push("stdout", encoder.encode(`value ${secret.slice(0, at)}`));
      const early = await output.read({ stream: "stdout" });
      assert.equal(early.text, "value ");
      output.push("stdout", encoder.encode(`${secret.slice(at)}\n`));
      output.end();
      const late = await output.read({ stream: "stdout", since: early.cursor });
      assert.equal(late.text, "[REDACTED:github-token#1]\n");
      assert.equal(late.lines[0]?.fromByte, 6);
    }
  });

  test("shows no secret of which each stream holds a half, on any page", async () => {
    const secret = token(81);
    const random = new Random(82);
    for (let at = 6; at < secret.length - 6; at += 3) {
      const output = newOutput();
      for (let line = 0; line < 30; line++) {
        output.push(random.pick(["stdout", "stderr"]), encoder.encode(`line ${line}\n`));
      }
      output.push("stdout", encoder.encode(secret.slice(0, at)));
      output.push("stderr", encoder.encode(secret.slice(at)));
      output.end();
      for (let size = 1; size < 12; size++) {
        let shown = "";
        for (let from: number | undefined = 1; from !== undefined;) {
          const page = await output.read({ stream: "both", from, lines: size });
          shown += page.text;
          from = page.nextLine;
        }
        assert.ok(!shown.includes(secret));
      }
      const found = await output.search({ stream: "both", pattern: compilePattern(secret) });
      assert.equal(found.matches, 0);
    }
  });

  test("withholds a name's value and a key that come by two streams, over page edges", async () => {
    const random = new Seeded(91);
    const value = random.alnum(24);
    const body = Array.from({ length: 8 }, () => random.alnum(64));
    const kind = "PRIVATE KEY";
    for (let size = 1; size < 6; size++) {
      const output = newOutput();
      output.push("stdout", encoder.encode("start\n"));
      output.push("stderr", encoder.encode(`-----BEGIN ${kind}-----\n`.slice(0, 20)));
      output.push("stderr", encoder.encode(`-----BEGIN ${kind}-----\n`.slice(20)));
      output.push("stderr", encoder.encode(`${body.join("\n")}\n-----END ${kind}-----\n`));
      output.push("stdout", encoder.encode("password:\n"));
      output.push("stderr", encoder.encode(`  ${value}\n`));
      output.push("stdout", encoder.encode("end\n"));
      output.end();
      const whole = (await output.shape({ interleave: true })).interleaved ?? "";
      let shown = "";
      for (let from: number | undefined = 1; from !== undefined;) {
        const page = await output.read({ stream: "both", from, lines: size });
        shown += page.text;
        from = page.nextLine;
      }
      for (const line of body) assertHides(shown, line);
      assert.equal(shown.includes(value), whole.includes(value));
      assert.match(shown, /^start\n[^]*end\n$/);
    }
  });
});
