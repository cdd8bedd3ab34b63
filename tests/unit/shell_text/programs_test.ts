import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { programBaseName, scanPrograms } from "../../../src/shell_text/programs.ts";
import { PROGRAM_ROWS } from "./program_rows.ts";

function namesIn(text: string, shell = "bash"): readonly string[] {
  return scanPrograms(text, shell).programs.map(({ name }) => name ?? "?");
}

describe("scanPrograms() finds the programs of", () => {
  for (const [text, names] of PROGRAM_ROWS) {
    it(JSON.stringify(text), () => {
      const expected = text === `"" x` ? [""] : names.split(" ").filter((name) => name !== "");
      assert.deepEqual([...namesIn(text)].sort(), [...expected].sort());
      assert.equal(scanPrograms(text, "bash").incomplete, false);
    });
  }
});

describe("scanPrograms() gives up on", () => {
  const texts = [
    ...["echo 'a", 'echo "a', "echo $(a", "echo `a", "echo ${a", "echo $((1", "(a", "{ a", "$'a"],
    ...["a)", "}", "a ;; b", "case x in a) b", "esac", "a >", "a <<E\nx", "[[ a", "x=(a", "a\\"],
    ...["a\0b", "echo $[1]", "((a); b)", "echo $((a) + (b) )", "a (b)", "{ a; } b", "[[ # ]]\n]]"],
    // shells disagree: in which quotes, where a body starts or ends, what the parentheses mean
    `echo "\${x#'}$(rm)'}"`,
    'echo "`echo \\"a\\"`"',
    "cat <<E $(a\nb)\nE",
    "cat $(b <<E)\nE",
    "cat <<E\na\\\nE\nrm\nE",
    "cat <<$x\n$x",
    "echo $((rm x $(case a in a) b;; esac)))",
    "a >! b",
  ];
  for (const text of texts) {
    it(JSON.stringify(text), () => assert.equal(scanPrograms(text, "bash").incomplete, true));
  }
});

describe("scanPrograms() in a shell other than bash", () => {
  it("runs what bash takes for conditions and redirections", () => {
    assert.deepEqual(namesIn("[[ a && rm ]]", "/bin/dash"), ["[[", "rm"]);
    assert.deepEqual(namesIn("a &>x rm", "sh"), ["a", "rm"]);
  });
  it("gives up on quotes and parentheses that bash reads in its own way", () => {
    assert.equal(scanPrograms("echo $'\\'; rm x #'", "dash").incomplete, true);
    assert.equal(scanPrograms("((rm x))", "busybox").incomplete, true);
  });
  it("knows zsh's ways to start a program", () => {
    assert.deepEqual(namesIn("noglob rm x; - rm", "zsh"), ["noglob", "rm", "-", "rm"]);
    assert.equal(programBaseName(namesIn("=rm x", "zsh")[0] ?? ""), "rm");
    assert.equal(scanPrograms("{ a } always { rm x }", "zsh").incomplete, true);
    assert.equal(scanPrograms(">x", "zsh").incomplete, true);
    assert.equal(scanPrograms("echo *(e:'rm x':)", "zsh").incomplete, true);
  });
});

describe("scanPrograms() reports", () => {
  it("the exact words from the program on, and the wrappers that lead there", () => {
    const { programs } = scanPrograms(`A=1 sudo -n env r''m "$x" >y`, "bash");
    assert.deepEqual(programs.at(-1), { name: "rm", words: `r''m "$x"`, via: ["sudo", "env"] });
  });
  it("only whole words, and few of them, of a long command", () => {
    const { programs } = scanPrograms(`rm ${"word ".repeat(1000)}`, "bash");
    assert.match(programs[0]?.words ?? "", /^rm( word){20,80}$/);
    const long = scanPrograms("x".repeat(5000), "bash").programs[0];
    assert.equal(long?.words, "");
  });
});

/** Inputs that cost a careless reader quadratic time, a deep stack or endless memory. */
const HOSTILE: { readonly [name: string]: string } = {
  substitutions: "$(".repeat(32_768),
  "quoted substitutions": '"$('.repeat(20_000),
  "parameter expansions": "${a:-".repeat(15_000),
  "process substitutions": "<(".repeat(32_768),
  parentheses: "(".repeat(65_536),
  backticks: "`".repeat(65_536),
  arrays: "a=(".repeat(20_000),
  "repeated patterns": "@()".repeat(100_000),
  "an unclosed quote": `'${"x".repeat(1_000_000)}`,
  "one word": "x".repeat(1_000_000),
  "one line": "a ".repeat(500_000),
  commands: "a;".repeat(300_000),
  heredocs: "<<a ".repeat(100_000),
  "heredocs in heredocs": "cat <<E\n$(cat <<F\n".repeat(2000),
  backslashes: `cat <<E\n${"\\".repeat(500_000)}\nE`,
  continuations: "a\\\n".repeat(200_000),
  wrappers: "sudo ".repeat(100_000),
  evaluations: "eval ".repeat(100_000),
  actions: `find ${"-exec trap a b ".repeat(20_000)}`,
  aliases: `alias ${"a='b c' ".repeat(50_000)}`,
};

/** Quadratic work on these inputs takes many minutes, linear work about a second. */
const HANG_MS = 120_000;

describe("scanPrograms() comes to an end for 64 KiB and more of", () => {
  for (const [name, text] of Object.entries(HOSTILE)) {
    it(name, { timeout: HANG_MS }, () => {
      for (const shell of ["bash", "zsh", "dash"]) {
        assert.doesNotThrow(() => scanPrograms(text, shell));
      }
    });
  }
  it("nesting, and says that it did not read it", () => {
    assert.equal(scanPrograms("$(".repeat(32_768), "bash").incomplete, true);
    assert.equal(scanPrograms(`${"( ".repeat(70)}a${" )".repeat(70)}`, "bash").incomplete, true);
    assert.equal(scanPrograms(`${"( ".repeat(60)}rm${" )".repeat(60)}`, "bash").incomplete, false);
  });
});
