/**
 * bash without execkit: what the figures stand beside.
 *
 * @module
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";

/** A bash that reads commands from a pipe, and nothing around it. */
export class RawBash implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams = spawn("bash", ["--norc", "--noprofile"]);
  #said = "";
  #onEcho: (() => void) | undefined;

  /** Starts bash. */
  constructor() {
    this.#child.stdout.on("data", (chunk: Uint8Array) => {
      this.#said += new TextDecoder().decode(chunk);
      if (!this.#said.endsWith("\n")) return;
      this.#said = "";
      this.#onEcho?.();
    });
  }

  /** Runs `true` and waits for the line that says so: the least that any session must do. */
  async runTrue(): Promise<void> {
    const echoed = new Promise<void>((resolve) => this.#onEcho = resolve);
    this.#child.stdin.write("true; echo $?\n");
    await echoed;
  }

  /** Ends bash. */
  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, "close");
    this.#child.stdin.end();
    await exited;
  }
}

/**
 * Runs a command with a bash of its own, as callers without a session do.
 *
 * @param command The command.
 */
export async function bashOnce(command: string): Promise<void> {
  const child = spawn("bash", ["-c", command], { stdio: "ignore" });
  await once(child, "close");
}

/**
 * Reads all that a command writes, through a bare pipe, and throws it away.
 *
 * @param command The command.
 * @returns How many bytes came.
 */
export async function readRaw(command: string): Promise<number> {
  const child = spawn("bash", ["-c", command], { stdio: ["ignore", "pipe", "ignore"] });
  let bytes = 0;
  child.stdout.on("data", (chunk: Uint8Array) => bytes += chunk.length);
  await once(child, "close");
  return bytes;
}
