/**
 * A shell in a sandbox whose launch and side scripts run as somebody else, or with something that
 * they inherit: what `Session.open` cannot be asked for.
 *
 * @module
 */

import { resolveSession } from "../../src/session/resolve_options.ts";
import type { SandboxOptions } from "../../src/session/session_options.ts";
import { type KeptOutcome, ShellKeeper } from "../../src/session/shell_keeper.ts";
import { localTransportFactory } from "../../src/transports/local/local_transport.ts";
import type { TransportFactory } from "../../src/transports/transport.ts";
import { rerouteAsides } from "./reroute_asides.ts";

/** How scripts are run: each text runs `sh -c "$@"` in the end. */
export interface Wrapping {
  /** For the launch script. */
  readonly launch: string;
  /** For the scripts beside it. */
  readonly aside: string;
}

/** Milliseconds a command of these tests may live by default. */
const TIMEOUT_MS = 20_000;

function wrap(factory: TransportFactory, wrapping: Wrapping): TransportFactory {
  return {
    ...factory,
    async open({ script, args }) {
      const transport = await factory.open({
        script: wrapping.launch,
        args: [script, "execkit", ...args],
      });
      return rerouteAsides(transport, (aside) => ({
        script: wrapping.aside,
        args: [aside.script, "execkit", ...aside.args ?? []],
      }));
    },
  };
}

/** How a command ended, with what it wrote to both streams. */
export type WrappedOutcome = KeptOutcome & { readonly text: string };

/** A shell in a sandbox. */
export class WrappedShell implements AsyncDisposable {
  /** What keeps it. */
  readonly keeper: ShellKeeper;

  private constructor(keeper: ShellKeeper) {
    this.keeper = keeper;
  }

  /**
   * Opens one.
   *
   * @param wrapping How its scripts are run.
   * @param sandbox What its sandbox allows.
   * @returns The shell.
   */
  static async open(wrapping: Wrapping, sandbox: SandboxOptions = {}): Promise<WrappedShell> {
    const resolved = resolveSession({ transport: "local", sandbox });
    if (resolved.sandbox === undefined) throw new Error("There is no sandbox");
    const factory = wrap(localTransportFactory(), wrapping);
    const setup = { shell: "bash", terminal: "auto", env: [], openTimeoutMs: TIMEOUT_MS } as const;
    return new WrappedShell(
      await ShellKeeper.open(factory, { ...setup, sandbox: resolved.sandbox }, {
        background: () => undefined,
        reconnect: false,
      }),
    );
  }

  /** Runs a command. */
  async run(command: string, timeoutMs: number = TIMEOUT_MS): Promise<WrappedOutcome> {
    const decoder = new TextDecoder();
    let text = "";
    const outcome = await this.keeper.run({
      command,
      tty: false,
      timeoutMs,
      onOutput: (_stream, bytes) => text += decoder.decode(bytes),
    });
    return { ...outcome, text };
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.keeper.close();
  }
}
