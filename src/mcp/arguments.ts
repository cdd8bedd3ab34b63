/**
 * Checks the arguments of a tool call against its schema, with errors that an agent can act on.
 *
 * @module
 */

import { Ajv } from "@modelcontextprotocol/server/validators/ajv";
import { ExeckitError } from "../errors.ts";
import { safe, type SafeText } from "../safe_text.ts";

/** A JSON Schema document, written by hand so that the wire text is exactly ours. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Problems that one error names at most. */
const MAX_PROBLEMS = 10;

/** What the reader uses of a problem that the validator found. */
interface SchemaProblem {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: { readonly [name: string]: unknown };
  readonly message?: string;
}

/**
 * Makes a reader of arguments.
 *
 * @param schema The tool's input schema.
 * @param redact Redacts what the agent wrote before an error repeats it.
 * @returns A function that gives the arguments, with `"5"` turned into `5` where a number is
 * wanted, or throws {@linkcode ExeckitError} `invalid_argument` naming every problem.
 */
export function argumentReader<Arguments>(
  schema: JsonSchema,
  redact: (text: string) => SafeText,
): (raw: unknown) => Arguments {
  // Compiling takes longer than the rest of the start, and most tools wait for their first call.
  let compiled: ReturnType<InstanceType<typeof Ajv>["compile"]> | undefined;
  return (raw) => {
    compiled ??= new Ajv({ allErrors: true, useDefaults: true, coerceTypes: true }).compile(schema);
    const args = raw ?? {};
    // The schema has just been checked against, and each tool's type says what its schema says.
    if (compiled(args)) return args as Arguments;
    const problems = (compiled.errors ?? []).slice(0, MAX_PROBLEMS).map(describe);
    throw new ExeckitError({
      code: "invalid_argument",
      message: safe`Cannot use the arguments: ${redact(problems.join("; "))}`,
    });
  };
}

function describe(problem: SchemaProblem): string {
  const { keyword, params, message = "is wrong" } = problem;
  const path = problem.instancePath.slice(1).replaceAll("/", ".");
  const within = path === "" ? "" : ` in "${path}"`;
  switch (keyword) {
    case "required":
      return `"${params["missingProperty"]}" is missing${within}`;
    case "additionalProperties":
      return `"${params["additionalProperty"]}" is not an argument${within}`;
    case "enum":
      return `"${path}" must be one of ${JSON.stringify(params["allowedValues"])}`;
    default:
      return path === "" ? `they ${message}` : `"${path}" ${message}`;
  }
}
