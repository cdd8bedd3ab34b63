/**
 * What the operating system says of a failure.
 *
 * @module
 */

/**
 * Reads the code of a failure of the operating system, as Node and Deno carry it.
 *
 * @param error What was thrown.
 * @returns Such as `ENOENT`; empty when there is none.
 */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}
