/**
 * Paths as rules see them: absolute where that is known, and whether they lie in a folder.
 *
 * @module
 */

import type { Argument } from "../shell_text/argument.ts";
import { normalizePath } from "../shell_text/written_files.ts";
import type { Certainty } from "./certainty.ts";

/** A path, as far as it is known. */
export interface KnownPath {
  /** The normalized path: absolute, from `~`, or relative when the working directory is not known. */
  readonly text: string;
  /** True when nothing of it is expanded but a home directory. */
  readonly isWhole: boolean;
  /** True when the start is known, so that the folder it lies in can be told. */
  readonly isRooted: boolean;
}

/**
 * Resolves an argument as a path.
 *
 * @param argument The argument.
 * @param cwd The working directory, if known.
 * @returns The path; what is expanded in it is cut off at the last known folder.
 */
export function resolvePath(argument: Argument, cwd: string | undefined): KnownPath {
  const { shape } = argument;
  const unknown = shape.search(/[\0*?[{]|[@+!]\(/);
  const isWhole = unknown < 0;
  const hasParent = !isWhole &&
    shape.slice(shape.lastIndexOf("/", unknown) + 1).split("/").some(mayBeParent);
  if (unknown === 0 && shape.startsWith("\0")) {
    return { text: shape, isWhole: false, isRooted: false };
  }
  const head = isWhole ? shape : shape.slice(0, shape.lastIndexOf("/", unknown) + 1);
  const text = normalizePath(head, cwd);
  // An expanded part can hold slashes and `..`.
  const isFree = shape.includes("\0") || hasParent || mayBeElsewhere(shape);
  return { text, isWhole, isRooted: /^[~/]/.test(text) && !isFree };
}

/** Whether a part between slashes may expand to `..`; braces may cut it in pieces. */
function mayBeParent(part: string): boolean {
  // Older shells give `..` for `.*`.
  if (part === ".." || /^\.(?:[.*?]+$|[[@+!?*])/.test(part)) return true;
  if (/[@+!?*]\(/.test(part)) return part.includes(".");
  if (!/[{},]/.test(part)) return false;
  const dots = part.split(/[{},]/).filter((piece) => /^[.*?]+$/.test(piece)).join("");
  return dots.includes("..") || (dots.includes(".") && dots.length > 1);
}

/** Whether a path's start may become an absolute one: `{x,/etc}`, `{,x}/etc`, `~{root,x}`. */
function mayBeElsewhere(shape: string): boolean {
  if (/^~[^/]*[*?[{]/.test(shape)) return true;
  return shape.startsWith("{") && /[{,](?:[/~},]|$)/.test(shape);
}

/**
 * Tells whether a path lies in one of some folders, or is one.
 *
 * @param path The path.
 * @param folders Absolute folders.
 * @returns Whether it does.
 */
export function isInside(path: KnownPath, folders: readonly string[]): Certainty {
  if (!path.isRooted || path.text.startsWith("~")) return "maybe";
  const holds = folders.some((folder) =>
    path.text === folder || path.text.startsWith(folder === "/" ? "/" : `${folder}/`)
  );
  return holds ? "yes" : "no";
}

/** Devices that hold no data. */
const HARMLESS_DEVICE = /^\/dev\/(?:null|zero|full|tty|stdin|stdout|stderr|fd\/\d+)$/;

/**
 * Tells whether a path is a device to which writing is harmless.
 *
 * @param argument The path.
 * @returns True when it is.
 */
export function isHarmlessDevice(argument: Argument): boolean {
  return argument.value !== undefined &&
    HARMLESS_DEVICE.test(normalizePath(argument.value, undefined));
}

/** Addresses that bash opens as connections. */
const CONNECTION = /^\/dev\/(?:tcp|udp)\//;

/**
 * Tells whether a path is a network connection.
 *
 * @param argument The path.
 * @returns True when it is.
 */
export function isConnection(argument: Argument): boolean {
  return CONNECTION.test(argument.shape.replace(/\/+/g, "/"));
}

const SYSTEM =
  /^\/(?:etc|usr|bin|sbin|lib\w*|boot|dev|proc|sys|root|var|opt|srv|home|Users|Library|System|Applications|private|run|snap|mnt|media|data)(?:\/|$)/;
const SYSTEM_FILE =
  /^\/(?:etc|usr|bin|sbin|lib\w*|boot|dev|proc|sys|root|var|Library|System|run)(?:\/|$)/;
const SYSTEM_EXCEPT =
  /^\/(?:dev\/(?:shm|tcp|udp|null|zero|full|tty|stdin|stdout|stderr|fd)|var\/(?:tmp|folders)|usr\/local\/src|run\/user)(?:\/|$)/;
const HOME_FILE =
  /^~[^/]*\/(?:\.(?:ssh|aws|gnupg|kube|docker|config|local\/bin|bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin|inputrc|gitconfig|npmrc|netrc|pypirc|vimrc|tmux\.conf|pam_environment|xinitrc|xprofile|forward|rhosts|cargo\/config|pip)\b)/;
const REPOSITORY_FILE = /(?:^|\/)\.git\/(?:hooks|config|info)(?:\/|$)/;
const KEY_FILE =
  /(?:^|\/)(?:authorized_keys|id_(?:rsa|dsa|ecdsa|ed25519)|\.bashrc|\.bash_profile|\.zshrc|\.profile|\.netrc)$/;

/**
 * Tells whether writing to a path changes the system, a login, or what git runs.
 *
 * @param argument The path.
 * @param cwd The working directory, if known.
 * @returns Whether it does.
 */
export function isProtected(argument: Argument, cwd: string | undefined): Certainty {
  if (isHarmlessDevice(argument)) return "no";
  const path = resolvePath(argument, cwd);
  // The start alone tells: what is expanded behind it stays below it, or leaves it for worse.
  const { text } = path;
  const isIn = (SYSTEM_FILE.test(text) && !SYSTEM_EXCEPT.test(text)) || text === "/" ||
    /^~[^/]*$/.test(text) || HOME_FILE.test(`${text}${path.isWhole ? "" : "/"}`) ||
    REPOSITORY_FILE.test(text) ||
    KEY_FILE.test(text);
  if (isIn) {
    const isHereOnly = !argument.shape.startsWith("/") && !argument.shape.startsWith("~") &&
      !/(?:^|\/)\.\.(?:\/|$)/.test(argument.shape) && !REPOSITORY_FILE.test(text) &&
      !KEY_FILE.test(text);
    // What lies below the working directory is the session's own.
    return isHereOnly ? "no" : "yes";
  }
  return path.isWhole || path.isRooted ? "no" : argument.shape.startsWith("\0") ? "maybe" : "no";
}

/**
 * Tells whether removing a path with everything below it stays inside the working directory or a
 * folder of one's own.
 *
 * @param argument The path.
 * @param cwd The working directory, if known.
 * @returns True when it certainly does.
 */
export function isOwnTree(argument: Argument, cwd: string | undefined): boolean {
  const { shape } = argument;
  if (shape.startsWith("\0") || shape.startsWith("~")) return false;
  const path = resolvePath(argument, undefined);
  if (shape.includes("\0") || !resolvePath(argument, cwd ?? "/").isRooted) return false;
  const own = normalizePath(shape, undefined);
  if (shape.startsWith("/")) {
    if (/^\/(?:tmp|var\/tmp)\/[^/*?[{]+/.test(own)) return true;
    return cwd !== undefined && cwd !== "/" &&
      !SYSTEM.test(cwd.replace(/^\/(?:home|srv|root|mnt|data|opt|Users)\//, "/own/")) &&
      own.startsWith(`${cwd}/`) && !/^[*?[{]/.test(own.slice(cwd.length + 1));
  }
  if (own === "" || own.startsWith("..") || path.text.startsWith("..")) return false;
  if (/^\.git(?:\/|$)/.test(own)) return false;
  // `*` at the top is everything that is here.
  return !/^[*?[{.]*$/.test(own.split("/")[0] ?? "") && (cwd === undefined || cwd !== "/");
}
