import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRedactor } from "../../../../src/output/redact.ts";
import { explainStuck } from "../../../../src/shell/probe/explain_stuck.ts";
import {
  type ProbedProcess,
  type ProbeReport,
  sessionListeners,
  type WaitKind,
} from "../../../../src/shell/probe/probe_report.ts";

function processOf(pid: number, kind: WaitKind, more: Partial<ProbedProcess> = {}): ProbedProcess {
  return {
    pid,
    ppid: pid - 1,
    group: 1,
    rawName: `p${pid}`,
    state: "sleeping",
    wait: { kind },
    opaque: false,
    cpuMs: 0,
    ...more,
  };
}

function reportOf(
  foreground: readonly ProbedProcess[],
  more: Partial<ProbeReport> = {},
): ProbeReport {
  return { takenAtMs: 0, proc: true, foreground, background: [], truncated: false, ...more };
}

function explain(report: ProbeReport, before?: ProbeReport) {
  const redactor = createRedactor({ secrets: ["correct-horse"] });
  return explainStuck(report, {
    redact: (text) => redactor.text(text),
    quietMs: 12_345,
    ...(before === undefined ? {} : { before }),
  });
}

describe("explainStuck()", () => {
  it("names the process that the others wait for", () => {
    const chain = [processOf(5, "child"), processOf(6, "child"), processOf(7, "lock")];
    assert.equal(explain(reportOf(chain)).main?.pid, 7);
    const pipe = [processOf(5, "network"), processOf(6, "pipe_read"), processOf(7, "pipe_read")];
    assert.equal(explain(reportOf(pipe)).main?.pid, 5);
    const asked = [processOf(5, "terminal_read"), processOf(6, "running")];
    assert.equal(explain(reportOf(asked)).main?.pid, 5);
  });

  it("redacts names and arguments", () => {
    const secret = processOf(5, "sleep", {
      rawName: "correct-horse",
      rawArguments: ["login", "--key", "correct-horse"],
    });
    assert.doesNotMatch(JSON.stringify(explain(reportOf([secret]))), /correct-horse/);
  });

  it("tells what was used of the processor since the look before", () => {
    const before = reportOf([processOf(5, "running", { cpuMs: 100 })], { takenAtMs: 1000 });
    const now = [
      processOf(5, "running", { cpuMs: 350 }),
      processOf(6, "running", { cpuMs: 40 }),
    ];
    const stuck = explain(reportOf(now, { takenAtMs: 3000 }), before);
    assert.deepEqual([stuck.sinceMs, stuck.cpuSinceMs], [2000, 290]);
    assert.deepEqual(stuck.processes.map(({ cpuSinceMs }) => cpuSinceMs), [250, 40]);
    assert.equal(explain(reportOf(now)).cpuSinceMs, undefined);
  });

  it("says in a sentence what it waits for and how long it was quiet", () => {
    const { summary } = explain(reportOf([processOf(5, "disk", { cpuMs: 20 })]));
    assert.match(
      summary,
      /^Process 5 \(p5\) is in uninterruptible sleep.*; 20 ms.*, no output for 12\.3 s$/,
    );
  });

  it("says so when it sees nothing", () => {
    const stuck = explain(reportOf([], { proc: false }));
    assert.deepEqual([stuck.main, stuck.processes, stuck.listening], [undefined, [], undefined]);
  });
});

describe("sessionListeners()", () => {
  const listener = (port: number, inode: string, pid?: number) => ({
    port,
    inode,
    reach: "any" as const,
    ...(pid === undefined ? {} : { pid }),
  });
  const before = reportOf([], { listeners: [listener(22, "1")] });
  const listeners = [listener(8080, "3"), listener(22, "1"), listener(80, "2", 5)];

  it("gives the session's own", () => {
    const report = reportOf([processOf(5, "network")], { listeners });
    assert.deepEqual(sessionListeners(report, before).map(({ port }) => port), [80]);
  });

  it("counts new ones in while a process of the session cannot be read", () => {
    const hidden = reportOf([processOf(5, "unknown", { opaque: true })], { listeners });
    assert.deepEqual(sessionListeners(hidden, before).map(({ port }) => port), [80, 8080]);
    assert.deepEqual(sessionListeners(hidden).map(({ port }) => port), [80]);
  });
});
