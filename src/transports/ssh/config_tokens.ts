/**
 * What stands for something else in values of the client configuration: `%h`, `${HOME}`, `~`
 * (ssh_config(5), TOKENS and ENVIRONMENT VARIABLES).
 *
 * @module
 */

import { isAbsolute, join, resolve } from "node:path";
import type { ExeckitError } from "../../errors.ts";
import { isVariableName } from "../../option_checks.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { invalidConfig } from "./config_errors.ts";
import {
  environmentValue,
  homeDirectory,
  localHostName,
  localUserId,
  localUserName,
} from "./local_user.ts";

/** What is known of a host when its values are expanded. */
export interface TokenSubject {
  /** What the caller called the host: `%n`. */
  readonly alias: string;
  /** The name to connect to: `%h`. */
  readonly hostName: string;
  /** The port: `%p`. */
  readonly port: number;
  /** The user to log in as: `%r`. */
  readonly user: string;
  /** `HostKeyAlias`, else what the caller called the host: `%k`. */
  readonly hostKeyAlias: string | undefined;
}

/** Tokens of `HostName`. */
export const HOST_NAME_TOKENS = "h";
/** Tokens of `ProxyJump`. */
export const JUMP_TOKENS = "hnpr";
/** Tokens of paths, but for `%C` and `%j`, whose meaning differs between versions of OpenSSH. */
const PATH_TOKENS = "dhiklLnpru";

/** What is more than a name in a path. */
const LEADS_AWAY = /\/|^\.{1,2}$/;

/**
 * Replaces tokens; `%%` is a percent sign.
 *
 * @param text The value.
 * @param tokens The letters that may stand here.
 * @param subject What they stand for.
 * @returns The value with its tokens replaced.
 * @throws {ExeckitError} `invalid_config` for another letter.
 */
export function expandTokens(text: string, tokens: string, subject: TokenSubject): string {
  return text.replaceAll(/%(.?)/gsu, (_whole, letter: string) => {
    if (letter === "%") return "%";
    if (letter === "" || !tokens.includes(letter)) {
      throw unusable(safe`a value has a '%' token that is not known there`);
    }
    return valueOf(letter, subject);
  });
}

function valueOf(letter: string, subject: TokenSubject): string {
  switch (letter) {
    case "d":
      return homeDirectory();
    case "h":
      return subject.hostName;
    case "i":
      return userId();
    case "k":
      return subject.hostKeyAlias ?? subject.alias;
    case "l":
      return localHostName();
    case "L":
      return localHostName().split(".")[0] ?? "";
    case "n":
      return subject.alias;
    case "p":
      return String(subject.port);
    case "r":
      return subject.user;
    default:
      return localUserName();
  }
}

function userId(): string {
  const id = localUserId();
  if (id === undefined) throw unusable(safe`the local user's number is not known`);
  return String(id);
}

/**
 * Makes a path of a value absolute: variables, then `~`, then tokens.
 *
 * @param value The value.
 * @param subject What tokens stand for.
 * @param base The directory that relative paths are in.
 * @returns An absolute path.
 * @throws {ExeckitError} `invalid_config`.
 */
export function expandPath(value: string, subject: TokenSubject, base: string): string {
  if (/^~[^/]/.test(value)) {
    throw unusable(
      safe`a path begins with '~' and a user's name, which is not looked up here`,
    );
  }
  const rooted = value.startsWith("~") ? join(homeDirectory(), value.slice(1)) : value;
  // The caller may name any user, but not choose a file by it.
  if (LEADS_AWAY.test(subject.user) && rooted.replaceAll("%%", "").includes("%r")) {
    throw unusable(safe`a path has the token %r, and the user's name would lead elsewhere`);
  }
  // In one go, so that what a variable or a token holds is not looked through again.
  const expanded = rooted.replaceAll(
    /\$\{([^}]*)\}|%.?/gsu,
    (whole, name: string | undefined) =>
      name === undefined ? expandTokens(whole, PATH_TOKENS, subject) : variable(name),
  );
  if (expanded.includes("\0")) throw unusable(safe`a path has a NUL character`);
  return isAbsolute(expanded) ? resolve(expanded) : join(base, expanded);
}

/**
 * The value of an environment variable that the configuration names.
 *
 * @param name Its name.
 * @returns Its value.
 * @throws {ExeckitError} `invalid_config` when it is not set, as ssh(1).
 */
export function variable(name: string): string {
  const value = isVariableName(name) ? environmentValue(name) : undefined;
  if (value !== undefined) return value;
  throw unusable(safe`a value names an environment variable that is not set or not readable`);
}

function unusable(message: SafeText): ExeckitError {
  return invalidConfig(safe`Cannot use the SSH client configuration: ${message}`);
}
