/**
 * Who reads what is sent to a running command.
 *
 * @module
 */

import { programBaseName, programSpec } from "../shell_text/program_spec.ts";
import { SHELLS } from "../shell_text/readers/shell_reader.ts";
import type { ProgramSubject, Subject } from "../shell_text/subjects.ts";

/** A shell; an interpreter or an editor with commands of its own; data only; or not known. */
export type InputReader = "shell" | "code" | "data" | "unknown";

/** Programs that open a shell here or elsewhere, or pass what they read on to one. */
const SHELL_OPENERS: ReadonlySet<string> = new Set([
  ...["ssh", "mosh", "autossh", "rsh", "rlogin", "telnet", "et", "sshpass", "nc", "ncat", "socat"],
  ...["su", "sudo", "doas", "login", "newgrp", "sg", "runuser", "pkexec", "run0", "setpriv"],
  ...[
    "screen",
    "tmux",
    "tmate",
    "zellij",
    "byobu",
    "dtach",
    "abduco",
    "script",
    "rlwrap",
    "expect",
  ],
  ...["docker", "podman", "nerdctl", "docker-compose", "podman-compose", "kubectl", "oc", "lxc"],
  ...["incus", "machinectl", "systemd-nspawn", "systemd-run", "toolbox", "distrobox", "multipass"],
  ...["limactl", "lima", "wsl", "nsenter", "chroot", "unshare", "proot", "bwrap", "firejail"],
  ...["fakeroot", "capsh", "setarch", "linux32", "linux64", "xargs", "parallel", "at", "batch"],
  ...["watch", "nix-shell", "mc", "ranger", "vifm", "nnn", "lf", "virsh", "cu", "minicom"],
  ...["picocom"],
]);
const CODE_READERS =
  /^(?:less|more|most|man|ftp|sftp|lftp|gdb|lldb|psql|mysql|mariadb|sqlite3|redis-cli|mongosh|mongo|bc|dc|nano|pico|emacs|crontab|git|top|htop|info|tclsh|mail|mutt|fzf|awk|gawk|sed|make|visudo|vipw|vigr|sudoedit|hg|svn|bzr|tig|gh|bat|journalctl|perldoc|pydoc3?|w3m|lynx|zdb|nslookup)$/;
/** What reads data, or nothing. A package manager is none: its installers ask, and open shells. */
const DATA_READERS =
  /^(?:cat|tac|tee|head|tail|wc|sort|uniq|grep|cut|tr|read|passwd|ssh-keygen|ssh-add|gpg|openssl|sleep|ping|rm|cp|mv|dd|base64|md5sum|sha256sum|xxd|nl|rev|fold|fmt|jq|echo|printf|true|false|test|\[|:|cd|pwd|ls|stat|date|mkdir|touch|mktemp|basename|dirname|readlink|realpath|stty|export|unset|local|exit|return|wait|trap|set|shopt)$/;
/** Words by which a program of any name opens a shell: `poetry shell`, `vagrant ssh`. */
const SHELL_WORDS =
  /^(?:shell|sh|bash|zsh|ssh|exec|attach|console|develop|login|run-shell|start-session)$/;
/** Words by which a program of any name opens an editor: `systemctl edit`. */
const EDITOR_WORDS = /^(?:edit|edit-.+)$/;
const RANK = ["data", "unknown", "code", "shell"] as const;

/**
 * Tells who reads a running command's input; the most powerful reader counts.
 *
 * @param subjects What the running command does.
 * @returns The reader.
 */
export function findReaders(subjects: readonly Subject[]): InputReader {
  let rank = 0;
  for (const subject of subjects) {
    rank = Math.max(rank, RANK.indexOf(readerOf(subject)));
  }
  return RANK[rank] ?? "unknown";
}

function readerOf(subject: Subject): InputReader {
  // A program that the same command writes may be a copy of a shell.
  if (subject.kind === "code") {
    return subject.language === "shell" || subject.language === "program" ? "shell" : "code";
  }
  if (subject.kind === "script" || subject.kind === "dynamic") return "unknown";
  if (subject.kind !== "program") return "data";
  const name = programBaseName(subject.name);
  if (SHELLS.has(name) || SHELL_OPENERS.has(name)) return "shell";
  if (CODE_READERS.test(name) || programSpec(name)?.language !== undefined) return "code";
  if (DATA_READERS.test(name) && isInstalled(subject.name)) return "data";
  if (opensShell(name, subject)) return "shell";
  return subject.args.some(({ value }) => EDITOR_WORDS.test(value ?? "")) ? "code" : "unknown";
}

/** A path elsewhere may be a copy of a shell under the name of a reader of data. */
function isInstalled(name: string): boolean {
  return !name.includes("/") || /^\/(?:usr\/(?:local\/)?)?s?bin\/[^/]+$/.test(name);
}

/** `npx` and `npm exec` open a shell when they are given no program. */
function opensShell(name: string, { args }: ProgramSubject): boolean {
  const words = args.map(({ value }) => value ?? "");
  const plain = words.filter((word) => !word.startsWith("-"));
  const hasOptions = words.some((word) => word.startsWith("-") && !/^(?:-y|--yes|--)$/.test(word));
  if (name === "npx" || name === "bunx") return plain.length === 0 || hasOptions;
  if (name === "npm" || name === "pnpm") {
    const [command = ""] = plain;
    if (/^(?:exec|x)$/.test(command)) return plain.length === 1 || hasOptions;
    return /^(?:explore|init|innit|create|edit|)$/.test(command) && plain.length <= 2;
  }
  return plain.some((word) => SHELL_WORDS.test(word));
}
