/**
 * Stands in for `node:test` when `scripts/test.ts` runs Deno, whose own reports drop the reason
 * of a skip: the reason is written into the test's name. Nothing else differs.
 *
 * @module
 */

import nodeTest, {
  after,
  afterEach,
  before,
  beforeEach,
  describe as nodeDescribe,
  it as nodeIt,
  mock,
} from "node:test";

type Register = (...args: unknown[]) => unknown;

function withReason<T extends object>(register: T): T {
  return new Proxy(register, {
    apply(target, self, args) {
      // A function of `node:test`; every overload takes the name first and options before the body.
      return Reflect.apply(target as unknown as Register, self, withReasonInName(args));
    },
  });
}

function withReasonInName(args: readonly unknown[]): unknown[] {
  const [name, options] = args;
  if (typeof name !== "string" || typeof options !== "object" || options === null) return [...args];
  const reason: unknown = Reflect.get(options, "skip");
  if (typeof reason !== "string" || reason === "") return [...args];
  return [`${name} [skipped: ${reason}]`, ...args.slice(1)];
}

/** As in `node:test`. */
export const test = withReason(nodeTest);
/** As in `node:test`. */
export const describe = withReason(nodeDescribe);
/** As in `node:test`. */
export const suite = withReason(nodeDescribe);
/** As in `node:test`. */
export const it = withReason(nodeIt);

export { after, afterEach, before, beforeEach, mock };
export default test;
