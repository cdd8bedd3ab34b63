/**
 * From a launch plan to a shell that is ready: the handshake.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { launchFailure } from "../launch_failure.ts";
import { LIMITS } from "../limits.ts";
import { safe } from "../safe_text.ts";
import { TIMED_OUT, withDeadline, withGrace } from "../clock.ts";
import type { Transport, TransportFactory } from "../transports/transport.ts";
import { bashDialect } from "./dialects/bash.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { ashDialect, dashDialect } from "./dialects/posix.ts";
import { zshDialect } from "./dialects/zsh.ts";
import { FrameScanner } from "./frame_scanner.ts";
import { splitFields, type StreamName } from "./frame_state.ts";
import { planLaunch } from "./launch.ts";
import { type Marker, type MarkerKind, randomKey } from "./markers.ts";
import { findOutsidePid } from "./process_control.ts";
import { SANDBOX_FAILURE_PREFIX, sandboxRefusal } from "./sandbox/sandbox_refusal.ts";
import type { SandboxSetup } from "./sandbox/sandbox_setup.ts";

/** Which shell to launch, and how to set it up. */
export interface ShellSetup {
  /** The wanted shell; empty for bash, else sh. */
  readonly shell: string;
  /** Whether to give it a controlling terminal. */
  readonly terminal: "auto" | "none";
  /** The directory to start in; absent for the transport's own. */
  readonly cwd?: string;
  /** Environment variables to export. */
  readonly env: readonly (readonly [string, string])[];
  /** Milliseconds for launch and initialisation, each. */
  readonly openTimeoutMs: number;
  /** The sandbox to put it into; absent for none. */
  readonly sandbox?: SandboxSetup;
}

/** A shell that has said `Y`. */
export interface LaunchedShell {
  /** The transport under it. */
  readonly transport: Transport;
  /** What it speaks. */
  readonly dialect: Dialect;
  /** The token of its markers. */
  readonly token: string;
  /** Makes the nonces of its commands. */
  readonly makeKey: () => string;
  /** Its directory on the machine. */
  readonly directory: string;
  /** Whether it has a controlling terminal. */
  readonly terminal: boolean;
  /** The supervisor's process id. */
  readonly supervisorPid: number;
  /** The shell's process id, as its machine sees it: in a sandbox the shell itself sees another. */
  readonly shellPid: number;
  /** Where it is. */
  readonly cwd: string;
  /** The streams, read up to `rest`. */
  readonly streams: Record<StreamName, AsyncIterable<Uint8Array>>;
  /** Bytes that were read behind the last marker. */
  readonly rest: Record<StreamName, Uint8Array>;
}

const DIALECTS: Readonly<Record<string, Dialect>> = {
  bash: bashDialect,
  zsh: zshDialect,
  dash: dashDialect,
  ash: ashDialect,
};

/**
 * Launches a shell and brings it to the point where it takes commands.
 *
 * @param factory Where.
 * @param setup Which shell, and how.
 * @returns The shell.
 * @throws {ExeckitError} `shell_not_found`, `invalid_cwd`, `open_timed_out`, `connect_failed`, and
 *   for a sandbox `unsupported` or `invalid_argument`.
 */
export async function launchShell(
  factory: TransportFactory,
  setup: ShellSetup,
): Promise<LaunchedShell> {
  const makeKey = factory.makeKey ?? randomKey;
  const token = makeKey();
  const mark = makeKey();
  const { shell: wanted, terminal, sandbox } = setup;
  const transport = await factory.open(planLaunch({
    token,
    mark,
    shell: wanted,
    terminal,
    ...(sandbox === undefined ? {} : { sandbox }),
  }));
  try {
    const shell = await withGrace(handshake(transport, token, setup), setup.openTimeoutMs);
    if (shell !== TIMED_OUT) {
      if (sandbox === undefined) return { ...shell, makeKey };
      const shellPid = await findOutsidePid(transport, mark, shell.shellPid);
      if (shellPid === undefined) throw launchFailure("");
      return { ...shell, makeKey, shellPid };
    }
    throw new ExeckitError({
      code: "open_timed_out",
      message:
        safe`Cannot open the session: the shell did not answer within ${setup.openTimeoutMs} ms`,
    });
  } catch (cause) {
    // What does not even greet may not end in order either; the rest goes on without the caller.
    await withDeadline(transport.close(), LIMITS.closeTimeoutMs);
    throw cause;
  }
}

async function handshake(
  transport: Transport,
  token: string,
  setup: ShellSetup,
): Promise<Omit<LaunchedShell, "makeKey">> {
  const stdout = new MarkerReader(transport.stdout, token);
  const stderr = new MarkerReader(transport.stderr, token);
  const launched = await stdout.next("L");
  const [supervisorPid, kind, pty, directory = ""] = splitFields(launched.payload, 4);
  const dialect = DIALECTS[kind ?? ""];
  if (dialect === undefined) throw launchFailure("shell_kind");
  const terminal = pty !== "none";
  await transport.write(new TextEncoder().encode(dialect.init({
    token,
    directory,
    env: setup.env,
    terminal,
    restore: false,
    ...(setup.cwd === undefined ? {} : { cwd: setup.cwd }),
  })));
  const [ready] = await Promise.all([stdout.next("Y"), stderr.next("Y")]);
  const [shellPid, entered, cwd = ""] = splitFields(ready.payload, 3);
  if (entered !== "ok") {
    throw new ExeckitError({
      code: "invalid_cwd",
      message: safe`Cannot open the session: the start directory cannot be entered`,
    });
  }
  return {
    transport,
    dialect,
    token,
    directory,
    terminal,
    supervisorPid: Number(supervisorPid),
    shellPid: Number(shellPid),
    cwd,
    streams: { stdout: stdout.remainder(), stderr: stderr.remainder() },
    rest: { stdout: stdout.rest, stderr: stderr.rest },
  };
}

/** Reads a stream up to a wanted marker, and lets what stands between markers fall. */
class MarkerReader {
  /** Bytes that were read behind the last wanted marker. */
  rest: Uint8Array = new Uint8Array(0);
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #scanner = new FrameScanner();

  constructor(source: AsyncIterable<Uint8Array>, token: string) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#scanner.expect([token]);
  }

  async next(wanted: MarkerKind): Promise<Marker> {
    for (;;) {
      const part = await this.#iterator.next();
      if (part.done === true) throw launchFailure("");
      const events = this.#scanner.push(part.value);
      for (const [index, event] of events.entries()) {
        if (event.type !== "marker") continue;
        if (event.marker.kind === "F") throw refusalOf(event.marker.payload);
        if (event.marker.kind === "X") throw launchFailure("");
        if (event.marker.kind !== wanted) continue;
        const after = events.slice(index + 1).flatMap((late) =>
          late.type === "data" ? [late.bytes] : []
        );
        this.rest = after[0] ?? new Uint8Array(0);
        return event.marker;
      }
    }
  }

  remainder(): AsyncIterable<Uint8Array> {
    const iterator = this.#iterator;
    return { [Symbol.asyncIterator]: () => iterator };
  }
}

function refusalOf(why: string): ExeckitError {
  return why.startsWith(SANDBOX_FAILURE_PREFIX) ? sandboxRefusal(why) : launchFailure(why);
}

/** The default set-up's time to open. */
export const DEFAULT_OPEN_TIMEOUT_MS = LIMITS.openTimeoutMs;
