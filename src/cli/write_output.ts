/**
 * Writing to standard output, which may be a pipe that nobody reads any more.
 *
 * @module
 */

import process from "node:process";

/**
 * Prepares writing to standard output in turn: each write tells when it has been taken.
 *
 * @returns Writes text or bytes; gives false when nobody reads them any more.
 */
export function openOutput(): (content: string | Uint8Array) => Promise<boolean> {
  // The error of a pipe that nobody reads any more is reported by the write that met it.
  process.stdout.on("error", () => {});
  return (content) =>
    new Promise((resolve) => {
      process.stdout.write(content, (error) => resolve(error === undefined || error === null));
    });
}
