/**
 * Files over a local shell whose side scripts run in another `sh`, with other tools.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import {
  allowAllPolicy,
  type AuditSink,
  createRedactor,
  type Policy,
  safe,
  type TransportFactory,
} from "../../../mod.ts";
import type { FilesHouse } from "../../../src/session/files/file_gate.ts";
import { SessionFiles } from "../../../src/session/files/session_files.ts";
import { resolveSession } from "../../../src/session/resolve_options.ts";
import type { Approver } from "../../../src/session/approval.ts";
import { ShellKeeper } from "../../../src/session/shell_keeper.ts";
import { localTransportFactory } from "../../../src/transports/local/local_transport.ts";
import { skipWithout, type TestFolder } from "../../support/open_session.ts";
import { rerouteAsides } from "../../support/reroute_asides.ts";

/** How the side scripts are run; each text runs `sh "$@"` in the end. */
export interface RigOptions {
  /** Runs `sh "$@"` for side scripts. */
  readonly aside?: string;
  /** Runs `sh "$@"` for the launch. */
  readonly launch?: string;
  /** Judges accesses. */
  readonly policy?: Policy;
  /** Decides about what the policy asks. */
  readonly approve?: Approver;
  /** Gets the events. */
  readonly audit?: AuditSink;
  /** Whether it says that it is sandboxed. */
  readonly sandboxed?: boolean;
  /** Bytes of one file. */
  readonly maxTransferBytes?: number;
  /** Values that are secret. */
  readonly secrets?: readonly string[];
}

/** Milliseconds a command of these tests may live. */
const TIMEOUT_MS = 30_000;

/** The number of a user who owns nothing. */
export const NOBODY = 65_534;

/** Runs what it is given in the usual shell. */
const PLAIN = 'exec sh "$@"';

/** A shell and its files. */
export class FilesRig implements AsyncDisposable {
  /** The files. */
  readonly files: SessionFiles;
  readonly #keeper: ShellKeeper;
  readonly #closing = new AbortController();

  private constructor(keeper: ShellKeeper, options: RigOptions) {
    this.#keeper = keeper;
    const house: FilesHouse = {
      sessionId: safe`rig`,
      target: safe`local`,
      transportKind: "local",
      policy: options.policy ?? allowAllPolicy,
      redactor: createRedactor({ secrets: [...options.secrets ?? []] }),
      cwd: () => keeper.cwd,
      shell: () => "bash",
      reach: () => keeper.reach(),
      closing: this.#closing,
      sandboxed: options.sandboxed ?? false,
      ...(options.approve === undefined
        ? {}
        : { approval: { approve: options.approve, timeoutMs: TIMEOUT_MS } }),
      ...(options.audit === undefined ? {} : { audit: options.audit }),
      ...(options.maxTransferBytes === undefined
        ? {}
        : { maxTransferBytes: options.maxTransferBytes }),
    };
    this.files = new SessionFiles(house);
  }

  /** Opens one. */
  static async open(options: RigOptions & { readonly cwd?: string } = {}): Promise<FilesRig> {
    const resolved = resolveSession({ transport: "local" });
    const setup = {
      shell: "bash",
      terminal: "none",
      env: resolved.env,
      openTimeoutMs: TIMEOUT_MS,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    } as const;
    const factory = wrap(localTransportFactory(), options);
    const keeper = await ShellKeeper.open(factory, setup, {
      background: () => undefined,
      reconnect: false,
    });
    return new FilesRig(keeper, options);
  }

  /** Runs a command. */
  async exec(command: string): Promise<{ stdout: string; exitCode?: number }> {
    const decoder = new TextDecoder();
    let stdout = "";
    const { exitCode } = await this.#keeper.run({
      command,
      tty: false,
      timeoutMs: TIMEOUT_MS,
      onOutput: (stream, bytes) => {
        if (stream === "stdout") stdout += decoder.decode(bytes, { stream: true });
      },
    });
    return exitCode === undefined ? { stdout } : { stdout, exitCode };
  }

  /** Begins to close. */
  close(): void {
    this.#closing.abort();
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#keeper.close();
  }
}

function wrap(factory: TransportFactory, { aside, launch }: RigOptions): TransportFactory {
  return {
    ...factory,
    async open({ script, args }) {
      const transport = await factory.open({
        script: launch ?? PLAIN,
        args: ["-c", script, "execkit", ...args],
      });
      return rerouteAsides(transport, ({ script, args = [] }) => ({
        script: aside ?? PLAIN,
        args: ["-c", script, "execkit", ...args],
      }));
    },
  };
}

/** Runs `sh "$@"` as a user who may little, where only root can do that. */
export const AS_NOBODY = `exec setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups sh "$@"`;

/** Why nobody else can be played here; false when somebody can. */
export const NOBODY_SKIP: string | false = process.getuid?.() === 0
  ? skipWithout("setpriv")
  : "only root can become somebody else";

/** A `sh` with its tools, that side scripts can run in. */
export interface RigShell {
  /** What it is called. */
  readonly name: string;
  /** Why it cannot be had here; false when it can. */
  readonly skip: string | false;
  /** Makes what it needs, and says how to run it. */
  prepare(folder: TestFolder): string;
}

/** Every `sh` that side scripts have to work in. */
export const RIG_SHELLS: readonly RigShell[] = [
  { name: "bash", skip: skipWithout("bash"), prepare: () => 'exec bash --posix "$@"' },
  { name: "dash", skip: skipWithout("dash"), prepare: () => 'exec dash "$@"' },
  {
    name: "busybox with its own tools",
    skip: skipWithout("busybox"),
    prepare(folder) {
      const tools = join(folder.path, "tools");
      mkdirSync(tools);
      const busybox = execFileSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).trim();
      const applets = execFileSync("busybox", ["--list"], { encoding: "utf8" }).trim().split("\n");
      for (const applet of applets) symlinkSync(busybox, join(tools, applet));
      return `PATH='${tools}'; exec '${tools}/sh' "$@"`;
    },
  },
];
