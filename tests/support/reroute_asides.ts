/**
 * A transport whose side scripts are run otherwise.
 *
 * @module
 */

import type { AsideScript, Transport } from "../../src/transports/transport.ts";

/**
 * Wraps a transport.
 *
 * @param transport The transport; all but its side scripts stays as it is.
 * @param alter What to run instead of each of them.
 * @returns The wrapped transport.
 */
export function rerouteAsides(
  transport: Transport,
  alter: (aside: AsideScript) => AsideScript,
): Transport {
  return {
    kind: transport.kind,
    stdout: transport.stdout,
    stderr: transport.stderr,
    ended: transport.ended,
    write: (bytes) => transport.write(bytes),
    close: () => transport.close(),
    startAside: (aside) => transport.startAside(alter(aside)),
  };
}
