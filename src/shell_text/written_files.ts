/**
 * Files that a text writes before it runs them.
 *
 * @module
 */

import type { Argument } from "./argument.ts";
import type { ProgramRun } from "./finder_door.ts";
import { FETCHERS } from "./input_flow.ts";

interface Written {
  readonly text: string | undefined;
  readonly isFetched: boolean;
}

/** Programs whose last operand is a file that they write. */
const COPIERS: ReadonlySet<string> = new Set(["cp", "mv", "install", "ln", "rsync", "scp", "xxd"]);
const OUTPUT_OPTION = /^(?:-o|-O|--output|--output-document|of)(?:=|$)/;

/** Files in which git and shells look for what to run, without being asked. */
const SETTINGS =
  /(?:^|\/)(?:\.(?:bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin|zlogout|kshrc|inputrc)|\.git\/(?:.*\/)?(?:hooks\/[^/]+|config(?:\.worktree)?|commondir)|\.git|\.gitconfig|\.config\/git\/config)$/;

/** What has been written so far, by path. */
export class WrittenFiles {
  readonly #files = new Map<string, Written>();
  #settings = 0;
  /** Where `cd` went last, when it is not certain that it worked. */
  #folder: string | undefined;

  /** How often a file was written in which git or a shell looks for what to run. */
  get settings(): number {
    return this.#settings;
  }

  /** Remembers a redirection's target; `text` when what is written is known. */
  add(path: Argument, cwd: string | undefined, text: string | undefined): void {
    this.#put(path, cwd, { text, isFetched: false });
  }

  /** Remembers the files that a program writes by its own arguments. */
  note(run: ProgramRun, cwd: string | undefined): void {
    const isFetched = FETCHERS.has(run.baseName);
    const file = { text: undefined, isFetched };
    const { args, baseName } = run;
    const operands = args.filter(({ shape }) => !shape.startsWith("-"));
    if (COPIERS.has(baseName) && operands.length > 1) this.#put(operands.at(-1), cwd, file);
    const isInPlace = baseName === "sed" && args.some(({ shape }) => /^-\w*i|^--in/.test(shape));
    if (baseName === "tee" || isInPlace) operands.forEach((path) => this.#put(path, cwd, file));
    if (!isFetched && baseName !== "dd" && baseName !== "sort" && baseName !== "gcc") return;
    args.forEach((argument, index) => {
      const { shape } = argument;
      const option = OUTPUT_OPTION.exec(shape)?.[0];
      if (option?.endsWith("=") === true) this.#putPath(shape.slice(option.length), cwd, file);
      else if (/^-\w*[oO]$/.test(shape) || option !== undefined) {
        this.#put(args[index + 1], cwd, file);
      } else if (/^-[oO]./.test(shape)) this.#putPath(shape.slice(2), cwd, file);
      else if (isFetched && /[/]/.test(shape)) {
        this.#putPath(shape.replace(/[?#].*$/, "").replace(/^.*\//, ""), cwd, file);
      }
    });
  }

  /** Remembers where `cd` leads to, if it works. */
  enter(folder: Argument | undefined): void {
    if (folder !== undefined) this.#folder = folder.shape;
  }

  /** Tells whether a path has been written. */
  has(path: Argument, cwd: string | undefined): boolean {
    return this.#get(path, cwd) !== undefined;
  }

  /** Tells whether a path has been written, given as a word's shape. */
  hasShape(shape: string, cwd: string | undefined): boolean {
    if (this.#files.size === 0 || shape.startsWith("/dev/")) return false;
    return this.#files.has(normalizePath(shape, cwd));
  }

  /** Tells whether a path holds what has been fetched. */
  isFetched(path: Argument, cwd: string | undefined): boolean {
    return this.#get(path, cwd)?.isFetched === true;
  }

  /** What has been written to a path, when that is known. */
  textOf(path: Argument, cwd: string | undefined): string | undefined {
    return this.#get(path, cwd)?.text;
  }

  #get(path: Argument, cwd: string | undefined): Written | undefined {
    return this.#files.get(normalizePath(path.shape, cwd));
  }

  #put(path: Argument | undefined, cwd: string | undefined, file: Written): void {
    if (path !== undefined) this.#putPath(path.shape, cwd, file);
  }

  #putPath(path: string, cwd: string | undefined, file: Written): void {
    const key = normalizePath(path, cwd);
    const likely = cwd === undefined ? normalizePath(path, this.#folder) : key;
    if (SETTINGS.test(likely)) this.#settings++;
    const before = this.#files.get(key);
    // Written twice: neither text is all there is.
    const isFetched = file.isFetched || before?.isFetched === true;
    this.#files.set(key, before === undefined ? file : { text: undefined, isFetched });
  }
}

/**
 * A path without `.`, `..` and doubled slashes, from the working directory if that is known.
 *
 * @param path The path.
 * @param cwd The working directory.
 * @returns The path; relative when the working directory is not known.
 */
export function normalizePath(path: string, cwd: string | undefined): string {
  // Of `~`, `~user` and `~+` only the shell knows where they lead.
  const isFromHome = path.startsWith("~");
  const full = path.startsWith("/") || isFromHome || cwd === undefined ? path : `${cwd}/${path}`;
  const parts: string[] = [];
  for (const part of full.split("/")) {
    if (part === "" || part === ".") continue;
    const last = parts.at(-1);
    if (part !== "..") parts.push(part);
    else if (last !== undefined && last !== "..") parts.pop();
    else if (!full.startsWith("/")) parts.push(part);
  }
  return `${full.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}

/**
 * Where `cd` leads.
 *
 * @param cwd The working directory, if known.
 * @param target The argument; home when absent.
 * @returns The new directory; undefined when it is not known.
 */
export function joinPath(
  cwd: string | undefined,
  target: Argument | undefined,
): string | undefined {
  const path = target?.value;
  if (path === undefined || path === "-") return undefined;
  const joined = normalizePath(path, cwd);
  return joined.startsWith("/") ? joined : undefined;
}
