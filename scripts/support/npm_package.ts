/**
 * What the npm package says about itself, and what it must and must not hold.
 *
 * @module
 */

import { posix } from "node:path";

/** The members of `package.json` that are read or written here. */
export interface PackageManifest {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
  bin?: Record<string, string>;
  [member: string]: unknown;
}

const DESCRIPTION =
  "A persistent shell session for AI agents: structured, redacted, bounded results. Library and " +
  "MCP server.";
const KEYWORDS = ["agent", "audit", "exec", "mcp", "redaction", "sandbox", "session", "shell"];
const NODE_RANGE = ">=20";
/** The program, by the name of its command. */
const PROGRAMS: Readonly<Record<string, string>> = { "execkit-mcp": "src/cli/main.js" };

/** Peers that npm would choose a version of by itself: they are pinned like the rest. */
const PEERS: Readonly<Record<string, readonly string[]>> = {
  "@commander-js/extra-typings": ["commander"],
};

/**
 * Adds what `deno pack` leaves out.
 *
 * @param manifest The manifest that it wrote.
 * @param configText The text of `deno.json`, for the pins.
 * @returns The finished manifest.
 */
export function finishManifest(manifest: PackageManifest, configText: string): PackageManifest {
  // deno.json is ours and has this member.
  const { imports } = JSON.parse(configText) as { imports: Record<string, string> };
  const used = Object.keys(manifest.dependencies ?? {});
  const names = new Set(used.flatMap((name) => [name, ...PEERS[name] ?? []]));
  const dependencies = Object.fromEntries(
    [...names].sort().map((name) => [name, pinOf(name, imports)]),
  );
  return {
    ...manifest,
    description: DESCRIPTION,
    keywords: KEYWORDS,
    engines: { node: NODE_RANGE },
    bin: { ...PROGRAMS },
    dependencies,
  };
}

function pinOf(name: string, imports: Readonly<Record<string, string>>): string {
  const pin = /@([^@/]+)\/?$/.exec(imports[name] ?? "")?.[1];
  if (pin === undefined) throw new Error(`Failed to pin "${name}": deno.json does not import it`);
  return pin;
}

/**
 * Looks at the files of the package.
 *
 * @param files Their paths.
 * @param read Gives the text of one.
 * @param root The directory it was built from, which must not be named inside.
 * @returns What is wrong, a sentence each.
 */
export function checkPackage(
  files: readonly string[],
  read: (file: string) => string,
  root: string,
): string[] {
  const problems: string[] = [];
  const has = new Set(files);
  for (const file of files) {
    if (/(?:^|\/)tests?\/|_test\.|deno\.(?:json|lock)$|\.ts$/.test(file) && !isTypes(file)) {
      problems.push(`${file} does not belong into the package`);
    }
    const text = read(file);
    if (isTypes(file)) problems.push(...missingTypes(file, text, has));
    if (text.includes(`${root}/`) || text.includes("file:///")) {
      problems.push(`${file} names a path of the machine it was built on`);
    }
    if (/(?:from|import)\s*\(?["'](?:npm|jsr):/.test(text)) {
      problems.push(`${file} imports by a name that Node does not know`);
    }
  }
  for (const file of exportedTypes(read("package.json"))) {
    if (!has.has(file)) problems.push(`${file} is missing; \`deno publish --dry-run\` says why`);
  }
  for (const file of ["package.json", "LICENSE", "NOTICE", "README.md", ...programFiles()]) {
    if (!has.has(file)) problems.push(`${file} is missing`);
  }
  for (const file of programFiles().filter((name) => has.has(name))) {
    if (!read(file).startsWith("#!/usr/bin/env node\n")) {
      problems.push(`${file} has no node shebang`);
    }
  }
  return problems;
}

/** The types that the package's doors name. A module behind no door has none, and needs none. */
function exportedTypes(manifestText: string): string[] {
  // `deno pack` writes doors in this form.
  const manifest = JSON.parse(manifestText || "{}") as {
    exports?: Record<string, { types?: string }>;
  };
  return Object.values(manifest.exports ?? {}).map(({ types }) => (types ?? "").replace("./", ""));
}

/** What a file of types imports of the package has to have types as well. */
function missingTypes(file: string, text: string, has: ReadonlySet<string>): string[] {
  const imports = text.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g);
  return [...imports].flatMap(([, specifier = ""]) => {
    const target = posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".d.ts");
    if (has.has(target)) return [];
    return [`${target} is missing, and ${file} needs it; \`deno publish --dry-run\` says why`];
  });
}

function programFiles(): string[] {
  return Object.values(PROGRAMS);
}

function isTypes(file: string): boolean {
  return file.endsWith(".d.ts") && !file.includes("_test.");
}
