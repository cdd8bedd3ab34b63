/**
 * Quoting a value for a POSIX shell.
 *
 * @module
 */

/**
 * Quotes a value so that any POSIX shell reads it back as exactly one literal word
 * (POSIX.1-2024, Shell Command Language 2.2.2, single quotes).
 *
 * @param value Any text without NUL.
 * @returns The single-quoted word.
 */
export function quoteForShell(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
