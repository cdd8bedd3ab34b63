/**
 * Reads the client configuration for one host: `Host`, `Match` and `Include` as ssh(1) takes them.
 *
 * @module
 */

import { realpath } from "node:fs/promises";
import { safe, type SafeText } from "../../safe_text.ts";
import { invalidConfig } from "./config_errors.ts";
import { expandGlob } from "./config_glob.ts";
import { canonicalKeyword, keywordName, keywordUse } from "./config_keywords.ts";
import { type ConfigLine, readConfigLines } from "./config_lines.ts";
import { matchesCriteria, type MatchSubject } from "./config_match.ts";
import { ConfigValues } from "./config_values.ts";
import { matchesPatterns } from "./host_patterns.ts";
import { localUserId, refusedByRuntime } from "./local_user.ts";
import { readSmallFile } from "./safe_files.ts";

/** Bytes of a configuration file at most. */
const FILE_MAX_BYTES = 1024 * 1024;
/** Files read for one host at most. */
const FILES_MAX = 256;
/** Files inside files at most, as in OpenSSH. */
const DEPTH_MAX = 16;
const OTHERS_WRITE = 0o022;

const MAIN_FILE = safe`the SSH client configuration`;
const INCLUDED_FILE = safe`a file that the SSH client configuration includes`;

/** Which host is looked up, in one pass over the files. */
export interface ConfigPass extends MatchSubject {
  /** What `Host` lines are compared with. */
  readonly host: string;
}

/** Reads the files of one lookup. Each is read once, however often it is gone through. */
export class ConfigReader {
  /** What was found so far. */
  readonly values: ConfigValues = new ConfigValues();
  /** What was passed over, for a log. */
  readonly notes: Set<SafeText> = new Set();
  /** Whether a `Match final` asks for a second pass. */
  wantsFinalPass = false;
  readonly #includeBase: () => string;
  readonly #files = new Map<string, readonly ConfigLine[]>();

  /**
   * Makes a reader.
   *
   * @param includeBase Gives the directory that relative includes are in, when there is one.
   */
  constructor(includeBase: () => string) {
    this.#includeBase = includeBase;
  }

  /**
   * Goes through the configuration once.
   *
   * @param path The file's absolute path.
   * @param pass Which host is looked up.
   * @throws {ExeckitError} `invalid_config`, or `permission_denied` under Deno.
   */
  async pass(path: string, pass: ConfigPass): Promise<void> {
    const lines = await this.#read(path, MAIN_FILE);
    if (lines !== undefined) await this.#apply(lines, pass, [await realpath(path)]);
  }

  async #apply(
    lines: readonly ConfigLine[],
    pass: ConfigPass,
    files: readonly string[],
  ): Promise<void> {
    let active = true;
    for (const { keyword, words, number } of lines) {
      if (keyword === "host") active = matchesPatterns(words, pass.host);
      else if (keyword === "match") active = this.#matches(words, pass, number);
      else if (!active) continue;
      else if (keyword === "include") await this.#include(words, pass, files);
      else this.#take(keyword, words, number);
    }
  }

  #matches(words: readonly string[], pass: ConfigPass, number: number): boolean {
    const matched = matchesCriteria(words, pass, this.values);
    if (matched.kind === "broken") {
      throw invalidConfig(safe`Line ${number} has a 'Match' with criteria that are not known`);
    }
    if (matched.wantsFinalPass) this.wantsFinalPass = true;
    if (matched.skipped !== undefined) {
      this.notes.add(
        safe`'Match ${matched.skipped}' of the SSH client configuration is never true here`,
      );
    }
    return matched.kind === "true";
  }

  #take(keyword: string, words: readonly string[], number: number): void {
    const use = keywordUse(keyword);
    if (use === "read" || use === "refused") return this.values.add(keyword, words);
    if (use === "noted") {
      this.notes.add(safe`'${keywordName(keyword)}' of the SSH client configuration is not used`);
    } else if (use === undefined && !this.#isIgnorable(keyword)) {
      throw invalidConfig(
        safe`Line ${number} of the SSH client configuration has a keyword that is not known`,
      );
    }
  }

  /** `IgnoreUnknown` counts from where it stands. */
  #isIgnorable(keyword: string): boolean {
    const patterns = this.values.word("ignoreunknown")?.toLowerCase().split(",") ?? [];
    return matchesPatterns(patterns, canonicalKeyword(keyword));
  }

  async #include(
    words: readonly string[],
    pass: ConfigPass,
    files: readonly string[],
  ): Promise<void> {
    if (files.length >= DEPTH_MAX) {
      throw invalidConfig(safe`The SSH client configuration includes more than ${DEPTH_MAX} deep`);
    }
    for (const word of words) {
      for (const path of await expandGlob(word, this.#includeBase)) {
        const lines = await this.#read(path, INCLUDED_FILE);
        if (lines === undefined) continue;
        const real = await realpath(path);
        if (files.includes(real)) {
          throw invalidConfig(safe`A file of the SSH client configuration includes itself`);
        }
        await this.#apply(lines, pass, [...files, real]);
      }
    }
  }

  async #read(path: string, file: SafeText): Promise<readonly ConfigLine[] | undefined> {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    if (this.#files.size >= FILES_MAX) {
      throw invalidConfig(safe`The SSH client configuration has more than ${FILES_MAX} files`);
    }
    const text = await readConfigText(path, file);
    if (text === undefined) return undefined;
    const lines = readConfigLines(text, file);
    this.#files.set(path, lines);
    return lines;
  }
}

async function readConfigText(path: string, file: SafeText): Promise<string | undefined> {
  const read = await readSmallFile(path, { maxBytes: FILE_MAX_BYTES, links: "follow" });
  if (read.kind === "missing") return undefined;
  if (read.kind === "fault") {
    if (read.fault === "runtime") {
      throw refusedByRuntime(
        safe`Cannot read ${file}`,
        safe`Start Deno with --allow-read for it, or set 'configFile' to false`,
        read.cause,
      );
    }
    throw invalidConfig(safe`Cannot read ${file}`, read.cause);
  }
  const own = localUserId();
  const foreign = own !== undefined && read.uid !== own && read.uid !== 0;
  // As ssh(1): whoever else can write here could send every connection elsewhere.
  if ((read.mode & OTHERS_WRITE) !== 0 || foreign) {
    throw invalidConfig(safe`Others than its owner can write ${file}, or it is another user's`);
  }
  return new TextDecoder().decode(read.bytes);
}
