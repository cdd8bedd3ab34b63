/**
 * The version of the package. `deno.json` is not in the npm package, so the number stands here
 * too; a test compares both.
 *
 * @module
 */

/** The version of execkit, as in `deno.json`. */
export const VERSION: string = "0.11.0";
