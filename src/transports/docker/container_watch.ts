/**
 * What happens to a container while sessions run in it: one subscription to the engine's events for
 * all of them.
 *
 * Without it, a paused container would look like a command that takes long, and a stopped one like
 * a shell that exited.
 *
 * @module
 */

import { sleepMs } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { DockerEngine } from "./docker_engine.ts";
import { EngineRefusal } from "./engine_errors.ts";

/** Milliseconds before a broken subscription is made again. */
const RETRY_MS = 500;
/** Bytes of a line at most; the engine's are below 4 KiB, with labels of the operator's inside. */
const LINE_MAX_CHARS = 1024 * 1024;

/** Somebody who wants to know. */
type Listener = (detail: SafeText) => void;

/** What one event changes: nothing, or the container no longer runs commands. */
interface WatchState {
  readonly signal?: number;
  readonly outOfMemory: boolean;
}

/** Follows one container while there are listeners. */
export class ContainerWatch {
  readonly #engine: DockerEngine;
  readonly #container: string;
  readonly #listeners = new Set<Listener>();
  #state: WatchState = { outOfMemory: false };
  #stop: (() => void) | undefined;

  /**
   * Makes a watch; it asks for nothing until somebody listens.
   *
   * @param engine The engine.
   * @param container The container's id.
   */
  constructor(engine: DockerEngine, container: string) {
    this.#engine = engine;
    this.#container = container;
  }

  /**
   * Listens for the end of the container's running, pausing included.
   *
   * @param listener Called with what happened, as part of a sentence.
   * @returns Stops listening.
   */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#stop === undefined) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  #begin(): void {
    let stopped = false;
    let close = () => {};
    this.#stop = () => {
      stopped = true;
      close();
    };
    const isStopped = () => stopped;
    const follow = async (): Promise<void> => {
      while (!stopped) {
        try {
          const events = await this.#engine.events(this.#container);
          close = () => void events.destroy();
          if (isStopped()) return close();
          // What happened before the subscription began is seen by looking.
          await this.#look();
          for await (const line of linesOf(events)) this.#take(line);
        } catch (cause) {
          // The link is gone or was closed by us. The session's own streams say what that means.
          if (!(cause instanceof Error)) throw cause;
        }
        if (!isStopped()) await sleepMs(RETRY_MS);
      }
    };
    void follow();
  }

  async #look(): Promise<void> {
    const detail = await describeStopped(this.#engine, this.#container);
    if (detail !== undefined) this.#tell(detail);
  }

  #take(line: string): void {
    const { action, exitCode, signal } = parseEvent(line);
    switch (action) {
      case "kill":
        if (signal !== undefined) this.#state = { ...this.#state, signal };
        break;
      case "oom":
        this.#state = { ...this.#state, outOfMemory: true };
        break;
      case "pause":
        this.#tell(safe`the container was paused`);
        break;
      case "die":
        this.#tell(endOf(exitCode, this.#state));
        this.#state = { outOfMemory: false };
        break;
      case "destroy":
        this.#tell(safe`the container was removed`);
        break;
    }
  }

  #tell(detail: SafeText): void {
    for (const listener of [...this.#listeners]) listener(detail);
  }
}

/**
 * Looks whether a container runs commands.
 *
 * @param engine The engine.
 * @param container The container's id.
 * @returns What is wrong, as part of a sentence; undefined when it runs.
 */
export async function describeStopped(
  engine: DockerEngine,
  container: string,
): Promise<SafeText | undefined> {
  try {
    const { State: state } = await engine.inspect(container);
    if (state.Paused === true) return safe`the container was paused`;
    if (state.Running === true && state.Restarting !== true) return undefined;
    return endOf(state.ExitCode, { outOfMemory: state.OOMKilled === true });
  } catch (cause) {
    if (cause instanceof EngineRefusal) return safe`the container was removed`;
    if (cause instanceof ExeckitError) return safe`the engine closed the connection`;
    throw cause;
  }
}

const SIGKILL = 9;

function endOf(exitCode: number | undefined, state: WatchState): SafeText {
  const code = exitCode === undefined ? safe`` : safe` (exit code ${exitCode})`;
  if (state.outOfMemory) return safe`the container ran out of memory${code}`;
  if (state.signal === SIGKILL) return safe`the container was killed${code}`;
  if (state.signal !== undefined) return safe`the container was stopped${code}`;
  return safe`the container ended${code}`;
}

async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LINE_MAX_CHARS) return;
    yield* lines;
  }
}

/** `{"Action":"die","Actor":{"Attributes":{"exitCode":"137"}}}`, as far as it is used. */
function parseEvent(
  line: string,
): { action?: string; exitCode?: number; signal?: number } {
  if (line.trim() === "") return {};
  // The engine's events have this form; anything else has none of these members.
  const event = JSON.parse(line) as {
    Action?: unknown;
    Actor?: { Attributes?: { exitCode?: unknown; signal?: unknown } };
  };
  const { exitCode, signal } = event.Actor?.Attributes ?? {};
  return {
    ...(typeof event.Action === "string" ? { action: event.Action } : {}),
    ...(typeof exitCode === "string" ? { exitCode: Number(exitCode) } : {}),
    ...(typeof signal === "string" ? { signal: Number(signal) } : {}),
  };
}
