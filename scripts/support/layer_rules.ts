/**
 * Who may import whom, as data.
 *
 * A path that ends in `/` means everything below it. Every room may import itself and the floor:
 * the files directly in `src/`, and `src/shell_text/`. Type-only imports count like any other,
 * because a reader follows types too.
 *
 * @module
 */

/** What one room may import. */
export interface LayerRule {
  /** The room: a folder, or a single file. */
  room: string;
  /** What it may import besides itself and the floor. */
  mayImport: readonly string[];
  /** What belongs elsewhere, said to whoever breaks the rule. */
  remedy: string;
}

/** Who may import a package that is heavy or that only one room should know. */
export interface PackageRule {
  /** The package, or a scope that ends in `/`. */
  package: string;
  /** Where it may be imported. */
  rooms: readonly string[];
  /** What to do instead elsewhere. */
  remedy: string;
}

const SIDEWAYS_REMEDY = "Move what both rooms need down to the floor (src/*.ts), or let " +
  "src/session/exec_pipeline.ts pass it in";
const DOOR_REMEDY = "Take it from mod.ts or another public entry; what is not public is not shown";

/** The floor: it imports nothing of ours but itself. */
export const FLOOR = "src/";
/** The folder that belongs to the floor besides the files directly in `src/`. */
export const FLOOR_FOLDER = "src/shell_text/";

/** The table; the first rule whose room holds a file is the file's rule. */
export const LAYER_RULES: readonly LayerRule[] = [
  { room: "src/transports/", mayImport: [], remedy: SIDEWAYS_REMEDY },
  { room: "src/policy/", mayImport: [], remedy: SIDEWAYS_REMEDY },
  { room: "src/output/", mayImport: [], remedy: SIDEWAYS_REMEDY },
  { room: "src/checkpoint/", mayImport: [], remedy: SIDEWAYS_REMEDY },
  { room: "src/audit/", mayImport: [], remedy: SIDEWAYS_REMEDY },
  {
    room: "src/shell/",
    mayImport: ["src/transports/transport.ts", "src/transports/run_aside.ts"],
    remedy: "The shell room knows a transport by its interface only: use transports/transport.ts",
  },
  {
    room: "src/viewer/",
    mayImport: ["src/audit/"],
    remedy: "The viewer reads audit events and nothing else, so that it has no way into a session",
  },
  {
    room: "src/testing/",
    mayImport: ["src/transports/transport.ts"],
    remedy: "The contract suites know a transport by its interface only",
  },
  {
    room: "src/session/",
    mayImport: [
      "src/shell/",
      "src/transports/",
      "src/policy/",
      "src/output/",
      "src/checkpoint/",
      "src/audit/",
    ],
    remedy:
      "A session knows the rooms below it, never the adapters, the viewer or the test doubles",
  },
  {
    room: "src/mcp/",
    mayImport: ["src/session/", "src/audit/", "src/policy/", "src/viewer/"],
    remedy: "An adapter asks a session; it judges nothing and touches no output of its own",
  },
  {
    room: "src/cli/",
    mayImport: [
      "src/session/",
      "src/audit/",
      "src/policy/",
      "src/viewer/",
      // The redact command is the redactor as a filter for people.
      "src/output/redact.ts",
      "src/output/redactor.ts",
      "src/output/terminal_text_cleaner.ts",
      "src/mcp/mod.ts",
      "src/mcp/main.ts",
    ],
    remedy: "An adapter asks a session; the command line starts the MCP server by its one door",
  },
  { room: FLOOR_FOLDER, mayImport: [], remedy: "The floor knows no room: pass the value in" },
  { room: FLOOR, mayImport: [], remedy: "The floor knows no room: pass the value in" },
  {
    room: "mod.ts",
    mayImport: [
      "src/session/",
      "src/shell/",
      "src/transports/",
      "src/policy/",
      "src/output/",
      "src/checkpoint/",
      "src/audit/",
    ],
    remedy: "The root entry shows the library; adapters, viewer and test doubles have own entries",
  },
  {
    room: "examples/",
    mayImport: ["mod.ts", "src/mcp/mod.ts", "src/testing/mod.ts"],
    remedy: DOOR_REMEDY,
  },
  {
    room: "tests/public/",
    mayImport: ["mod.ts", "src/mcp/mod.ts", "src/testing/mod.ts"],
    remedy: DOOR_REMEDY,
  },
];

/** Rooms that see public entries only, so that not even the floor is open to them. */
export const OUTSIDE_ROOMS: readonly string[] = ["examples/", "tests/public/"];

const LAZY_REMEDY = "Load it with `await import()` in its own transport's folder only";

/** The packages that not every room may import. */
export const PACKAGE_RULES: readonly PackageRule[] = [
  {
    package: "@modelcontextprotocol/",
    rooms: ["src/mcp/"],
    remedy: "Only the MCP adapter knows the protocol: keep it in src/mcp/",
  },
  { package: "ssh2", rooms: ["src/transports/ssh/"], remedy: LAZY_REMEDY },
  { package: "ssh-config", rooms: ["src/transports/ssh/"], remedy: LAZY_REMEDY },
  { package: "dockerode", rooms: ["src/transports/docker/"], remedy: LAZY_REMEDY },
  {
    package: "@xterm/",
    rooms: ["src/output/"],
    remedy: "Load it with `await import()` in src/output/screen/ only",
  },
  {
    package: "commander",
    rooms: ["src/cli/"],
    remedy: "Only the command line parses arguments: keep it in src/cli/",
  },
  {
    package: "@commander-js/extra-typings",
    rooms: ["src/cli/"],
    remedy: "Only the command line parses arguments: keep it in src/cli/",
  },
];

/** Packages that `import … from "mod.ts"` must not load, not even indirectly. */
export const LAZY_PACKAGES: readonly string[] = [
  "@modelcontextprotocol/",
  "ssh2",
  "ssh-config",
  "dockerode",
  "@xterm/",
];

/** The functions that put the brand of redacted text on a value, and who may import them. */
export const BRAND_MAKERS = {
  file: "src/safe_text.ts",
  names: ["markSafeText", "markSafeBytes"],
  room: "src/output/",
} as const;
