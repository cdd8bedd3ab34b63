/**
 * Measures everything under the runtime that runs it: one line of JSON for each figure.
 *
 * @module
 */

import process from "node:process";
import { measureLatency } from "./figures/latency.ts";
import { measureRedaction } from "./figures/redaction.ts";
import { measureRemote } from "./figures/remote.ts";
import { measureSessions } from "./figures/sessions.ts";
import { measureThroughput } from "./figures/throughput.ts";

const deno: string | undefined = process.versions["deno"];
const runtime = deno === undefined ? `node ${process.versions.node}` : `deno ${deno}`;

const measures = [
  measureLatency,
  measureRemote,
  measureSessions,
  measureThroughput,
  measureRedaction,
];
for (const measure of measures) {
  for (const figure of await measure()) {
    process.stdout.write(JSON.stringify({ ...figure, runtime }) + "\n");
  }
}
