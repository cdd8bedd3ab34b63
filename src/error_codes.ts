/**
 * The closed list of error codes: when each is raised and what to do next.
 *
 * The same word stands in the library, on the MCP wire and in the CLI. A code is never reused for
 * another meaning; `docs/errors.md` and `tests/pins/` hold the same list.
 *
 * @module
 */

/** Code → the next step that an agent or a programmer can take. */
export const ERROR_HINTS = {
  /** An option or argument has the wrong type, range or form. Nothing has run. */
  invalid_argument: "Correct the named argument and call again; nothing was run",
  /** The operator's configuration is broken. execkit refuses to start with it. */
  invalid_config: "Correct the named setting and start again",
  /** No session has this id: it never existed, was closed, or belongs to another server process. */
  unknown_session: "Call session_list for the open sessions, or open a new one with session_create",
  /** No command has this id. */
  unknown_command: "List the commands, and use the id of one of these",
  /** Another command is still running in the session. */
  busy: "Wait for the running command, interrupt it, or open another session to work in parallel",
  /** The session was closed by its owner. */
  session_closed: "Open a new session",
  /** The session's shell is gone and could not be replaced. */
  session_lost: "Open a new session; what the last command did is not known for certain",
  /** The requested shell is not on the machine, or is none of the supported kinds. */
  shell_not_found: "Leave out the shell, or name an installed bash, zsh, dash or busybox sh",
  /** The start directory does not exist or cannot be entered. */
  invalid_cwd: "Name an existing directory that the session's user may enter",
  /** The shell did not answer in time when the session was opened. */
  open_timed_out: "Check that the machine is responsive, then open the session again",
  /** The transport could not start or reach the machine. */
  connect_failed: "Check that the machine and its programs can be reached, then try again",
  /** The host's key is not known, and may not be recorded. Nothing was sent but the greeting. */
  host_key_unknown: "Compare the fingerprint with the host's by another way, then record or pin it",
  /** The host shows another key than the one that is known or pinned. */
  host_key_changed:
    "Do not connect: ask the operator whether the host was reinstalled, then replace its key",
  /** The host's key is revoked, of a refused kind, or could not be looked up. */
  host_key_refused: "Ask the operator to check the host's key and the known_hosts files",
  /** The host is the right one, but it accepted none of the keys, passwords and answers. */
  auth_failed: "Check the user, the key and the agent, or ask the operator for access",
  /** The policy refused an access to a file. Nothing was read or written. */
  blocked_by_policy: "Do not look for another way; say what is needed and why",
  /** The path does not exist on the session's machine. */
  path_not_found: "List the directory above it, and name an existing path",
  /** The session's user may not do this at the path. */
  path_denied: "Use a path that the session's user may read or write",
  /** A file could not be read or written whole; what was there before is still there. */
  transfer_failed: "Check the space and the quota at the destination, then try again",
  /** A ceiling of the operator's is reached: sessions, command length, … */
  limit_reached: "Close what is no longer needed, or ask the operator to raise the limit",
  /** The audit log could not be written, so nothing more is run. */
  audit_failed: "Ask the operator to make the audit log writable; commands are refused until then",
  /** The runtime refused an access, such as Deno without the needed permission. */
  permission_denied: "Start the program with the permission that the message names",
  /** The machine or runtime cannot do what was asked. */
  unsupported: "See the message for what is supported here",
  /** A defect in execkit. */
  internal: "Report this with the message; open a new session to go on",
} as const;

/** One of the closed list of codes. */
export type ErrorCode = keyof typeof ERROR_HINTS;
