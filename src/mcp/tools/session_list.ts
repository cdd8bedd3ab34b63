/**
 * The tool `session_list`.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import type { WireValue } from "../../exec_result.ts";
import { toWire } from "../../exec_result.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { LIMITS } from "../../limits.ts";
import { machineName } from "../../session/registered_detached.ts";
import type {
  ClosedSessionSummary,
  CommandSummary,
  SessionRegistry,
  SessionSummary,
} from "../../session/session_registry.ts";
import type { JsonSchema } from "../arguments.ts";
import { joinNotes, renderStructured, type StructuredContent } from "../render.ts";
import { defineTool, type Tool, type ToolContext } from "../tool.ts";
import { shorten } from "./detached_command.ts";

interface SessionListArguments {
  readonly session_id?: string;
  readonly cursor?: string;
}

/** Sessions on a page. */
const PAGE_SIZE = 20;
/** Closed sessions shown: the last ones. */
const CLOSED_IN_OVERVIEW = 5;
/** Commands shown of each session when the list is of all of them. */
const COMMANDS_IN_OVERVIEW = 3;

const INPUT_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    session_id: { type: "string", description: "Only this session, with more history" },
    cursor: { type: "string", description: "next_cursor of the page before" },
  },
  additionalProperties: false,
};

const COMMAND: JsonSchema = {
  type: "object",
  properties: {
    command_id: { type: "string" },
    command: { type: "string" },
    status: { type: "string" },
    exit_code: { type: "integer" },
    lines: { type: "integer" },
    running_s: { type: "integer" },
  },
  required: ["command_id", "command", "status"],
};

const OUTPUT_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    // Without a session_id no session is open on the machine: what is known of it is in a file.
    detached: {
      type: "array",
      items: {
        type: "object",
        properties: {
          command_id: { type: "string" },
          command: { type: "string" },
          transport: { type: "string" },
          target: { type: "string" },
          session_id: { type: "string" },
          status: { type: "string" },
          exit_code: { type: "integer" },
        },
        required: ["command_id", "command", "transport", "target"],
      },
    },
    // Apart from the sessions, so that nobody takes one for open.
    closed_sessions: {
      type: "array",
      items: {
        type: "object",
        properties: { session_id: { type: "string" }, commands: { type: "array", items: COMMAND } },
        required: ["session_id", "commands"],
      },
    },
    sessions: {
      type: "array",
      items: {
        type: "object",
        properties: {
          session_id: { type: "string" },
          transport: { type: "string" },
          target: { type: "string" },
          cwd: { type: "string" },
          idle_s: { type: "integer" },
          commands: { type: "array", items: COMMAND },
        },
        required: ["session_id", "transport", "target", "cwd", "idle_s", "commands"],
      },
    },
    next_cursor: { type: "string" },
    note: { type: "string" },
  },
  required: ["sessions"],
};

/**
 * Makes the tool.
 *
 * @param context What the tools share.
 * @returns The tool.
 */
export function sessionListTool(context: ToolContext): Tool {
  return defineTool<SessionListArguments>({
    name: "session_list",
    title: "List sessions",
    description: "List open sessions with their running and recent commands, to find a " +
      "session_id or command_id again. Of closed_sessions only the output is left. To read a " +
      "detached command, have a session open on its target.",
    inputSchema: INPUT_SCHEMA,
    outputSchema: OUTPUT_SCHEMA,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    run: async (args) => {
      await context.registry.look();
      const page = listPage(context.registry, args);
      if (!isOverview(args)) return renderStructured(page);
      // They belong to no page and no session.
      const { note, ...detached } = await detachedPart(context);
      const isEmpty = context.registry.list().length === 0;
      return renderStructured({
        ...page,
        ...detached,
        ...joinNotes([isEmpty ? NO_SESSION : undefined, note]),
      });
    },
  }, context);
}

