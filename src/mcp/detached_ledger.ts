/**
 * Where detached commands were started, in files that outlive the server: a server that starts later
 * can tell an agent on which machine to look.
 *
 * The truth about a command is on its machine; a file here says only where that is.
 *
 * @module
 */

import { epochMs } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import { safe, type SafeText } from "../safe_text.ts";
import type { SessionSummary } from "../session/session_registry.ts";

type TransportKind = SessionSummary["transport"];

/** A command, and where it was started. */
export interface LedgerEntry {
  /** The command's id. */
  readonly id: SafeText;
  /** The kind of machine. */
  readonly transport: TransportKind;
  /** What a person would call the machine. */
  readonly target: SafeText;
  /** The first characters of its text, redacted. */
  readonly command: SafeText;
}

/** Names of our files, so that nothing else in the directory is ever read or removed. */
const OUR_NAME = /^execkit-detached-([0-9a-f]{24})\.json$/;
/** Bytes of a file at most: an entry has a short text. */
const FILE_MAX_BYTES = 64 * 1024;
/** Entries that are read at most, the last ones started. */
const MAX_ENTRIES = 100;
/** Milliseconds that an entry is kept: longer than most commands run, shorter than for ever. */
const KEEP_MS = 30 * 24 * 60 * 60 * 1000;
const KINDS: ReadonlySet<string> = new Set<TransportKind>(["local", "ssh", "docker"]);

/** The files of one directory. */
export class DetachedLedger {
  readonly #directory: string;
  readonly #redact: (text: string) => SafeText;

  /**
   * Names the directory. It has been tried by then, and only the server's user can write to it.
   *
   * @param directory Its absolute path.
   * @param redact Redacts what is read from a file.
   */
  constructor(directory: string, redact: (text: string) => SafeText) {
    this.#directory = directory;
    this.#redact = redact;
  }

  /**
   * Notes a command.
   *
   * @param entry The command.
   * @throws {ExeckitError} `transfer_failed` when the file cannot be written.
   */
  async add(entry: LedgerEntry): Promise<void> {
    const fs = await import("node:fs/promises");
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = fs.constants;
    const path = `${this.#directory}/execkit-detached-${entry.id}.json`;
    try {
      const file = await fs.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      try {
        await file.writeFile(JSON.stringify({ ...entry, startedMs: epochMs() }));
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw new ExeckitError({
        code: "transfer_failed",
        message: safe`Cannot note where the command runs: its file cannot be written`,
        cause,
      });
    }
  }

  /**
   * Lists the commands that are noted, the last started first. What is too old is removed.
   *
   * @returns The commands.
   */
  async list(): Promise<LedgerEntry[]> {
    const fs = await import("node:fs/promises");
    const names = (await fs.readdir(this.#directory)).filter((name) => OUR_NAME.test(name));
    const read = await Promise.all(names.map((name) => this.#read(name)));
    return read.filter((entry) => entry !== undefined)
      .sort((one, other) => other.startedMs - one.startedMs)
      .slice(0, MAX_ENTRIES)
      .map(({ entry }) => entry);
  }

  /** A file that is not as this server writes it is left out: it may be of a later version. */
  async #read(name: string): Promise<{ entry: LedgerEntry; startedMs: number } | undefined> {
    const fs = await import("node:fs/promises");
    const path = `${this.#directory}/${name}`;
    let text: string;
    try {
      const stat = await fs.lstat(path);
      if (!stat.isFile() || stat.size > FILE_MAX_BYTES) return undefined;
      if (stat.mtimeMs < epochMs() - KEEP_MS) {
        await fs.unlink(path);
        return undefined;
      }
      text = await fs.readFile(path, "utf8");
    } catch (cause) {
      // Another server was faster to remove it.
      if (cause instanceof Error && "code" in cause) return undefined;
      throw cause;
    }
    return this.#entryOf(text, OUR_NAME.exec(name)?.[1] ?? "");
  }

  #entryOf(text: string, id: string): { entry: LedgerEntry; startedMs: number } | undefined {
    const { transport, target, command, startedMs } = parse(text);
    if (typeof target !== "string" || typeof command !== "string") return undefined;
    if (!isKind(transport) || typeof startedMs !== "number") return undefined;
    const redact = this.#redact;
    return {
      entry: { id: redact(id), transport, target: redact(target), command: redact(command) },
      startedMs,
    };
  }
}

function isKind(value: unknown): value is TransportKind {
  return typeof value === "string" && KINDS.has(value);
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    // Its members are looked at one by one.
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch (cause) {
    if (cause instanceof SyntaxError) return {};
    throw cause;
  }
}
