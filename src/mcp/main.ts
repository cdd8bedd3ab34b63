#!/usr/bin/env node
/**
 * The entry of the MCP server: `deno run … src/mcp/main.ts`.
 *
 * @module
 */

import process from "node:process";
import { serveMcpOnStdio } from "./stdio_server.ts";

// Node 20 has no import.meta.main, so an entry runs when it is loaded; mod.ts is for importing.
process.exit(await serveMcpOnStdio());
