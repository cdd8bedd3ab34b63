/**
 * Output as resources: of a command, and of all commands of a session. For clients that show
 * resources to people; `session_read` gives every byte of them too.
 *
 * @module
 */

import {
  type McpServer,
  ResourceNotFoundError,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { EMPTY_SAFE_TEXT, safe, type SafeText } from "../safe_text.ts";
import type { RegisteredCommand } from "../session/registered_command.ts";
import type { SessionRegistry } from "../session/session_registry.ts";
import type { ToolContext } from "./tool.ts";

/** Characters of a resource at most: no client shows more to a person. */
const RESOURCE_MAX_CHARS = 1_000_000;
/** Characters of each command in a transcript at most. */
const TRANSCRIPT_COMMAND_MAX_CHARS = 100_000;
const TEXT_TYPE = "text/plain";

/**
 * Registers the resources.
 *
 * @param server The server.
 * @param context The sessions, and who hears of defects.
 */
export function registerResources(
  server: McpServer,
  { registry, reportDefect }: Pick<ToolContext, "registry" | "reportDefect">,
): void {
  server.registerResource(
    "command_output",
    new ResourceTemplate("execkit://commands/{id}/output", {
      list: () => ({ resources: listOutputs(registry) }),
    }),
    { title: "Output of a command", mimeType: TEXT_TYPE },
    ({ href }, { id }) => answer(href, () => outputOf(registry, String(id)), reportDefect),
  );
  server.registerResource(
    "session_transcript",
    new ResourceTemplate("execkit://sessions/{id}/transcript", {
      list: () => ({ resources: listTranscripts(registry) }),
    }),
    { title: "Commands of a session and their output", mimeType: TEXT_TYPE },
    ({ href }, { id }) =>
      answer(href, () => transcriptOf(registry, decodeId(String(id))), reportDefect),
  );
}

interface ListedResource {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  [key: string]: unknown;
}

function listOutputs(registry: SessionRegistry): ListedResource[] {
  return registry.commands().filter((command) => command.hold() !== undefined).map((command) => ({
    uri: `execkit://commands/${command.id}/output`,
    name: `${command.id} output`,
    title: command.shortText,
  }));
}

function listTranscripts(registry: SessionRegistry): ListedResource[] {
  const open = registry.list().map(({ sessionId }) => sessionId);
  const closed = registry.listClosed().map(({ sessionId }) => sessionId);
  return [...open, ...closed].map((id) => ({
    uri: `execkit://sessions/${encodeURIComponent(id)}/transcript`,
    name: `${id} transcript`,
    title: `Session ${id}`,
  }));
}

async function answer(
  uri: string,
  read: () => Promise<SafeText>,
  reportDefect: ToolContext["reportDefect"],
): Promise<{ contents: { uri: string; mimeType: string; text: string }[] }> {
  try {
    return { contents: [{ uri, mimeType: TEXT_TYPE, text: await read() }] };
  } catch (cause) {
    const isUnknown = cause instanceof ExeckitError &&
      (cause.code === "unknown_command" || cause.code === "unknown_session");
    if (isUnknown) throw new ResourceNotFoundError(uri, cause.message);
    if (!(cause instanceof ExeckitError)) reportDefect(cause);
    // The text of a foreign error has not been through the redactor, so it stays here.
    throw new Error(cause instanceof ExeckitError ? cause.message : "Cannot read the resource");
  }
}

async function outputOf(registry: SessionRegistry, id: string): Promise<SafeText> {
  return await boundedOutput(registry.command(id), RESOURCE_MAX_CHARS);
}

async function transcriptOf(registry: SessionRegistry, sessionId: string): Promise<SafeText> {
  const commands = registry.commands(sessionId);
  // Fails with the ids that there are, when there is none like this.
  if (commands.length === 0) registry.get(sessionId);
  let text = EMPTY_SAFE_TEXT;
  for (const command of commands) {
    await command.look();
    const left = RESOURCE_MAX_CHARS - text.length;
    if (left <= 0) return safe`${text}... ${command.id} and later commands: see session_list ...\n`;
    const maxChars = Math.min(left, TRANSCRIPT_COMMAND_MAX_CHARS);
    text = safe`${text}${await transcriptPart(command, maxChars)}`;
  }
  return text;
}

async function transcriptPart(command: RegisteredCommand, maxChars: number): Promise<SafeText> {
  const { id, text } = command;
  const output = command.hold() === undefined
    ? EMPTY_SAFE_TEXT
    : await boundedOutput(command, maxChars);
  const whole = output === "" || output.endsWith("\n") ? output : safe`${output}\n`;
  const { status, exitCode } = command.summary;
  const end = exitCode === undefined
    ? STATUS_WORDS[status]
    : safe`${STATUS_WORDS[status]} ${exitCode}`;
  return safe`[${id}] $ ${text}\n${whole}[${id}] ${end}\n`;
}

/** Statuses are execkit's own words. */
const STATUS_WORDS = {
  exited: safe`exited`,
  running: safe`running`,
  waiting_for_input: safe`waiting_for_input`,
  timed_out: safe`timed_out`,
  interrupted: safe`interrupted`,
  blocked: safe`blocked`,
  needs_approval: safe`needs_approval`,
  lost: safe`lost`,
} as const;

async function boundedOutput(command: RegisteredCommand, maxChars: number): Promise<SafeText> {
  const page = await command.require().read({
    stream: "both",
    lines: LIMITS.budgetMaxLines,
    // A page has room for a character at least.
    maxChars: Math.max(maxChars, 100),
  });
  if (page.nextLine === undefined) return page.text;
  const text = page.text.endsWith("\n") ? page.text : safe`${page.text}\n`;
  return safe`${text}... session_read has the rest, from line ${page.nextLine} of ${page.totalLines} on ...\n`;
}

/** An id that cannot be decoded is none of ours. */
function decodeId(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
