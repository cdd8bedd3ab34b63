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
import { LIMITS } from "../limits.ts";
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

/** Finds out which of the commands that are noted have ended. */
type AskEnded = () => Promise<(entry: LedgerEntry) => Promise<boolean>>;

const noneEnded = () => Promise.resolve(false);

/** Names of our files, so that nothing else in the directory is ever read or removed. */
const OUR_NAME = /^execkit-detached-([0-9a-f]{24})\.json$/;
/** Bytes of a file at most: an entry has a short text. */
const FILE_MAX_BYTES = 64 * 1024;
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
   * Notes a command. Where there are too many, the oldest that have ended are removed.
   *
   * @param entry The command.
   * @param askEnded Finds out which commands have ended. Default: of none it is known.
   * @throws {ExeckitError} `transfer_failed` when the file cannot be written, `limit_reached` when
   *   there are too many that may be running.
   */
  async add(
    entry: LedgerEntry,
    askEnded: AskEnded = () => Promise.resolve(noneEnded),
  ): Promise<void> {
    const fs = await import("node:fs/promises");
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = fs.constants;
    const path = this.#path(entry.id);
    try {
      await this.#makeRoom(askEnded);
      const file = await fs.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      try {
        await file.writeFile(JSON.stringify({ ...entry, startedMs: epochMs() }));
      } finally {
        await file.close();
      }
    } catch (cause) {
      if (cause instanceof ExeckitError) throw cause;
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
    const all: { entry: LedgerEntry; startedMs: number }[] = [];
    for (let at = 0; at < names.length; at += LIMITS.detachedNotesAtOnce) {
      const some = names.slice(at, at + LIMITS.detachedNotesAtOnce);
      const read = await Promise.all(some.map((name) => this.#read(name)));
      all.push(...read.filter((entry) => entry !== undefined));
    }
    return all.sort((one, other) => other.startedMs - one.startedMs).map(({ entry }) => entry);
  }

  /** A command that may still run is not struck: nobody would find it again. */
  async #makeRoom(askEnded: AskEnded): Promise<void> {
    const fs = await import("node:fs/promises");
    const noted = (await fs.readdir(this.#directory)).filter((name) => OUR_NAME.test(name)).length;
    if (noted < LIMITS.detachedNoted) return;
    const entries = await this.list();
    let left = entries.length;
    if (left < LIMITS.detachedNoted) return;
    const hasEnded = await askEnded();
    for (const entry of entries.reverse()) {
      if (!await hasEnded(entry)) continue;
      await fs.rm(this.#path(entry.id), { force: true });
      left--;
      if (left < LIMITS.detachedNoted) return;
    }
    throw new ExeckitError({
      code: "limit_reached",
      message: safe`Cannot note where the command runs: ${left} are noted that may be running`,
    });
  }

  #path(id: string): string {
    return `${this.#directory}/execkit-detached-${id}.json`;
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
