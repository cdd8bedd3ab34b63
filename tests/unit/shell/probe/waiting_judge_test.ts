import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type {
  ProbedProcess,
  ProbeReport,
  TerminalModes,
  Wait,
} from "../../../../src/shell/probe/probe_report.ts";
import {
  EVENT_QUIET_MS,
  judgeWaiting,
  PROMPT_QUIET_MS,
} from "../../../../src/shell/probe/waiting_judge.ts";

const SHELL_PID = 100;
const LONG_MS = 60_000;
const LINES: TerminalModes = { echo: false, echoKill: true, canonical: true };
const KEYS: TerminalModes = { ...LINES, canonical: false };

function processOf(command: string, wait: Wait, more: Partial<ProbedProcess> = {}): ProbedProcess {
  const rawArguments = command.split(" ");
  return {
    pid: 200,
    ppid: SHELL_PID,
    group: 200,
    rawName: rawArguments[0] ?? "",
    rawArguments,
    state: "sleeping",
    wait,
    opaque: false,
    cpuMs: 0,
    ...more,
  };
}

function reportOf(
  foreground: readonly ProbedProcess[],
  terminal: TerminalModes = LINES,
): ProbeReport {
  const shell = processOf("bash -i", { kind: "child" }, { pid: SHELL_PID, ppid: 1 });
  return {
    takenAtMs: 0,
    proc: true,
    shell,
    foreground,
    background: [],
    terminal,
    truncated: false,
  };
}

function judge(report: ProbeReport, tail: string, quietMs = LONG_MS) {
  return judgeWaiting(report, { tail, quietMs, tty: true });
}

function kindOf(command: string, wait: Wait, tail: string, modes = LINES): string {
  const verdict = judge(reportOf([processOf(command, wait)], modes), tail);
  return verdict.waiting ? verdict.kind : "not waiting";
}

const READ: Wait = { kind: "terminal_read", fd: 0 };
const EVENT: Wait = { kind: "terminal_event", fd: 0 };
const HIDDEN: Partial<ProbedProcess> = { opaque: true };

describe("judgeWaiting() by evidence", () => {
  it("takes a poll of the terminal alone for a read, in the session's shell and its forks only", () => {
    const alone: Wait = { ...EVENT, alone: true };
    const cases: readonly (readonly [string, Wait, Partial<ProbedProcess>, string])[] = [
      ["bash -i", alone, { pid: SHELL_PID }, "unknown"],
      ["bash -i", alone, {}, "unknown"],
      ["bash -i", EVENT, { pid: SHELL_PID }, "not waiting"],
      ["bash -i", { ...alone, fd: 10 }, { pid: SHELL_PID }, "not waiting"],
      ["server", alone, {}, "not waiting"],
    ];
    for (const [command, wait, more, kind] of cases) {
      const verdict = judge(reportOf([processOf(command, wait, more)]), "");
      const name = JSON.stringify([command, wait, more]);
      assert.equal(verdict.waiting ? verdict.kind : "not waiting", kind, name);
    }
  });

  it("believes a blocked read of the terminal at once, whatever was printed", () => {
    const verdict = judge(reportOf([processOf("cat", READ)]), "", 0);
    assert.deepEqual(verdict, {
      waiting: true,
      kind: "unknown",
      prompt: "",
      evidence: "terminal_read",
      pid: 200,
    });
  });

  it("names the deepest reader, not who passes the terminal on", () => {
    const relay = processOf("ssh host", READ, { pid: 201 });
    const asks = processOf("git fetch", READ, { pid: 200 });
    const verdict = judge(reportOf([asks, relay]), "Username: ");
    assert.equal(verdict.waiting && verdict.pid, 200);
  });

  it("names an unwritten stdin", () => {
    const verdict = judge(reportOf([processOf("sort", { kind: "stdin_read", fd: 0 })]), "");
    assert.equal(verdict.waiting && verdict.evidence, "stdin_read");
  });

  it("believes a program that waits for keys once the output is quiet", () => {
    const report = reportOf([processOf("top", EVENT)], KEYS);
    assert.equal(judge(report, "x", EVENT_QUIET_MS - 1).waiting, false);
    assert.equal(judge(report, "x", EVENT_QUIET_MS).waiting, true);
  });

  it("believes a program that watches a terminal in line mode only when it asks", () => {
    const report = reportOf([processOf("node ask.js", EVENT)]);
    assert.equal(judge(report, "ready\n").waiting, false);
    assert.equal(judge(report, "Which? ").waiting, true);
  });

  it("does not take a relay's raw terminal for a question", () => {
    const report = reportOf([processOf("ssh host make", EVENT)], KEYS);
    assert.equal(judge(report, "compiling\n").waiting, false);
    assert.equal(judge(report, "Password: ").waiting, true);
  });

  it("does not take a follower's last line for a question", () => {
    assert.equal(judge(reportOf([processOf("tail -f log", EVENT)]), "value: ").waiting, false);
  });

  for (const kind of ["sleep", "running", "child", "pipe_read", "network", "lock"] as const) {
    it(`is not misled by a prompt-like line of a process in ${kind}`, () => {
      assert.equal(judge(reportOf([processOf("x", { kind })]), "Password: ").waiting, false);
    });
  }
});