function listPage(registry: SessionRegistry, args: SessionListArguments): StructuredContent {
  if (args.session_id !== undefined) return listOne(registry, args.session_id);
  const after = readCursor(args.cursor);
  const rest = registry.list().filter((session) => sessionNumber(session.sessionId) > after);
  const page = rest.slice(0, PAGE_SIZE);
  const last = page.at(-1);
  return {
    sessions: page.map((session) => describeSession(session, COMMANDS_IN_OVERVIEW)),
    // They belong to no page, so the first one has them.
    ...(after === 0 ? closedPart(registry.listClosed().slice(0, CLOSED_IN_OVERVIEW)) : {}),
    ...(last === undefined || rest.length === page.length
      ? {}
      : { next_cursor: String(sessionNumber(last.sessionId)) }),
  };
}

function listOne(registry: SessionRegistry, sessionId: string): StructuredContent {
  const closed = registry.listClosed().filter((session) => session.sessionId === sessionId);
  if (closed.length > 0) return { sessions: [], ...closedPart(closed, LIMITS.recentCommands) };
  // Fails with the ids that there are, when there is none like this.
  registry.get(sessionId);
  const one = registry.list().filter((session) => session.sessionId === sessionId);
  return { sessions: one.map((session) => describeSession(session, session.commands.length)) };
}

function closedPart(
  closed: readonly ClosedSessionSummary[],
  maxCommands: number = COMMANDS_IN_OVERVIEW,
): { readonly closed_sessions?: WireValue } {
  if (closed.length === 0) return {};
  return {
    closed_sessions: closed.map(({ sessionId, commands }) => ({
      session_id: sessionId,
      commands: commands.slice(0, maxCommands).map(describeCommand),
    })),
  };
}

function isOverview({ session_id, cursor }: SessionListArguments): boolean {
  return session_id === undefined && cursor === undefined;
}

async function detachedPart(
  { detached, ledger, registry }: ToolContext,
): Promise<{ readonly detached?: WireValue; readonly note?: SafeText }> {
  const { commands, machines } = await detached.list();
  // What a machine that answered does not know is gone.
  const elsewhere = (await ledger?.list() ?? []).filter((entry) =>
    !machines.has(machineName(entry))
  );
  const running = commands.filter(({ status }) => status.state === "running").length;
  // Running ones come first, and are not left out for others.
  const most = Math.max(LIMITS.detachedListed, Math.min(running, LIMITS.detachedListedMax));
  const hidden = Math.max(0, commands.length - most) +
    Math.max(0, elsewhere.length - LIMITS.detachedListed);
  const listed = [
    ...commands.slice(0, most).map(({ sessionId, transport, target, status }) => ({
      commandId: status.id,
      command: shorten(status.command, (text) => registry.redact(text)),
      transport,
      target,
      sessionId,
      status: status.state,
      ...(status.exitCode === undefined ? {} : { exitCode: status.exitCode }),
    })),
    ...elsewhere.slice(0, LIMITS.detachedListed).map(({ id, ...where }) => ({
      commandId: id,
      ...where,
    })),
  ];
  if (listed.length === 0) return {};
  return {
    detached: listed.map(toWire),
    ...(hidden === 0 ? {} : { note: hiddenNote(hidden, Math.max(0, running - most)) }),
  };
}

const NO_SESSION = safe`No session is open: session_create opens one.`;

function hiddenNote(hidden: number, running: number): SafeText {
  const some = running === 0 ? safe`` : safe`, ${running} of them running`;
  return safe`${hidden} more detached commands are not shown${some}: session_read takes their command_id, and their files are in execkit/detached of the user's state directory on their machine.`;
}

/** Ids start with a number that only grows, so a page has its place even when sessions close. */
function sessionNumber(sessionId: string): number {
  return Number.parseInt(sessionId, 10);
}

function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new ExeckitError({
    code: "invalid_argument",
    message: safe`Cannot use the cursor: it is none that session_list gave`,
    hint: safe`Give next_cursor of the page before, or leave it out to start again`,
  });
}

function describeSession(session: SessionSummary, maxCommands: number): WireValue {
  const { idleMs, commands, ...described } = session;
  return {
    ...toWire(described),
    idle_s: Math.floor(idleMs / 1000),
    commands: commands.slice(0, maxCommands).map(describeCommand),
  };
}

function describeCommand({ runningMs, ...described }: CommandSummary): WireValue {
  return {
    ...toWire(described),
    ...(runningMs === undefined ? {} : { running_s: Math.floor(runningMs / 1000) }),
  };
}
