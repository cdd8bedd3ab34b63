import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runExec } from "../../src/cli/commands/exec.ts";
import { Session } from "../../mod.ts";

/** What an agent's command prints for the terminal of the person who looks on. */
const CODES: { readonly [name: string]: string } = {
  "clears the screen": "\\033[2J\\033[H",
  "sets the clipboard": "\\033]52;c;cm0gLXJmIC8=\\007",
  "sets the title": "\\033]0;root@prod\\007",
  "asks the terminal to answer": "\\033[6n\\033[c",
  "answers as if it were the person": "\\033P$q q\\033\\\\",
  "links to elsewhere": "\\033]8;;http://evil.test\\033\\\\here\\033]8;;\\033\\\\",
  "writes over what it printed": "harmless\\b\\b\\b\\b\\b\\b\\b\\bpoisoned",
  "uses the 8-bit forms": "\\302\\2332J\\302\\2350;x\\007",
  "cuts the 8-bit forms with bells": "\\302\\007\\2332J \\302\\302\\205\\205",
  "cuts the 8-bit forms with colours": "\\302\\033[m\\2350;x\\007",
  "cuts the 8-bit forms with moves": "\\302\\b\\2332J",
  "rings and shifts": "\\007\\016\\017\\013\\014",
};

/** Everything that a terminal acts on but tab, line feed and carriage return. */
const ACTS = /(?![\t\n\r])\p{Cc}/u;

describe("output that is meant for a terminal", () => {
  it("comes without codes: stdout, stderr, both, and the command's own text", async () => {
    await using session = await Session.open({ transport: "local", shell: "bash" });
    for (const [name, code] of Object.entries(CODES)) {
      const command = `printf '${code}'; printf '${code}' >&2; : '\u001b]0;x\u0007\u009b2J'`;
      const result = await session.exec(command, { interleave: true });
      for (const text of [result.stdout, result.stderr, result.output ?? "", result.command]) {
        assert.doesNotMatch(text, ACTS, name);
      }
    }
  });

  for (const json of [true, false]) {
    it(`does nothing to the terminal of the command line, ${json ? "as" : "without"} JSON`, async () => {
      let written = "";
      await runExec({ json, shell: "bash" }, {
        write: (text) => void (written += text),
        writeError: (text) => void (written += text),
        commands: (async function* () {
          for (const code of Object.values(CODES)) {
            yield await Promise.resolve(`printf '${code}'; cd "$(printf '${code}')"`);
          }
        })(),
        interrupt: new AbortController().signal,
      });
      assert.ok(written.split("\n").length > Object.keys(CODES).length);
      assert.doesNotMatch(written, ACTS);
    });
  }
});
