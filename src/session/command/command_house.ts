/**
 * What a session lends to a handle of one of its commands.
 *
 * @module
 */

import type { AuditEvent } from "../../audit/audit_event.ts";
import type { Redactor } from "../../output/redactor.ts";
import type { Policy, PolicyPlace } from "../../policy/policy.ts";
import type { ProbedSession } from "../../shell/probe/probe_command.ts";

/** What a session lends to a handle of one of its commands. */
export interface CommandHouse {
  /** Takes secrets out. */
  readonly redactor: Redactor;
  /** Judges what is typed. */
  readonly policy: Policy;
  /** Where it would be typed. */
  readonly place: () => PolicyPlace;
  /** The processes of the session's present shell. */
  readonly session: () => ProbedSession;
  /** Whether the session has a terminal. */
  readonly hasTerminal: () => boolean;
  /** Whether a command is the one that runs in the session now. */
  readonly isForeground: (commandId: string) => boolean;
  /** Records what was typed; the common members are filled in. */
  readonly record: (event: InputEventParts) => Promise<void>;
}

/** What an audit event of input says. */
export type InputEventParts = Omit<
  Extract<AuditEvent, { readonly event: "input" }>,
  "ts" | "session" | "transport"
>;
