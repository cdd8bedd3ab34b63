/**
 * Checks what the pages say against the code: error codes, dependencies, tasks, links.
 *
 * `deno task docs`; `deno task docs:write` writes `docs/errors.md` anew first.
 *
 * @module
 */

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { formatErrorDocs, readErrorCodes } from "./support/error_docs.ts";
import { type Finding, reportFindings } from "./support/findings.ts";
import { findBrokenLinks } from "./support/markdown_links.ts";
import { listFiles, PROJECT_ROOT, readSource } from "./support/source_files.ts";

const ERRORS_PAGE = "docs/errors.md";
const ERRORS_SOURCE = "src/error_codes.ts";
const DEPENDENCIES_PAGE = "docs/dependencies.md";
const WHY = "A page that disagrees with the code misleads whoever trusts it";

/** The parts of `deno.json` that pages speak of. */
interface ProjectConfig {
  imports: Record<string, string>;
  tasks: Record<string, string>;
}

/**
 * Checks a project's pages.
 *
 * @param root Its root directory.
 * @returns What is wrong, by file.
 */
export function checkDocs(root: string): Finding[] {
  // deno.json is ours and has these members.
  const config = JSON.parse(readSource(root, "deno.json")) as ProjectConfig;
  const pages = listFiles(root, [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs",
  ], ".md");
  return [
    ...checkErrorsPage(root),
    ...checkDependenciesPage(root, config),
    ...pages.flatMap((page) => checkTasks(root, page, config)),
    ...pages.flatMap((page) => checkLinks(root, page)),
  ];
}

/**
 * Writes the page of error codes anew.
 *
 * @param root The project's root.
 */
export function writeErrorsPage(root: string): void {
  const text = formatErrorDocs(readErrorCodes(readSource(root, ERRORS_SOURCE)));
  writeFileSync(join(root, ERRORS_PAGE), text);
}

function checkErrorsPage(root: string): Finding[] {
  const wanted = formatErrorDocs(readErrorCodes(readSource(root, ERRORS_SOURCE)));
  const found = existsSync(join(root, ERRORS_PAGE)) ? readSource(root, ERRORS_PAGE) : "";
  if (found === wanted) return [];
  return [{
    rule: "errors-page",
    file: ERRORS_PAGE,
    what: `does not say what ${ERRORS_SOURCE} says`,
    why: WHY,
    remedy: "Run `deno task docs:write`",
  }];
}

function checkDependenciesPage(root: string, config: ProjectConfig): Finding[] {
  const text = existsSync(join(root, DEPENDENCIES_PAGE)) ? readSource(root, DEPENDENCIES_PAGE) : "";
  const listed = new Set([...text.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name]) => name));
  const pinned = new Set(Object.values(config.imports).map(packageOf));
  return [...listed, ...pinned].filter((name) =>
    !listed.has(name) || (name !== undefined && !pinned.has(name))
  ).map((name) => ({
    rule: "dependencies-page",
    file: DEPENDENCIES_PAGE,
    what: `${name} stands in only one of deno.json and the page`,
    why: "A dependency nobody gave a reason for is never taken out again",
    remedy: "Write `| \\`name@version\\` | licence | why |`, or take the dependency out",
  }));
}

function packageOf(target: string): string {
  return target.replace(/^npm:\/?/, "").replace(/\/$/, "");
}

function checkTasks(root: string, page: string, config: ProjectConfig): Finding[] {
  return readSource(root, page).split("\n").flatMap((text, index) =>
    [...text.matchAll(/\b(?:deno|deno@[\d.]+) task ([a-z][a-z:-]*)/g)]
      .map(([, task = ""]) => task)
      .filter((task) => config.tasks[task] === undefined)
      .map((task) => ({
        rule: "tasks",
        file: page,
        line: index + 1,
        what: `deno.json has no task "${task}"`,
        why: WHY,
        remedy: "Name a task that exists",
      }))
  );
}

function checkLinks(root: string, page: string): Finding[] {
  return findBrokenLinks(root, page).map(({ line, target }) => ({
    rule: "links",
    file: page,
    line,
    what: `${target} does not exist`,
    why: WHY,
    remedy: "Correct the link or the heading",
  }));
}

if (import.meta.main) {
  if (process.argv.includes("--write")) writeErrorsPage(PROJECT_ROOT);
  reportFindings("docs", checkDocs(PROJECT_ROOT));
}
