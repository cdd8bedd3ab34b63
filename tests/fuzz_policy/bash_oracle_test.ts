import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findSubjects } from "../../src/shell_text/finder.ts";
import { namesTried, whyNoOracle } from "./bash_oracle.ts";
import { TextMutator } from "./text_mutator.ts";

const RUNS = Number(process.env["EXECKIT_FUZZ_RUNS"] ?? 500);
const SEED = Number(process.env["EXECKIT_FUZZ_SEED"] ?? 20_261_121);
const CHUNK = 500;
/** Builtins that would end the oracle itself, and texts that multiply. */
const UNSAFE = /\bkill\b|:\s*\|\s*:|\bsuspend\b|\bulimit\b|command_not_found|\bLOG\b/;

const SOURCES = readFileSync(
  new URL("../fixtures/policy/shell_sources.jsonl", import.meta.url),
  "utf8",
)
  .trim().split("\n")
  // Each line is an object with the text.
  .map((line) => (JSON.parse(line) as { source: string }).source)
  .filter((source) => !UNSAFE.test(source));

/** Names that bash ran and the engine neither listed nor declared unknowable. */
function missed(text: string, tried: readonly string[]): readonly string[] {
  const { subjects, problem } = findSubjects({ text, shell: "bash", cwd: "/" });
  if (problem !== undefined) return [];
  const isOpen = subjects.some((subject) =>
    subject.kind === "dynamic" ||
    (subject.kind === "code" && /^(?:shell|arithmetic)$/.test(subject.language))
  );
  if (isOpen) return [];
  const listed = new Set(
    subjects.flatMap((subject) => subject.kind === "program" ? [subject.name] : []),
  );
  return tried.filter((name) => !listed.has(name));
}

test("findSubjects() lists every program that bash tries to run, in fuzz mutants", {
  skip: whyNoOracle(),
}, () => {
  const mutator = new TextMutator(SOURCES, SEED);
  const misses: string[] = [];
  let ran = 0;
  for (let done = 0; done < RUNS; done += CHUNK) {
    const texts: string[] = [];
    while (texts.length < Math.min(CHUNK, RUNS - done)) {
      const text = mutator.next();
      if (!UNSAFE.test(text) && text !== "") texts.push(text);
    }
    const tried = namesTried(texts);
    texts.forEach((text, index) => {
      const names = tried[index] ?? [];
      ran += names.length;
      for (const name of missed(text, names)) misses.push(JSON.stringify({ name, text }));
    });
  }
  assert.deepEqual(misses, []);
  // An oracle that runs nothing would prove nothing.
  assert.ok(ran > RUNS / 2, `bash tried ${ran} programs`);
});
