/**
 * Who reads what is sent to a running command.
 *
 * @module
 */

import { programBaseName, programSpec } from "../shell_text/program_spec.ts";
import { SHELLS } from "../shell_text/readers/shell_reader.ts";
import type { Subject } from "../shell_text/subjects.ts";

/** A shell; an interpreter or an editor with commands of its own; data only; or not known. */
export type InputReader = "shell" | "code" | "data" | "unknown";

const REMOTE_SHELLS =
  /^(?:ssh|mosh|autossh|rsh|telnet|su|sudo|doas|login|newgrp|screen|tmux|script|docker|podman|kubectl|oc|nsenter|chroot|unshare|xargs|parallel|at|batch|watch)$/;
const CODE_READERS =
  /^(?:less|more|most|man|ftp|sftp|lftp|gdb|lldb|psql|mysql|mariadb|sqlite3|redis-cli|mongosh|mongo|bc|dc|nano|pico|emacs|crontab|git|top|htop|info|tclsh|mail|mutt|fzf|awk|gawk|sed|make)$/;
const DATA_READERS =
  /^(?:cat|tac|tee|head|tail|wc|sort|uniq|grep|cut|tr|read|apt|apt-get|dnf|yum|brew|npm|pip|passwd|ssh-keygen|ssh-add|gpg|openssl|sleep|ping|tail|rm|cp|mv|dd|base64|md5sum|sha256sum|xxd|nl|rev|fold|fmt)$/;
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
  if (subject.kind === "code") return subject.language === "shell" ? "shell" : "code";
  if (subject.kind === "script" || subject.kind === "dynamic") return "unknown";
  if (subject.kind !== "program") return "data";
  const name = programBaseName(subject.name);
  if (SHELLS.has(name) || REMOTE_SHELLS.test(name)) return "shell";
  if (CODE_READERS.test(name) || programSpec(name)?.language !== undefined) return "code";
  return DATA_READERS.test(name) ? "data" : "unknown";
}
