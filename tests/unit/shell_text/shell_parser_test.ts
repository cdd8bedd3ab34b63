import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it, test } from "node:test";
import { parseShell } from "../../../src/shell_text/shell_parser.ts";
import {
  innerParts,
  type ShellNode,
  type ShellWord,
  wordValue,
} from "../../../src/shell_text/shell_tree.ts";

interface SourceRow {
  readonly source: string;
  readonly programs: readonly string[] | null;
}

// Each line is written as a row.
const ROWS = readFileSync(
  new URL("../../fixtures/policy/shell_sources.jsonl", import.meta.url),
  "utf8",
)
  .trim().split("\n").map((line) => JSON.parse(line) as SourceRow);

function namesIn(nodes: readonly ShellNode[]): string[] {
  return nodes.flatMap((node) => {
    if (node.kind === "pipeline") return namesIn(node.stages);
    if (node.kind === "function") return namesIn([node.body]);
    const targets = node.redirects.flatMap(({ target }) => target === undefined ? [] : [target]);
    if (node.kind === "group") {
      return [...namesInWords([...node.words, ...targets]), ...namesIn(node.body)];
    }
    const [first] = node.words;
    const own = first === undefined ? [] : [wordValue(first) ?? "?"];
    const values = node.assignments.flatMap(({ words, value, source }) =>
      node.words.some((word) => word.source === source)
        ? words.filter((word) => word !== value)
        : words
    );
    return [...own, ...namesInWords([...node.words, ...values, ...targets])];
  });
}

function namesInWords(words: readonly ShellWord[]): string[] {
  return words.flatMap((word) => {
    const inner = innerParts(word);
    return [...namesInWords(inner.words), ...inner.bodies.flatMap(namesIn)];
  });
}

test("parseShell() finds exactly the programs of every source, and refuses the broken ones", () => {
  assert.ok(ROWS.length > 300);
  const wrong = ROWS.filter(({ source, programs }) => {
    const parsed = parseShell(source, "bash");
    if ("problem" in parsed) return programs !== null;
    return programs === null ||
      namesIn(parsed.nodes).sort().join(" ") !== [...programs].sort().join(" ");
  });
  assert.deepEqual(wrong, []);
});

describe("parseShell() refuses what the parser and bash read differently:", () => {
  const texts = [
    "$'\\x{72}m' x",
    "$'r\\\nm' x",
    "!((a))",
    "x=<(b) rm",
    "a=($(id) b)c",
    'echo "${\\\nx:-$(rm y)}"',
    "$\\\nx y",
    "r{}m,} x",
    "exec 2>(b)",
    "c>()d x",
    "a[1;b]=2",
    "a 3<&-E",
    "a on${ b() { c; }; rm x",
    "{ a >${ b # }; rm x\n}\n}",
  ];
  for (const text of texts) {
    it(JSON.stringify(text), () => assert.ok("problem" in parseShell(text, "bash")));
  }
});

describe("parseShell() refuses what other shells read differently:", () => {
  const rows: readonly (readonly [dialect: "zsh" | "other", text: string])[] = [
    ["other", "echo $'\\'; rm x #'"],
    ["other", "((rm x))"],
    ["other", "[[ a && rm ]]"],
    ["other", "a &>x rm"],
    ["zsh", "echo *(e:'rm x':)"],
    ["zsh", "echo ${(e)x}"],
  ];
  for (const [dialect, text] of rows) {
    it(`${dialect} ${JSON.stringify(text)}`, () =>
      assert.ok("problem" in parseShell(text, dialect)));
  }
});
