/**
 * Commands that run apart from sessions, on the wire: started by `session_exec`, followed and
 * signalled as the others are.
 *
 * @module
 */

import type { CallToolResult } from "@modelcontextprotocol/server";
import { monotonicMs, TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { toWire } from "../../exec_result.ts";
import { LIMITS } from "../../limits.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { CommandInput } from "../../session/command/command_keyboard.ts";
import type {
  DetachedOnMachine,
  DetachedStatus,
} from "../../session/detached/detached_commands.ts";
import { joinNotes, renderExec, renderStructured } from "../render.ts";
import type { LedgerEntry } from "../detached_ledger.ts";
import type { ToolCall, ToolContext } from "../tool.ts";
import { numbered, type ShownPart, shownPart } from "./read_output.ts";

/** Ids of detached commands; those of a session's own are a `c` and a number. */
const DETACHED_ID = /^[0-9a-f]{24}$/;
/** Characters of a command's text beside its output: enough to recognise it by. */
const TEXT_MAX_CHARS = 80;
/** Milliseconds that waiting and reading may take together; clients give up after 60 s. */
const CALL_DEADLINE_MS = LIMITS.mcpCallMaxMs + LIMITS.asideTimeoutMs;
/** Milliseconds that one wait on the machine takes, so that a cancelled call does not go on there. */
const WAIT_STEP_MS = 2000;

/**
 * Tells whether an id is that of a detached command.
 *
 * @param commandId The id.
 * @returns False for a command of a session.
 */
export function isDetachedId(commandId: string): boolean {
  return DETACHED_ID.test(commandId);
}

/**
 * Starts a command apart from its session. It has one id from then on: that by which its machine
 * knows it, since the session's own numbers start anew with the next server.
 *
 * @param context What the tools share.
 * @param sessionId The session's id.
 * @param command The command.
 * @returns The tool's answer.
 */
export async function startDetached(
  context: ToolContext,
  sessionId: string,
  command: string,
): Promise<CallToolResult> {
  const { registry } = context;
  const { transport, target } = registry.get(sessionId);
  const { detachedId, ...result } = await registry.exec(sessionId, command, { detach: true });
  if (detachedId === undefined) return renderExec(result, { notes: [] });
  context.detached.started(detachedId, registry.redact(sessionId));
  const entry = {
    id: detachedId,
    transport,
    target,
    command: shorten(result.command, (text) => registry.redact(text)),
  };
  return renderExec({ ...result, commandId: detachedId }, {
    notes: [safe`Follow it with session_read.`, await noteIn(context, entry)],
  });
}

/** The command runs by now, so that what fails here must not hide its id. */
async function noteIn(
  { ledger, detached }: ToolContext,
  entry: LedgerEntry,
): Promise<SafeText | undefined> {
  try {
    await ledger?.add(entry, () => detached.askEnded());
    return undefined;
  } catch (cause) {
    if (cause instanceof ExeckitError) return safe`${cause.detail}; keep its command_id.`;
    throw cause;
  }
}

/** What `session_read` asks of a detached command. */
export interface DetachedRead {
  /** Its id. */
  readonly id: string;
  /** Whose lines: they are numbered in each stream. */
  readonly stream: "stdout" | "stderr" | "both";
  /** The first line. Default: where the last read stopped; of a search the first there is. */
  readonly from?: number;
  /** Lines or matches at most. */
  readonly lines: number;
  /** A pattern; only lines that match it, when given. */
  readonly grep?: string;
  /** Lines around each match. */
  readonly context?: number;
  /** Milliseconds to wait for its end first. */
  readonly waitMs: number;
}

/**
 * Waits, and gives how a detached command stands and a part of its output.
 *
 * @param context What the tools share.
 * @param read What is asked for.
 * @param call The call.
 * @param notes What the call has to say.
 * @returns The tool's answer.
 */
export async function readDetached(
  context: ToolContext,
  read: DetachedRead,
  call: Pick<ToolCall, "signal">,
  notes: readonly (SafeText | undefined)[],
): Promise<CallToolResult> {
  const beganMs = monotonicMs();
  const machine = await context.detached.find(read.id);
  const status = await standing(machine, read, call.signal);
  const stream = read.stream === "stderr" ? "stderr" : "stdout";
  const leftMs = Math.max(0, beganMs + CALL_DEADLINE_MS - monotonicMs());
  const one = { ...read, stream, leftMs } as const;
  const part = read.grep === undefined
    ? await readLines(context, machine, { ...one, status }, call.signal)
    : { shown: await searchLines(machine, { ...one, grep: read.grep }) };
  return renderStructured(toWire({
    commandId: status.id,
    command: shorten(status.command, (text) => context.registry.redact(text)),
    status: status.state,
    ...(status.exitCode === undefined ? {} : { exitCode: status.exitCode }),
    ...joinNotes([otherStream(read.stream, status), part.note, ...notes]),
    ...part.shown,
  }));
}

/**
 * Signals a detached command.
 *
 * @param context What the tools share.
 * @param id Its id.
 * @param input What it is given: only a signal can be.
 * @throws {ExeckitError} `unsupported` for text and keys.
 */
export async function signalDetached(
  context: ToolContext,
  id: string,
  { text, keys, signal }: CommandInput,
): Promise<void> {
  if (signal === undefined || text !== undefined || keys !== undefined) {
    throw new ExeckitError({
      code: "unsupported",
      message: safe`Cannot type for a detached command: it has no input`,
      hint: safe`Give it a signal, or run it without detach`,
    });
  }
  const machine = await context.detached.find(id);
  await machine.signal(id, signal);
}

async function standing(
  machine: DetachedOnMachine,
  { id, waitMs }: DetachedRead,
  signal: AbortSignal,
): Promise<DetachedStatus> {
  let leftMs = waitMs;
  let status = await machine.status(id);
  while (status.state === "running" && leftMs > 0 && !signal.aborted) {
    const stepMs = Math.min(leftMs, WAIT_STEP_MS);
    status = await machine.wait(id, { waitMs: stepMs });
    leftMs -= stepMs;
  }
  return status;
}

interface OneStream extends DetachedRead {
  readonly stream: "stdout" | "stderr";
  /** Milliseconds that the reading may take. */
  readonly leftMs: number;
}

async function readLines(
  { detached }: ToolContext,
  machine: DetachedOnMachine,
  { id, stream, from, lines, leftMs, status }: OneStream & { readonly status: DetachedStatus },
  signal: AbortSignal,
): Promise<{ readonly shown: ShownPart; readonly note?: SafeText }> {
  const { place, mayBeForgotten } = detached.placeOf(status, stream);
  const page = await inTime(
    machine.lines(id, {
      stream,
      ...(from === undefined ? place : { from }),
      lines: Math.min(lines, LIMITS.mcpResultMaxLines),
      maxChars: LIMITS.mcpResultMaxChars,
    }),
    leftMs,
  );
  // What a client does not get, its next read has to give.
  if (!signal.aborted) detached.keepPlace(status, stream, page);
  return {
    shown: shownPart(page, page.text),
    ...(mayBeForgotten && from === undefined ? { note: FORGOTTEN } : {}),
  };
}

const FORGOTTEN =
  safe`These are the first lines: where old commands were read to is no longer known. Go on elsewhere with from_line.`;

async function searchLines(
  machine: DetachedOnMachine,
  { id, stream, grep, context, from, lines, leftMs }: OneStream & { readonly grep: string },
): Promise<ShownPart> {
  const page = await inTime(
    machine.search(id, {
      stream,
      pattern: grep,
      maxMatches: Math.min(lines, LIMITS.mcpResultMaxLines),
      // The line that fills the page is shown too.
      maxChars: LIMITS.mcpResultMaxChars - LIMITS.outputSearchLineChars,
      ...(context === undefined ? {} : { context }),
      ...(from === undefined ? {} : { fromLine: from }),
    }),
    leftMs,
  );
  return { ...shownPart(page, numbered(page.lines)), matches: page.matches };
}

/** The file is read from its beginning each time, which may be long ago. */
async function inTime<Page>(reading: Promise<Page>, leftMs: number): Promise<Page> {
  const page = await withDeadline(reading, leftMs);
  if (page !== TIMED_OUT) return page;
  throw new ExeckitError({
    code: "limit_reached",
    message: safe`Cannot read the output: it takes too long to come from its machine`,
    hint: safe`Look at its files there, in execkit/detached of the user's state directory`,
  });
}

/** The order of arrival over both streams is not kept, so that each is read by itself. */
function otherStream(
  asked: DetachedRead["stream"],
  { stderrBytes }: DetachedStatus,
): SafeText | undefined {
  if (asked !== "both" || stderrBytes === 0) return undefined;
  return safe`This is stdout; stderr has ${stderrBytes} bytes: read them with stream stderr.`;
}

/**
 * Shortens a command's text for a list.
 *
 * @param text The text.
 * @param redact Redacts the shorter text, which changes nothing but gives it its type.
 * @returns At most 80 characters.
 */
export function shorten(text: SafeText, redact: (text: string) => SafeText): SafeText {
  if (text.length <= TEXT_MAX_CHARS) return text;
  const start = text.slice(0, TEXT_MAX_CHARS - 1).replace(/[\uD800-\uDBFF]$/, "");
  return redact(`${start}…`);
}