describe("judgeWaiting() without evidence", () => {
  it("takes a quiet prompt-like line of another user's process", () => {
    const report = reportOf([processOf("sudo id", { kind: "unknown" }, HIDDEN)]);
    assert.equal(judge(report, "Password: ", PROMPT_QUIET_MS - 1).waiting, false);
    assert.deepEqual(judge(report, "Password: ", PROMPT_QUIET_MS), {
      waiting: true,
      kind: "password",
      prompt: "Password: ",
      evidence: "prompt_like_line",
      pid: 200,
    });
    assert.equal(judge(report, "working…").waiting, false);
  });

  it("takes one where there is no /proc, and names nobody", () => {
    const nothing: ProbeReport = {
      takenAtMs: 0,
      proc: false,
      foreground: [],
      background: [],
      truncated: false,
    };
    const verdict = judge(nothing, "Go on? [Y/n] ");
    assert.deepEqual(verdict, {
      waiting: true,
      kind: "confirmation",
      prompt: "Go on? [Y/n] ",
      evidence: "prompt_like_line",
    });
    assert.equal(judge(nothing, "done\n").waiting, false);
  });

  it("takes another user's editor that has set the terminal to keys", () => {
    const processes = [processOf("vim x", { kind: "unknown" }, HIDDEN)];
    const verdict = judge(reportOf(processes, KEYS), "~");
    assert.equal(verdict.waiting && verdict.evidence, "terminal_mode");
    assert.equal(judge(reportOf(processes, LINES), "~").waiting, false);
  });
});

describe("judgeWaiting() tells the kind", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["less log", "Password: ", "pager"],
    ["/usr/bin/vim.basic x", "Go on? [Y/n] ", "editor"],
    ["python3.12", ">>> ", "repl"],
    ["python3", "result\n", "repl"],
    ["python3 ask.py", "Name: ", "unknown"],
    ["python3 -c input()", "Name: ", "unknown"],
    ["python3 -i ask.py", "Name: ", "repl"],
    ["psql shop", "shop=# ", "repl"],
    ["psql shop", "Password for user me: ", "password"],
    ["sudo id", "me at host: ", "password"],
    ["ssh host", "continue connecting (yes/no/[fingerprint])? ", "confirmation"],
    ["apt install x", "Do you want to continue? [Y/n] ", "confirmation"],
    ["bash ask.sh", "Go on? (y/n)\n", "confirmation"],
    ["bash", "me@host:~$ ", "repl"],
  ];
  for (const [command, tail, kind] of cases) {
    it(`says ${kind} of ${command} after ${JSON.stringify(tail)}`, () => {
      assert.equal(kindOf(command, READ, tail), kind);
    });
  }

  it("does not take the session's own shell for a REPL", () => {
    const shell = processOf("bash -i", READ, { pid: SHELL_PID });
    const verdict = judge(reportOf([shell]), "Name: ");
    assert.equal(verdict.waiting && verdict.kind, "unknown");
  });

  it("takes a program that opens the terminal itself for one that asks a secret", () => {
    const own: Wait = { ...READ, fd: 3 };
    assert.equal(kindOf("ask", own, "Weiter: "), "password");
    assert.equal(kindOf("python3 ask.py", own, ""), "password");
    assert.equal(kindOf("git push", own, "Username for 'https://git.example': "), "unknown");
    assert.equal(kindOf("head -1 /dev/tty", own, "Weiter: "), "unknown");
    assert.equal(kindOf("ask", own, "working\n"), "unknown");
    assert.equal(kindOf("ask", own, "Weiter: ", KEYS), "unknown");
  });

  it("takes hidden typing for a password only where the terminal would show it", () => {
    const report = reportOf([processOf("ask", READ)]);
    const output = { tail: "Key ", quietMs: LONG_MS, tty: true };
    const plain = judgeWaiting(report, output);
    const echoing = judgeWaiting(report, { ...output, terminalEchoes: true });
    assert.deepEqual(
      [plain.waiting && plain.kind, echoing.waiting && echoing.kind],
      ["unknown", "password"],
    );
    assert.equal(kindOf("ask", READ, "Key ", { ...LINES, echoKill: false }), "password");
  });
});
