/**
 * The ids of a registry's sessions: short, readable, and safe in a shell.
 *
 * @module
 */

import { safe, type SafeText } from "../safe_text.ts";
import type { SessionOptions } from "./session_options.ts";

/** Characters of a target in an id: a full host name still fits. */
const ID_TARGET_MAX_CHARS = 64;

/**
 * Makes a session's id, such as `1_local` or `2_ssh_deploy@web-01`.
 *
 * @param number The number that no other session of the registry has.
 * @param options What the session is opened with.
 * @param redact Redacts the target.
 * @returns The id.
 */
export function nameSession(
  number: number,
  options: SessionOptions,
  redact: (text: string) => SafeText,
): SafeText {
  const [kind, target] = nameOf(options);
  if (target === undefined) return safe`${number}_${redact(kind)}`;
  const name = `${kind}_${target.replace(/[^A-Za-z0-9_.@-]/g, "-")}`;
  return safe`${number}_${redact(name.slice(0, ID_TARGET_MAX_CHARS))}`;
}

/** The kind of transport and the target, as far as they are known before anything is opened. */
function nameOf(options: SessionOptions): readonly [kind: string, target?: string] {
  switch (options.transport) {
    case "local":
      return ["local"];
    case "ssh": {
      const { host, user, port } = options;
      const place = port === undefined ? `${host}` : `${host}:${port}`;
      return ["ssh", user === undefined ? place : `${user}@${place}`];
    }
    case "docker":
      return ["docker", options.container ?? options.image];
  }
  return [options.transport.kind, options.transport.target];
}
