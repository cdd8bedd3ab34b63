/**
 * `execkit-mcp mcp`: the MCP server on stdio.
 *
 * @module
 */

import process from "node:process";

/**
 * Serves MCP on standard input and output until the input ends.
 *
 * @returns The exit code for the process.
 */
export async function runMcp(): Promise<number> {
  if (process.stdin.isTTY) {
    process.stderr.write(
      "execkit-mcp: an MCP server waiting for a client on standard input; " +
        "`execkit-mcp --help` shows the other commands\n",
    );
  }
  const { serveMcpOnStdio } = await import("../../mcp/mod.ts");
  return await serveMcpOnStdio();
}
