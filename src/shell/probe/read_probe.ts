/**
 * Reads what the probe's script printed: text in, facts out.
 *
 * @module
 */

import type { TerminalModes } from "./probe_report.ts";
import { SECTION } from "./probe_script.ts";

/** What one thread sleeps in. */
export interface ThreadFacts {
  /** The kernel's function, when it tells. */
  channel?: string;
  /** The system call and its first arguments; absent while it runs or when not readable. */
  call?: { readonly number: number; readonly first: number; readonly second: number };
}

/** What a descriptor leads to. */
export interface LinkFacts {
  /** The target, such as `/dev/tty` or `pipe:[123]`. */
  readonly target: string;
  /** Whether the descriptor is open for writing. */
  readonly writes: boolean;
}

/** One process as /proc shows it. */
export interface ProcessFacts {
  /** The fields of stat behind the name, from the state on: field N of proc(5) is at N - 3. */
  readonly fields: readonly string[];
  /** Its id. */
  readonly pid: number;
  /** Its name; it may hold any character. */
  readonly name: string;
  /** Its threads, by id. */
  readonly threads: Map<number, ThreadFacts>;
  /** Its descriptors; empty where they cannot be read. */
  readonly links: Map<number, LinkFacts>;
  /** What each of its epoll descriptors watches for input. */
  readonly watched: Map<number, Set<number>>;
  /** Its arguments, when they were read. */
  arguments?: readonly string[];
  /** Bytes that it has written, to whatever it was, when they were read. */
  writtenBytes?: number;
}

/** A socket in the state LISTEN. */
export interface SocketFacts {
  /** The local address in the kernel's hexadecimal. */
  readonly address: string;
  /** The local port. */
  readonly port: number;
  /** The socket's inode. */
  readonly inode: string;
}

/** Everything that the script printed. */
export interface ProbeFacts {
  /** The processes, by id. */
  readonly processes: Map<number, ProcessFacts>;
  /** The listening TCP sockets of the session's network. */
  readonly sockets: SocketFacts[];
  /** The modes of the session's terminal, when stty told them. */
  readonly terminal?: TerminalModes;
  /** Seconds since the machine started, when known. */
  uptimeSeconds?: number;
  /** Whether there were more processes than the script looked at. */
  truncated: boolean;
}

const FILE_LINE =
  /^\/proc\/(\d+)\/(?:task\/(\d+)\/)?(stat|wchan|syscall|fdinfo|net|io)(?:\/(\w+))?:(.*)$/;
/** The bit of an epoll event mask that means input (epoll_ctl(2)). */
const EPOLLIN = 1;

/**
 * Reads the output of a probe's script.
 *
 * @param text The output.
 * @returns The facts in it. What is not understood is left out.
 */
