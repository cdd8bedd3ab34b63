/**
 * Drives one launched shell over one transport: opens it, frames commands, follows their markers.
 *
 * @module
 */

import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { withDeadline, withGrace } from "../clock.ts";
import type { Transport, TransportFactory } from "../transports/transport.ts";
import { type Dialect, type FrameCommand, namePrefix, TERMINAL_SETUP } from "./dialects/dialect.ts";
import { FrameScanner } from "./frame_scanner.ts";
import { FrameState, type OutputSink, splitFields, type StreamName } from "./frame_state.ts";
import { type LaunchedShell, launchShell, type ShellSetup } from "./launch_handshake.ts";
import type { Marker } from "./markers.ts";
import { OwnWordsFilter } from "./own_words_filter.ts";

/** A command as the channel takes it. */
export interface RunRequest {
  /** The command, or the file that holds it. */
  readonly command: FrameCommand;
  /** What `$?` is when it begins. */
  readonly previousStatus: number;
  /** Path of its standard input. */
  readonly input: string;
  /** Whether it runs on the terminal. */
  readonly tty: boolean;
  /** Receives its output. */
  readonly onOutput: OutputSink;
}

/** How a run ended. */
export interface RunOutcome {
  /**
   * - `ended`: it ran; `status` and `cwd` are true.
   * - `refused`: the shell's words could not be trusted; it certainly did not run.
   * - `died`: the shell's process ended with it; `status` is the shell's, when known.
   */
  readonly kind: "ended" | "refused" | "died";
  /** The exit status, when known. */
  readonly status?: number;
  /** The working directory afterwards, when known. */
  readonly cwd?: string;
  /** Whether the shell can take another command. */
  readonly usable: boolean;
  /** True when the shell restarted itself in place with its state. */
  readonly restarted?: boolean;
  /** True when shadowed words had to be given their meaning back. */
  readonly repaired?: boolean;
}

const NO_OUTPUT: OutputSink = () => undefined;
const encoder = new TextEncoder();

/** Milliseconds until the first epilogue for a shell without prompts; each next waits 4 × longer. */
const EPILOGUE_FIRST_MS = 25;
const EPILOGUE_MAX_COUNT = 8;

/** One launched shell. */
export class ShellChannel {
  readonly #setup: ShellSetup;
  readonly #transport: Transport;
  readonly #shell: LaunchedShell;
  readonly #background: OwnWordsFilter;
  readonly #scanners = { stdout: new FrameScanner(), stderr: new FrameScanner() };
  readonly #route: { stdout: OutputSink; stderr: OutputSink };
  #frame: FrameState | undefined;
  #command: FrameState | undefined;
  #sink: OutputSink = NO_OUTPUT;
  #previousNonce = "";
  #exitStatus: number | undefined;
  #dead = false;
  #stopping = false;

