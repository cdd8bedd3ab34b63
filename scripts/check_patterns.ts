/**
 * Checks the habits of the code base: the rules of `support/pattern_rules.ts` on every source
 * file, and those about names, the root folder and texts that look like secrets.
 *
 * `deno task patterns`
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { type Finding, reportFindings } from "./support/findings.ts";
import { parseSource } from "./support/parse_source.ts";
import { PATTERN_RULES } from "./support/pattern_rules.ts";
import { listFiles, PROJECT_ROOT, readSource } from "./support/source_files.ts";

const CHECKED = ["mod.ts", "src", "tests", "examples", "scripts", "bench"];

/** Everything that may stand in the root. What git ignores may stand there too. */
export const ROOT_FILES: readonly string[] = [
  ".ci",
  ".git",
  ".gitignore",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "NOTICE",
  "README.md",
  "SECURITY.md",
  "bench",
  "coverage",
  "deno.json",
  "deno.lock",
  "dist",
  "docs",
  "examples",
  "mod.ts",
  "scripts",
  "src",
  "tests",
];

const VAGUE_NAMES = /(?:^|[/_])(?:utils?|helpers?|common|misc|managers?)(?:[/_.]|$)/;
const FILE_NAME = /^[a-z0-9]+(?:_[a-z0-9]+)*(?:\.d)?\.ts$/;

/** Shapes that secret scanners look for; split where this file itself would match. */
const SECRET_SHAPES: readonly RegExp[] = [
  /\bgh[pousr]_[A-Za-z0-9]{36}/,
  /\bgithub_pat_[A-Za-z0-9_]{60}/,
  /\bglpat-[A-Za-z0-9_-]{20}/,
  /\bxox[abprs]-\d{6,}-[A-Za-z0-9-]{10}/,
  /\bA(?:KIA|SIA)(?!\w*EXAMPLE)[A-Z0-9]{16}\b/,
  /\bsk-(?:ant|proj)-[A-Za-z0-9_-]{20}/,
  /\bnpm_[A-Za-z0-9]{36}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}/,
];

/**
 * Checks a project.
 *
 * @param root Its root directory.
 * @returns What is wrong, by file.
 */
export function checkPatterns(root: string): Finding[] {
  const files = listFiles(root, CHECKED, ".ts");
  return [
    ...files.flatMap((file) => checkSource(root, file)),
    ...files.flatMap(checkName),
    ...listFiles(root, [...CHECKED, "docs", "README.md"], "").flatMap((file) =>
      checkSecretShapes(root, file)
    ),
    ...checkRoot(root),
  ];
}

function checkSource(root: string, file: string): Finding[] {
  const source = parseSource(file, readSource(root, file));
  return PATTERN_RULES
    .filter((rule) => rule.appliesTo(file))
    .flatMap((rule) =>
      rule.find(source).map(({ line, what }) => ({
        rule: rule.name,
        file,
        line,
        what,
        why: rule.why,
        remedy: rule.remedy,
      }))
    );
}

function checkName(file: string): Finding[] {
  const isVague = file.startsWith("src/") && VAGUE_NAMES.test(file);
  if (FILE_NAME.test(basename(file)) && !isVague) return [];
  return [{
    rule: "file-name",
    file,
    what: isVague ? "a name that says nothing" : "a name that is not snake_case",
    why: "A file is found by the name of what it holds",
    remedy: "Name it in snake_case after its main export",
  }];
}

function checkSecretShapes(root: string, file: string): Finding[] {
  const text = readSource(root, file);
  return SECRET_SHAPES.filter((shape) => shape.test(text)).map((shape) => ({
    rule: "no-secret-shapes",
    file,
    line: text.slice(0, text.search(shape)).split("\n").length,
    what: "text in the shape of a real secret",
    why: "Scanners cannot tell a made-up secret from a real one",
    remedy: "Put it together at run time from two pieces",
  }));
}

function checkRoot(root: string): Finding[] {
  return readdirSync(root).filter((name) => !ROOT_FILES.includes(name)).map((name) => ({
    rule: "root-files",
    file: name,
    what: "not one of the known files of the root",
    why: "The root is the first thing that a reader sees",
    remedy: "Put it where it belongs, or add it to ROOT_FILES in scripts/check_patterns.ts",
  }));
}

if (import.meta.main) reportFindings("patterns", checkPatterns(PROJECT_ROOT));
