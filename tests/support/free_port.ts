/**
 * Ports of the loopback interface for tests.
 *
 * @module
 */

import { once } from "node:events";
import { createServer } from "node:net";

/** Listens on a port of the loopback interface until it is disposed of. */
export async function listenSomewhere(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return {
    port: address.port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A port where nothing listens. */
export async function freePort(): Promise<number> {
  await using server = await listenSomewhere();
  return server.port;
}
