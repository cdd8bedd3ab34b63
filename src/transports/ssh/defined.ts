/**
 * Optional members of objects, which are absent rather than undefined.
 *
 * @module
 */

/**
 * Makes an object of one member to spread into another.
 *
 * @param key The member's name.
 * @param value Its value.
 * @returns The member, or nothing when there is no value.
 */
export function defined<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  // A computed key widens to string for the type checker.
  return value === undefined ? {} : { [key]: value } as { readonly [K in Key]: Value };
}
