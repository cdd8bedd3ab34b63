/**
 * What programs are that wait for input, by their names.
 *
 * @module
 */

import type { ProbedProcess } from "./probe_report.ts";

/** What a program is to somebody at its terminal. */
export type ProgramRole =
  /** Shows text or figures, and is quit with a key. */
  | "pager"
  /** Edits a text. */
  | "editor"
  /** Takes commands of a language of its own. */
  | "repl"
  /** Runs scripts; without one, takes commands. */
  | "interpreter"
  /** Passes the terminal on to another program or machine. */
  | "relay"
  /** Shows what others write, and takes no keys. */
  | "follower"
  /** Asks for a password before it does anything else. */
  | "asks_password"
  /** Reads the files that it is told, the terminal's among them, and no secrets. */
  | "file_reader"
  /** None of these. */
  | "other";

const NAMES: Readonly<Record<Exclude<ProgramRole, "other">, readonly string[]>> = {
  pager: [
    ...["less", "more", "most", "man", "pg", "lv", "bat", "batcat", "info", "tig", "journalctl"],
    ...["top", "htop", "btop", "atop", "iotop", "iftop", "nethogs", "nload", "ncdu", "k9s", "lnav"],
  ],
  editor: [
    ...["vi", "vim", "nvim", "vim.basic", "vim.tiny", "vim.nox", "view", "vimdiff", "ex", "rvim"],
    ...["nano", "pico", "emacs", "emacsclient", "ed", "joe", "jed", "mg", "micro", "helix", "hx"],
    ...["kak", "mcedit", "ne", "vise", "nvi", "elvis", "zile"],
  ],
  repl: [
    ...["psql", "mysql", "mariadb", "sqlite3", "sqlite", "redis-cli", "mongo", "mongosh", "cqlsh"],
    ...["irb", "pry", "ipython", "ipython3", "bc", "dc", "gdb", "lldb", "ghci", "iex", "jshell"],
    ...["ftp", "sftp", "lftp", "nslookup", "gnuplot", "octave", "clojure", "sbcl", "utop", "pdb"],
    ...[
      "bluetoothctl",
      "nmcli",
      "parted",
      "fdisk",
      "gdisk",
      "cfdisk",
      "sqlplus",
      "sqlcmd",
      "duckdb",
    ],
  ],
  interpreter: [
    ...[
      "python",
      "node",
      "deno",
      "bun",
      "ruby",
      "perl",
      "php",
      "lua",
      "luajit",
      "julia",
      "R",
      "erl",
    ],
    ...["scala", "tclsh", "guile", "racket", "bash", "sh", "dash", "zsh", "fish", "ksh", "ash"],
    ...["busybox", "pypy", "pwsh"],
  ],
  relay: [
    ...["ssh", "mosh-client", "telnet", "script", "tmux", "screen", "docker", "podman", "kubectl"],
    ...["expect", "unbuffer", "socat", "nc", "ncat", "sudo", "su", "doas", "machinectl", "lxc"],
    ...["picocom", "minicom", "abduco", "dtach", "zellij", "login", "nsenter"],
  ],
  follower: [
    "tail",
    "watch",
    "ping",
    "ping6",
    "inotifywait",
    "fswatch",
    "tcpdump",
    "strace",
    "entr",
  ],
  asks_password: ["passwd", "sudo", "su", "doas", "kinit", "cryptsetup", "pinentry-curse", "login"],
  file_reader: [
    ...[
      "cat",
      "head",
      "tac",
      "tee",
      "sed",
      "awk",
      "gawk",
      "mawk",
      "grep",
      "sort",
      "wc",
      "dd",
      "nl",
    ],
    ...["cut", "paste", "read", "xargs", "mapfile", "busybox", "less", "od", "xxd", "base64", "tr"],
  ],
};

/** Programs of more than one role: those that relay ask for a password first. */
const ROLES = new Map<string, Set<ProgramRole>>();
for (const [role, names] of Object.entries(NAMES)) {
  for (const name of names) {
    // The keys of the table are the roles.
    ROLES.set(name, (ROLES.get(name) ?? new Set()).add(role as ProgramRole));
  }
}

/**
 * Tells whether a process is a program of a role.
 *
 * @param process The process.
 * @param role The role.
 * @returns Whether its name, or the name that it was started by, is one of the role's.
 */
export function hasRole(process: ProbedProcess, role: ProgramRole): boolean {
  return namesOf(process).some((name) => ROLES.get(name)?.has(role));
}

/**
 * Tells whether an interpreter was started without a script, so that it takes commands.
 *
 * @param process The process.
 * @returns Also true for one that is told to take commands after its script (`-i`).
 */
export function takesCommands(process: ProbedProcess): boolean {
  const words = (process.rawArguments ?? [""]).slice(1);
  return words.includes("-i") || words.every((word) => /^-[^-]?$|^-[a-bd-z]+$|^--\w/.test(word));
}

/** Versions fall away: python3.12 is python. */
function namesOf({ rawName, rawArguments }: ProbedProcess): string[] {
  const started = rawArguments?.[0]?.split("/").at(-1)?.replace(/^-/, "");
  const names = started === undefined ? [rawName] : [rawName, started];
  return names.flatMap((name) => [name, name.replace(/[-\d.]+$/, "")]);
}
