/**
 * Sessions without a shell, for tests of what stands on sessions.
 *
 * @module
 */

import type { ExecResult } from "../../src/exec_result.ts";
import { markSafeText, type SafeText } from "../../src/safe_text.ts";
import { unknownCommand } from "../../src/session/command/command_record.ts";
import type { SessionCommand } from "../../src/session/command/session_command.ts";
import type { MachineDescription } from "../../src/session/session.ts";
import type { ExecOptions, SessionOptions } from "../../src/session/session_options.ts";
import type { RegistrySession } from "../../src/session/session_registry.ts";

/** A secret that fake sessions know and redact. */
export const FAKE_SECRET = "fake-" + "secret-" + "value";

/** Answers a command. */
export type FakeExec = (command: string, options: ExecOptions) => Promise<ExecResult>;

/** A session that answers commands as it is told. */
export class FakeSession implements RegistrySession {
  readonly transport = "local";
  readonly target: SafeText = markSafeText("local");
  readonly shell = { dialect: "bash", terminal: true, pid: 1 } as const;
  cwd: SafeText = markSafeText("/home/agent");
  closed = false;
  idleMs = 0;
  running: string | undefined;
  /** What it was told to hide. */
  readonly hidden: string[] = [];
  /** Nothing runs apart from fake sessions. */
  detached: RegistrySession["detached"] = {
    list: () => Promise.resolve([]),
    status: () => Promise.reject(unknownCommand()),
    wait: () => Promise.reject(unknownCommand()),
    lines: () => Promise.reject(unknownCommand()),
    search: () => Promise.reject(unknownCommand()),
    signal: () => Promise.reject(unknownCommand()),
  };
  /** Called by close(), which waits for it. */
  onClose: () => Promise<void> = () => Promise.resolve();
  /** Why it was closed. */
  closeReason: string | undefined;
  readonly #exec: FakeExec;

  /** Makes a session that was opened with these options. */
  constructor(readonly options: SessionOptions, exec: FakeExec) {
    this.#exec = exec;
  }

  redact(text: string): SafeText {
    return markSafeText(text.replaceAll(FAKE_SECRET, "[REDACTED:known#1]"));
  }

  hide(secret: string): void {
    this.hidden.push(secret);
  }

  describeMachine(): Promise<MachineDescription> {
    const text = markSafeText("fake");
    return Promise.resolve({ os: text, user: text, host: text });
  }

  /** A fake command ends with its call and leaves nothing to read. */
  command(_commandId: string): SessionCommand {
    throw unknownCommand();
  }

  async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    this.running = this.options.nextCommandId?.() ?? "c0";
    try {
      const result = await this.#exec(command, options);
      return { ...result, commandId: markSafeText(this.running), command: this.redact(command) };
    } finally {
      this.running = undefined;
    }
  }

  async close(reason = "destroyed"): Promise<void> {
    this.closed = true;
    this.closeReason = reason;
    await this.onClose();
  }
}

/** A result with every required member, changed as asked. */
export function fakeResult(changes: Partial<ExecResult> = {}): ExecResult {
  return {
    commandId: markSafeText("c1"),
    command: markSafeText("true"),
    status: "exited",
    exitCode: 0,
    stdout: markSafeText(""),
    stderr: markSafeText(""),
    cwd: markSafeText("/home/agent"),
    durationMs: 3,
    truncated: false,
    totals: { stdoutBytes: 0, stdoutLines: 0, stderrBytes: 0, stderrLines: 0 },
    ...changes,
  };
}

/** Opens fake sessions and keeps them where a test can reach them. */
export class FakeOpener {
  /** Every session opened so far, in order. */
  readonly sessions: FakeSession[] = [];
  /** What every session answers with. */
  exec: FakeExec = () => Promise.resolve(fakeResult());

  /** What opening waits for. */
  gate: Promise<void> = Promise.resolve();
  /** Called when opening begins. */
  onOpen: () => void = () => {};
  /** Called when a session opened from then on is closed. */
  onClose: () => void = () => {};

  /** What a registry takes as `open`. */
  readonly open = async (options: SessionOptions): Promise<FakeSession> => {
    this.onOpen();
    await this.gate;
    const session = new FakeSession(options, (command, call) => this.exec(command, call));
    session.onClose = () => Promise.resolve(this.onClose());
    this.sessions.push(session);
    return session;
  };

  /** The session opened last. */
  get last(): FakeSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error("No session was opened");
    return session;
  }
}

/** A command that runs until it is cancelled, as a real one would be interrupted. */
export function untilAborted(_command: string, { signal }: ExecOptions): Promise<ExecResult> {
  return new Promise((resolve) => {
    signal?.addEventListener("abort", () => resolve(fakeResult({ status: "interrupted" })));
  });
}
