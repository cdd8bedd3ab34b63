/**
 * Audit sinks without a file: one that feeds several others, and one that keeps events in memory.
 *
 * @module
 */

import { safe } from "../safe_text.ts";
import type { AuditEvent, AuditSink } from "./audit_event.ts";
import { auditFailure } from "./audit_failure.ts";

/** A sink whose events can be read back. */
export interface MemoryAudit extends AuditSink {
  /** The events so far, oldest first. It grows without bound: for tests and short-lived use. */
  readonly events: readonly AuditEvent[];
}

/**
 * Makes one sink of several. Each gets every event, also when another one fails.
 *
 * @param sinks The sinks; closing the fan closes them all.
 * @returns A sink that fails with `audit_failed` when any of them failed.
 */
export function fanOut(sinks: readonly AuditSink[]): AuditSink {
  return {
    async record(event) {
      await settleAll(sinks.map(async (sink) => await sink.record(event)));
    },
    async [Symbol.asyncDispose]() {
      await settleAll(sinks.map(async (sink) => await sink[Symbol.asyncDispose]()));
    },
  };
}

async function settleAll(steps: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(steps);
  const failed = outcomes.filter((outcome) => outcome.status === "rejected");
  if (failed.length === 0) return;
  throw auditFailure(
    safe`${failed.length} of ${outcomes.length} audit sinks failed`,
    new AggregateError(failed.map((outcome) => outcome.reason)),
  );
}

/**
 * Makes a sink that keeps events in memory.
 *
 * @returns The sink and its events.
 */
export function memoryAudit(): MemoryAudit {
  const events: AuditEvent[] = [];
  return {
    events,
    record(event) {
      events.push(event);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
