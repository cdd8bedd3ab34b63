/**
 * Paths among the SSH options: checked, `~` expanded, made absolute, and looked at by nobody yet.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { LIMITS } from "../../limits.ts";
import { invalidArgument } from "../../option_checks.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { homeDirectory, isNotCapable, refusedByRuntime } from "./local_user.ts";

/** Files of known hosts at most: far more than anybody keeps. */
const FILES_MAX = 16;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Reads paths; it asks for the home directory at most once, and only when one needs it. */
export class PathReader {
  #home: string | undefined;

  /**
   * The local user's home.
   *
   * @returns An absolute path.
   * @throws {ExeckitError} `permission_denied` when Deno does not allow to know it.
   */
  home(): string {
    return this.#home ??= homeDirectory();
  }

  /**
   * Reads a path.
   *
   * @param path What was given.
   * @param name The option's name.
   * @returns An absolute path without `.` and `..`.
   * @throws {ExeckitError} `invalid_argument`.
   */
  read(path: unknown, name: SafeText): string {
    const text = requirePathText(path, name);
    if (text === "~" || text.startsWith("~/")) return join(this.home(), text.slice(1));
    if (text.startsWith("~")) {
      throw invalidArgument(safe`'${name}' must not begin with '~' and a user's name`);
    }
    try {
      return resolve(text);
    } catch (error) {
      if (!isNotCapable(error)) throw error;
      throw refusedByRuntime(
        safe`Cannot make '${name}' absolute`,
        safe`Give an absolute path, or start Deno with --allow-read`,
        error,
      );
    }
  }

  /**
   * Reads an optional path that may be switched off.
   *
   * @param path What was given.
   * @param name The option's name.
   * @returns An absolute path, `false`, or undefined when nothing was given.
   * @throws {ExeckitError} `invalid_argument`.
   */
  readOrFalse(path: unknown, name: SafeText): string | false | undefined {
    return path === undefined || path === false ? path : this.read(path, name);
  }

  /**
   * Reads an optional list of paths.
   *
   * @param list What was given.
   * @param name The option's name.
   * @returns Absolute paths, or undefined when nothing was given.
   * @throws {ExeckitError} `invalid_argument`.
   */
  readList(list: unknown, name: SafeText): readonly string[] | undefined {
    if (list === undefined) return undefined;
    if (!Array.isArray(list) || list.length > FILES_MAX) {
      throw invalidArgument(safe`'${name}' must be a list of at most ${FILES_MAX} paths`);
    }
    return list.map((path: unknown) => this.read(path, name));
  }

  /**
   * Reads the optional path of a key, which is relative to the key directory and stays in it.
   *
   * @param path What was given.
   * @param keyDirectory The key directory, absolute.
   * @returns An absolute path, or undefined when nothing was given.
   * @throws {ExeckitError} `invalid_argument`.
   */
  readKey(path: unknown, keyDirectory: string): string | undefined {
    if (path === undefined) return undefined;
    const text = requirePathText(path, safe`keyPath`);
    if (text.split("/").includes("..")) {
      throw invalidArgument(safe`'keyPath' must not contain '..'`);
    }
    const absolute = text.startsWith("~") ? this.read(text, safe`keyPath`) : text;
    // An absolute path replaces the directory here; whether it lies inside is seen by real path.
    return resolve(keyDirectory, absolute);
  }
}

function requirePathText(path: unknown, name: SafeText): string {
  if (typeof path !== "string") throw invalidArgument(safe`'${name}' must be a path`);
  if (path === "") throw invalidArgument(safe`'${name}' must not be empty`);
  if (path.includes("\0") || LONE_SURROGATE.test(path)) {
    throw invalidArgument(safe`'${name}' must be well-formed text without NUL characters`);
  }
  if (path.length > LIMITS.pathMaxBytes) {
    throw invalidArgument(safe`'${name}' must have at most ${LIMITS.pathMaxBytes} characters`);
  }
  return path;
}