  /** Use {@linkcode ShellChannel.open}. */
  private constructor(shell: LaunchedShell, setup: ShellSetup, background: OutputSink) {
    this.#shell = shell;
    this.#transport = shell.transport;
    this.#setup = setup;
    this.#background = new OwnWordsFilter(namePrefix(shell.token), background);
    this.#route = { stdout: this.#background.push, stderr: this.#background.push };
    this.#expect("");
    // A stream that fails has ended like one that is closed; the transport's end tells why.
    const pumped = Promise.allSettled([this.#pump("stdout"), this.#pump("stderr")]);
    void pumped.then(() => this.#die());
    // A process that left the session may hold the streams open for ever.
    void this.#transport.ended.then(async () => {
      await withGrace(pumped, LIMITS.markerGraceMs);
      this.#die();
    });
  }

  /**
   * Launches a shell and initialises it.
   *
   * @param factory Where.
   * @param setup Which shell, and how.
   * @param background Receives what arrives while no command runs.
   * @returns The channel, ready for a command.
   * @throws {ExeckitError} `shell_not_found`, `invalid_cwd`, `open_timed_out`, `connect_failed`.
   */
  static async open(
    factory: TransportFactory,
    setup: ShellSetup,
    background: OutputSink,
  ): Promise<ShellChannel> {
    const shell = await launchShell(factory, setup);
    return new ShellChannel(shell, setup, background);
  }

  /** The dialect. */
  get dialect(): Dialect {
    return this.#shell.dialect;
  }

  /** Whether the shell has a controlling terminal. */
  get terminal(): boolean {
    return this.#shell.terminal;
  }

  /** The transport, for what runs beside the shell. */
  get transport(): Transport {
    return this.#transport;
  }

  /** The shell's process id on its machine. */
  get shellPid(): number {
    return this.#shell.shellPid;
  }

  /** The supervisor's process id on its machine; it holds the keyboard. */
  get supervisorPid(): number {
    return this.#shell.supervisorPid;
  }

  /** The launch's directory on the session's machine. */
  get directory(): string {
    return this.#shell.directory;
  }

  /** The token of the launch. */
  get token(): string {
    return this.#shell.token;
  }

  /** The working directory in which the shell started. */
  get startCwd(): string {
    return this.#shell.cwd;
  }

  /** Whether the shell's process has ended. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Whether the command that was sent last is still running. */
  get busy(): boolean {
    return this.#command !== undefined && this.#command.result === undefined;
  }

  /**
   * Runs one command. One at a time; the caller sees to that.
   *
   * @param request The command.
   * @returns How it ended.
   */
  async run(request: RunRequest): Promise<RunOutcome> {
    this.#stopping = false;
    const first = await this.#attempt(request);
    if (first.kind !== "refused" || !first.usable || this.#stopping) return first;
    const second = await this.#attempt(request);
    return { ...second, repaired: true };
  }

  /** Says that the running command is being ended: not to be sent again, nor its output held back. */
  stopping(): void {
    this.#stopping = true;
  }

  /**
   * Sends a frame that does nothing, and waits until the shell has run it.
   *
   * @param command What to run instead of nothing, such as setting up the terminal again.
   * @returns Whether it answered in time with genuine words.
   */
  async synchronise(command = ":"): Promise<boolean> {
    const frame = await this.#send(
      { command: { text: command }, previousStatus: 0, input: "/dev/null", tty: false },
      NO_OUTPUT,
    );
    const settlement = await withGrace(frame.settled, LIMITS.resyncTimeoutMs);
    return settlement === "ended" && frame.begun;
  }

  /**
   * Brings shell and terminal back to a known state after an interrupt.
   *
   * @returns Whether the shell answers.
   */
  async resynchronise(): Promise<boolean> {
    const command = this.terminal ? TERMINAL_SETUP : ":";
    return await this.synchronise(command) || await this.synchronise();
  }

  /** Resolves when the command that was sent last has ended, in whatever way. */
  get commandSettled(): Promise<unknown> {
    return this.#command?.settled ?? Promise.resolve();
  }

  /** Closes the transport, which ends every process of the session; what they still say is noise. */
  async close(): Promise<void> {
    this.#route.stdout = NO_OUTPUT;
    this.#route.stderr = NO_OUTPUT;
    this.#frame = undefined;
    await this.#transport.close();
    this.#die();
  }

  async #attempt(request: RunRequest): Promise<RunOutcome> {
    const sending = this.#send(request, request.onOutput);
    // From here on, before the frame is written, an abort has to find a command to interrupt.
    this.#command = this.#frame;
    const frame = await sending;
    const settlement = await frame.settled;
    const end = frame.end;
    // A prompt that the shell could not expand is no witness.
    const known = end === undefined || !Number.isInteger(end.status)
      ? {}
      : { status: end.status, cwd: end.cwd };
    switch (settlement) {
      case "ended":
        if (!frame.begun) return { kind: "refused", usable: await this.#repair() };
        return { kind: "ended", ...known, usable: true };
      case "unproven":
        return { kind: frame.begun ? "ended" : "refused", ...known, usable: false };
      case "restarted":
        return { kind: "ended", ...known, restarted: true, usable: await this.#initialiseAgain() };
      case "died":
        return {
          kind: "died",
          ...(this.#exitStatus === undefined ? {} : { status: this.#exitStatus }),
          usable: false,
        };
      case "aborted":
        if (frame.begun) return { kind: "ended", ...known, usable: await this.synchronise() };
        return { kind: "refused", usable: await this.#repair() };
      case "stale": {
        const usable = await this.#repair();
        // Once the shell has answered a later frame, it is certain whether it ran this one.
        return frame.begun ? { kind: "ended", usable: false } : { kind: "refused", usable };
      }
      case "unmarked":
        return { kind: "ended", ...known, usable: await this.#repair(), repaired: true };
    }
  }

  /** Gives shadowed words their meaning back; the frame after it shows whether that worked. */
  async #repair(): Promise<boolean> {
    if (this.dialect.repair === undefined) return false;
    await this.#tryWrite(this.dialect.repair(this.#shell.token, this.#shell.directory));
    return await this.synchronise();
  }

  async #send(
    request: Omit<RunRequest, "onOutput">,
    onOutput: OutputSink,
  ): Promise<FrameState> {
    const nonce = this.#shell.makeKey();
    const frame = new FrameState({
      nonce,
      previousNonce: this.#previousNonce,
      prompts: this.dialect.prompts,
      tty: request.tty,
      nudge: () => void this.#tryWrite("\n"),
    });
    this.#expect(nonce);
    this.#previousNonce = nonce;
    this.#frame = frame;
    this.#sink = request.tty ? (_stream, bytes) => onOutput("stdout", bytes) : onOutput;
    if (this.#dead) frame.die();
    const { token, directory } = this.#shell;
    if (!await this.#tryWrite(this.dialect.frame({ ...request, token, directory, nonce }))) {
      frame.die();
    }
    if (this.dialect.epilogue !== undefined) this.#followUp(frame, EPILOGUE_FIRST_MS, 1);
    return frame;
  }

  /** Asks a shell without prompts again and again whether it has dropped the frame. */
  #followUp(frame: FrameState, delayMs: number, count: number): void {
    const timer = setTimeout(() => {
      if (frame.result !== undefined || count > EPILOGUE_MAX_COUNT) return;
      void this.askForEnd();
      this.#followUp(frame, delayMs * 4, count + 1);
    }, delayMs);
    void frame.settled.then(() => clearTimeout(timer));
  }

  /** Asks a shell without prompts whether it has dropped the current frame. */
  async askForEnd(): Promise<void> {
    const frame = this.#frame;
    if (frame === undefined || frame.result !== undefined) return;
    const text = this.dialect.epilogue?.(this.#shell.token, frame.expectation.nonce);
    if (text !== undefined) await this.#tryWrite(text);
  }

  async #initialiseAgain(): Promise<boolean> {
    const ready = this.#waitReady();
    await this.#tryWrite(this.dialect.init({
      token: this.#shell.token,
      directory: this.#shell.directory,
      env: [],
      terminal: this.terminal,
      restore: true,
    }));
    return await withDeadline(ready, this.#setup.openTimeoutMs) === true;
  }

  #ready: (() => void) | undefined;

  /** Resolves when both streams have said `Y`. */
  #waitReady(): Promise<true> {
    let missing = 2;
    return new Promise((resolve) => {
      this.#ready = () => {
        missing -= 1;
        if (missing === 0) resolve(true);
      };
    });
  }

  /** Writes to the road. A shell that is gone is an outcome of the run, not an error. */
  async #tryWrite(text: string): Promise<boolean> {
    if (this.#dead) return false;
    try {
      await this.#transport.write(encoder.encode(text));
      return true;
    } catch (cause) {
      if (!(cause instanceof ExeckitError)) throw cause;
      return false;
    }
  }

  #expect(nonce: string): void {
    const keys = [nonce, this.#previousNonce, this.#shell.token].filter((key) => key !== "");
    this.#scanners.stdout.expect(keys);
    this.#scanners.stderr.expect(keys);
  }

  async #pump(stream: StreamName): Promise<void> {
    const scanner = this.#scanners[stream];
    const take = (events: ReturnType<FrameScanner["push"]>): unknown => {
      let pause: unknown;
      for (const event of events) {
        if (event.type === "data") pause = this.#route[stream](stream, event.bytes);
        else this.#onMarker(stream, event.marker);
      }
      return this.#stopping ? undefined : pause;
    };
    take(scanner.push(this.#shell.rest[stream]));
    for await (const chunk of this.#shell.streams[stream]) await take(scanner.push(chunk));
    take(scanner.end());
  }

  #onMarker(stream: StreamName, marker: Marker): void {
    if (marker.key === this.#shell.token) {
      if (marker.kind === "X") this.#exitStatus = Number(splitFields(marker.payload, 1)[0]);
      if (marker.kind === "X" && stream === "stderr") this.#die();
      if (marker.kind === "Y") {
        this.#route[stream] = this.#background.push;
        this.#ready?.();
      }
      return;
    }
    const frame = this.#frame;
    if (frame === undefined) return;
    if (marker.key === frame.expectation.nonce) this.#switchRoute(stream, marker, frame);
    frame.accept(stream, marker);
  }

  /** Begin and end markers say whose the bytes between them are. */
  #switchRoute(stream: StreamName, marker: Marker, frame: FrameState): void {
    const ends = stream === "stdout" ? "E" : frame.expectation.tty ? "T" : "S";
    if (marker.kind === "B") {
      this.#background.flush(stream);
      this.#route[stream] = this.#sink;
    }
    if (marker.kind === ends) this.#route[stream] = this.#background.push;
    // What a restarting shell says before its initialisation is not the command's.
    if (marker.kind === "R") this.#route[stream] = NO_OUTPUT;
  }

  #die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#frame?.die();
    this.#command?.die();
  }
}
