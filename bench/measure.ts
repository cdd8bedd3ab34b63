/**
 * Measures everything under the runtime that runs it: one line of JSON for each figure.
 *
 * @module
 */

import process from "node:process";
import { measureLatency } from "./figures/latency.ts";
import { measurePolicy } from "./figures/policy.ts";
import { measureRedaction } from "./figures/redaction.ts";
import { measureRemote } from "./figures/remote.ts";
import { measureRedactionThroughput } from "./figures/redaction_throughput.ts";
import { measureSandbox } from "./figures/sandbox.ts";
import { measureSessions } from "./figures/sessions.ts";
import { measureThroughput } from "./figures/throughput.ts";

const deno: string | undefined = process.versions["deno"];
const runtime = deno === undefined ? `node ${process.versions.node}` : `deno ${deno}`;

const MEASURES = [
  measureLatency,
  measureRemote,
  measureSessions,
  measureThroughput,
  measureRedaction,
  measureRedactionThroughput,
  measurePolicy,
  measureSandbox,
];

for (const measure of MEASURES) {
  for (const figure of await measure()) {
    process.stdout.write(JSON.stringify({ ...figure, runtime }) + "\n");
  }
}