export function readProbe(text: string): ProbeFacts {
  const [files, afterFiles] = splitAt(text, `${SECTION}terminal\n`);
  const [modes, afterModes] = splitAt(afterFiles, `${SECTION}links\n`);
  const [links, argumentText] = splitAt(afterModes, `\n${SECTION}arguments\n`);
  const terminal = readModes(modes);
  const facts: ProbeFacts = {
    processes: new Map(),
    sockets: [],
    truncated: false,
    ...(terminal === undefined ? {} : { terminal }),
  };
  // Stat lines say which processes there are; the other files may come before them.
  const lines = files.split("\n");
  for (const line of lines) readStatLine(facts, line);
  for (const line of lines) readFileLine(facts, line);
  readLinks(facts, links);
  readArguments(facts, argumentText);
  return facts;
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

function readStatLine(facts: ProbeFacts, line: string): void {
  if (line === "truncated") facts.truncated = true;
  if (line.startsWith("/proc/uptime:")) {
    const seconds = Number.parseFloat(line.slice("/proc/uptime:".length));
    if (seconds > 0) facts.uptimeSeconds = seconds;
  }
  const [, pid, , file, , text = ""] = FILE_LINE.exec(line) ?? [];
  if (file !== "stat" || pid === undefined) return;
  // A name may hold anything, parentheses included; only the last one ends it.
  const end = text.lastIndexOf(") ");
  const fields = text.slice(end + 2).split(" ");
  if (end < 0 || fields.length < 20) return;
  facts.processes.set(Number(pid), {
    pid: Number(pid),
    name: text.slice(text.indexOf("(") + 1, end),
    fields,
    threads: new Map(),
    links: new Map(),
    watched: new Map(),
  });
}

function readFileLine(facts: ProbeFacts, line: string): void {
  const [, pid, tid, file, part, text = ""] = FILE_LINE.exec(line) ?? [];
  if (file === "net") return readSocket(facts, text);
  const process = facts.processes.get(Number(pid));
  if (process === undefined) return;
  if (file === "io") {
    // Bytes that it and its children that have ended gave to write calls (proc(5)).
    const written = /^wchar: (\d+)$/.exec(text)?.[1];
    if (written !== undefined) process.writtenBytes = Number(written);
    return;
  }
  if (file === "fdinfo") {
    const [, fd, events] = /^tfd:\s*(\d+) events:\s*([0-9a-f]+)/.exec(text) ?? [];
    if (fd === undefined || (Number.parseInt(events ?? "0", 16) & EPOLLIN) === 0) return;
    const watched = process.watched.get(Number(part)) ?? new Set();
    process.watched.set(Number(part), watched.add(Number(fd)));
    return;
  }
  if (tid === undefined) return;
  const thread = process.threads.get(Number(tid)) ?? {};
  process.threads.set(Number(tid), thread);
  // The kernel says 0 for a running thread and for one that is not to be seen.
  if (file === "wchan" && text !== "0" && text !== "") thread.channel = text;
  if (file === "syscall") {
    const [, number, first, second] = /^(\d+) 0x([0-9a-f]+) 0x([0-9a-f]+)/.exec(text) ?? [];
    if (number === undefined || first === undefined || second === undefined) return;
    const hex = (digits: string) => Number.parseInt(digits, 16);
    thread.call = { number: Number(number), first: hex(first), second: hex(second) };
  }
}

/** Fields of /proc/net/tcp: slot, local address, remote address, state, …, inode as the tenth. */
function readSocket(facts: ProbeFacts, text: string): void {
  const fields = text.trim().split(/ +/);
  const [address, port] = fields[1]?.split(":") ?? [];
  const inode = fields[9];
  if (fields[3] !== "0A" || address === undefined || port === undefined) return;
  if (inode === undefined) return;
  facts.sockets.push({ address, port: Number.parseInt(port, 16), inode });
}

function readModes(text: string): TerminalModes | undefined {
  const words = new Set(text.split(/[\s;]+/));
  if (!words.has("icanon") && !words.has("-icanon")) return undefined;
  return {
    echo: words.has("echo"),
    echoKill: words.has("echok"),
    canonical: words.has("icanon"),
  };
}

function readLinks(facts: ProbeFacts, text: string): void {
  let process: ProcessFacts | undefined;
  for (const line of text.split("\n")) {
    const folder = /^\/proc\/(\d+|self)\/fd:$/.exec(line)?.[1];
    if (folder !== undefined) {
      process = facts.processes.get(Number(folder));
      continue;
    }
    const [left, target] = splitAt(line, " -> ");
    const fd = /^l.* (\d+)$/.exec(left)?.[1];
    if (process === undefined || fd === undefined) continue;
    process.links.set(Number(fd), { target, writes: left.startsWith("w", 2) });
  }
}

/**
 * head names each file. Arguments that imitate such a line can mislead about another process of the
 * same session, and about nothing else.
 */
function readArguments(facts: ProbeFacts, text: string): void {
  const heads = /^==> \/proc\/(\d+|self)\/\w+ <==$/gm;
  const found = [...text.matchAll(heads)];
  found.forEach((head, index) => {
    const process = facts.processes.get(Number(head[1]));
    if (process === undefined || process.arguments !== undefined) return;
    const from = head.index + head[0].length + 1;
    const to = (found[index + 1]?.index ?? text.length + 1) - 1;
    const words = text.slice(from, to).split("\0");
    if (words.at(-1) === "") words.pop();
    process.arguments = words;
  });
}
