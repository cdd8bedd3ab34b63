/**
 * The MCP server, to be started from a program of your own. Importing it starts nothing.
 *
 * @example
 * ```ts
 * import { serveMcpOnStdio } from "@execkit/core/mcp";
 *
 * process.exitCode = await serveMcpOnStdio();
 * ```
 *
 * @module
 */

export {
  OPERATOR_VARIABLES,
  type OperatorConfig,
  type OperatorVariable,
  readOperatorConfig,
  type ReadVariable,
} from "./operator_config.ts";
export { serveMcpOnStdio } from "./stdio_server.ts";
