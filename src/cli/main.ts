#!/usr/bin/env node
/**
 * The entry of the command line, and the program behind the npm bin `execkit-mcp`.
 *
 * Clients start MCP servers by the bare name, so no arguments means the server on stdio. That
 * path must not load the parser of the command line: some clients do not wait for a slow start.
 *
 * @module
 */

import process from "node:process";

async function main(args: string[]): Promise<number> {
  if (args.length === 0) {
    const { runMcp } = await import("./commands/mcp.ts");
    return await runMcp();
  }
  const { runCli } = await import("./program.ts");
  return await runCli(args);
}

// Node 20 has no import.meta.main, so an entry runs when it is loaded.
const exitCode = await main(process.argv.slice(2));
// An empty write is taken only after everything before it; an exit would drop what is waiting.
process.stdout.write("", () => process.exit(exitCode));
