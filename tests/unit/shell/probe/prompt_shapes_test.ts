import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  findPrompt,
  looksLikePrompt,
  meaningOf,
  PROMPT_MAX_CHARS,
  type PromptMeaning,
} from "../../../../src/shell/probe/prompt_shapes.ts";

/** Prompts as real programs print them, and what they ask for. */
const PROMPTS: readonly (readonly [string, PromptMeaning])[] = [
  ["Password: ", "password"],
  ["[sudo] password for me: ", "password"],
  ["me@host.example's password: ", "password"],
  ["Enter passphrase for key '/home/me/.ssh/id_ed25519': ", "password"],
  ["Password for 'https://me@git.example': ", "password"],
  ["Verification code: ", "password"],
  ["Enter code: ", "password"],
  ["Code: ", "password"],
  ["Geheimnis: ", "password"],
  ["Token (will be hidden): ", "password"],
  ["Zip code: ", "unknown"],
  ["Enter PIN: ", "password"],
  ["password=", "password"],
  ["API_KEY:", "password"],
  ["otp = ", "password"],
  ["Do you want to continue? [Y/n] ", "confirmation"],
  ["Is this ok [y/N]: ", "confirmation"],
  ["Are you sure you want to continue connecting (yes/no/[fingerprint])? ", "confirmation"],
  ["Please type 'yes', 'no' or the fingerprint: ", "unknown"],
  ["rm: remove write-protected regular file 'x'? ", "confirmation"],
  ["replace a.txt? [y]es, [n]o, [A]ll, [N]one, [r]ename: ", "confirmation"],
  ["Proceed ([y]/n)? ", "confirmation"],
  ["Press ENTER to continue", "confirmation"],
  ["(END)", "pager"],
  ["--More--(8%)", "pager"],
  [":", "pager"],
  ["lines 1-23", "pager"],
  [">>> ", "repl"],
  ["... ", "repl"],
  ["In [12]: ", "repl"],
  ["mysql> ", "repl"],
  ["MariaDB [shop]> ", "repl"],
  ["shop=# ", "repl"],
  ["shop=> ", "repl"],
  ["sqlite> ", "repl"],
  ["127.0.0.1:6379> ", "repl"],
  ["irb(main):001:0> ", "repl"],
  ["(gdb) ", "repl"],
  ["Name: ", "unknown"],
  ["Username for 'https://git.example': ", "unknown"],
];

/** What quiet programs leave at the end of their output without asking anything. */
const NO_PROMPTS = [
  "",
  "done",
  "Compiling execkit v0.11.0",
  "Downloading … 40%",
  "[=======>",
  "[####    ] 4/10",
  "#### ",
  "----> ",
  "Waiting for the server...",
  "12.3 MB/s",
  "Listening on http://localhost:3000",
  "Checking for updates",
  "remove old files, then",
];

describe("meaningOf()", () => {
  for (const [prompt, meaning] of PROMPTS) {
    it(`takes ${JSON.stringify(prompt)} for ${meaning}`, () => {
      assert.equal(meaningOf(prompt), meaning);
    });
  }

  it("looks at the end only, and in time that grows with nothing", () => {
    assert.equal(meaningOf(`Password: ${"x".repeat(PROMPT_MAX_CHARS)}: `), "unknown");
    const hostile = "MariaDB [".repeat(100_000);
    assert.equal(looksLikePrompt(findPrompt(hostile)), false);
    assert.equal(findPrompt("\x1b[".repeat(100_000)).text, "");
  });
});

describe("looksLikePrompt()", () => {
  for (const [prompt] of PROMPTS) {
    it(`knows ${JSON.stringify(prompt)} for a prompt while the line is open`, () => {
      assert.equal(looksLikePrompt(findPrompt(`before\n${prompt}`)), true);
      assert.equal(looksLikePrompt(findPrompt(`${prompt}\n`)), false);
    });
  }

  for (const line of NO_PROMPTS) {
    it(`does not take ${JSON.stringify(line)} for a prompt`, () => {
      assert.equal(looksLikePrompt(findPrompt(`before\n${line}`)), false);
    });
  }
});

describe("findPrompt()", () => {
  it("gives the last line as a terminal shows it", () => {
    const colours = "\x1b[1;32m?\x1b[0m \x1b]0;title\x07Project name: \x1b[K";
    assert.deepEqual(findPrompt(`a\r\n${colours}`), { text: "? Project name: ", open: true });
    assert.deepEqual(findPrompt("40%\r80%\rReady? "), { text: "Ready? ", open: true });
  });

  it("gives the last line with text when the output ends in a line feed", () => {
    assert.deepEqual(findPrompt("Go on? (y/n)\n\n"), { text: "Go on? (y/n)", open: false });
    assert.deepEqual(findPrompt(""), { text: "", open: false });
  });

  it("gives 200 characters at most", () => {
    assert.equal(findPrompt("x".repeat(5000)).text.length, PROMPT_MAX_CHARS);
  });
});
