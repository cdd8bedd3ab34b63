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
  type OnCancel,
  OPERATOR_VARIABLES,
  type OperatorConfig,
  type OperatorVariable,
  type OutputConfig,
  readOperatorConfig,
  type RemoteConfig,
} from "./operator_config.ts";
export type { ReadVariable } from "./operator_variable.ts";
export type { ContainerNames, ContainerPattern } from "./container_pattern.ts";
export type { Place, PlacePattern } from "./place_pattern.ts";
export { serveMcpOnStdio } from "./stdio_server.ts";
