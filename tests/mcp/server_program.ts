/**
 * How the tests start the real server: from source under Deno, with exactly the documented
 * permissions; from the bundle that `EXECKIT_TEST_MCP` names under Node.
 *
 * @module
 */

import { constants } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { OPERATOR_VARIABLES } from "../../src/mcp/operator_config.ts";

/** The project's root. */
export const PROJECT_ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** Whether the tests run under Deno. */
export const IS_DENO: boolean = process.versions["deno"] !== undefined;

/** A program and how to start it. */
export interface Program {
  /** The executable. */
  readonly command: string;
  /** Its arguments. */
  readonly args: string[];
  /** All of its environment. */
  readonly env: Record<string, string>;
  /** Where it starts. */
  readonly cwd: string;
}

/** The permissions that the docs promise to be enough for local use. */
export const DOCUMENTED_PERMISSIONS: readonly string[] = [
  "--allow-run=sh",
  `--allow-env=${Object.values(OPERATOR_VARIABLES).join(",")}`,
];

/** The variables of the test's own environment that any program needs to start. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "DENO_DIR", "DENO_CERT", "SSL_CERT_FILE"];

function environment(variables: Record<string, string>): Record<string, string> {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(passedOn), ...variables };
}

/** A program of ours, by its source and by the variable that names its bundle. */
function program(
  source: string,
  bundleVariable: string,
  options: { permissions: readonly string[]; variables: Record<string, string> },
): Program {
  const base = { env: environment(options.variables), cwd: PROJECT_ROOT };
  if (IS_DENO) {
    const args = ["run", "--quiet", "--frozen", "--no-prompt", ...options.permissions, source];
    return { ...base, command: process.execPath, args };
  }
  const listed = process.env[bundleVariable];
  if (listed === undefined) throw new Error(`${bundleVariable} must name the bundle under Node`);
  // The test runner writes a JSON list of strings.
  const [command = "", ...args] = JSON.parse(listed) as string[];
  return { ...base, command, args };
}

/** The MCP server with these variables set, and further permissions where it needs them. */
export function serverProgram(
  variables: Record<string, string> = {},
  permissions: readonly string[] = [],
): Program {
  return program("src/mcp/main.ts", "EXECKIT_TEST_MCP", {
    permissions: [
      // A list of names stays a list, whatever flag comes after it.
      ...DOCUMENTED_PERMISSIONS.filter((flag) =>
        !permissions.includes("--allow-env") || !flag.startsWith("--allow-env=")
      ),
      ...permissions,
    ],
    variables,
  });
}

/** The command line with these arguments, the documented permissions, and those it needs on top. */
export function cliProgram(
  args: readonly string[],
  variables: Record<string, string> = {},
  permissions: readonly string[] = [],
): Program {
  const cli = program("src/cli/main.ts", "EXECKIT_TEST_CLI", {
    permissions: [
      // A list of names stays a list, whatever flag comes after it.
      ...DOCUMENTED_PERMISSIONS.filter((flag) =>
        !permissions.includes("--allow-env") || !flag.startsWith("--allow-env=")
      ),
      ...permissions,
    ],
    variables,
  });
  return { ...cli, args: [...cli.args, ...args] };
}

/**
 * The exit code of a child's `exit` or `close` event. Deno reports a child that exits by itself
 * after a kill() as killed; Node does not.
 */
export function exitCodeOf([code, signal]: readonly unknown[]): number {
  if (typeof code === "number") return code;
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1];
  return 128 + (number ?? 0);
}
