/**
 * From options to a house: everything that a session lends to its commands, in a living shell.
 *
 * @module
 */

import type { AuditSink } from "../audit/audit_event.ts";
import { epochMs } from "../clock.ts";
import { ExeckitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { createRedactor } from "../output/redact.ts";
import type { Redactor } from "../output/redactor.ts";
import { CommandOutput } from "../output/store/command_output.ts";
import { OutputQuota } from "../output/store/output_quota.ts";
import { SpoolDirectory } from "../output/store/spool_directory.ts";
import { allowAllPolicy } from "../policy/allow_all.ts";
import { safe } from "../safe_text.ts";
import { DEFAULT_OPEN_TIMEOUT_MS } from "../shell/launch_handshake.ts";
import { randomKey } from "../shell/markers.ts";
import { quoteForShell } from "../shell_text/quote.ts";
import type { TransportFactory } from "../transports/transport.ts";
import type { ApprovalSetup } from "./approval.ts";
import { BackgroundOutput } from "./background_output.ts";
import { SessionProcessList } from "./command/session_process_list.ts";
import { type House, policyPlace } from "./exec_pipeline.ts";
import type { CommandHouse } from "./command/command_house.ts";
import { loginEnvironment, processEnvironment } from "./login_environment.ts";
import type { ResolvedSession } from "./resolve_options.ts";
import { openFactory, secretsOf } from "./resolve_target.ts";
import type { SessionOptions } from "./session_options.ts";
import { ShellKeeper } from "./shell_keeper.ts";

/** What the output of all sessions of this process takes together. */
const processQuota = new OutputQuota(LIMITS.outputProcessMaxBytes);

/**
 * Opens a session's shell and puts its rooms around it.
 *
 * @param options What the caller gave.
 * @param defaults The same, checked and complete.
 * @param approval Who decides about what the policy asks.
 * @returns The house.
 * @throws {ExeckitError} As `Session.open`.
 */
export async function openHouse(
  options: SessionOptions,
  defaults: ResolvedSession,
  approval: ApprovalSetup | undefined,
): Promise<House> {
  const factory = await openFactory(defaults.target);
  const id = options.id ?? `s-${randomKey().slice(0, 10)}`;
  const redactor = createRedactor({
    secrets: [...options.secrets ?? [], ...secretsOf(defaults.target)],
  });
  const background = new BackgroundOutput(redactor);
  learnEnvironment(redactor, defaults.env);
  const keeper = await openKeeper(factory, defaults, background);
  const house: House = {
    id,
    sessionId: redactor.text(id),
    target: redactor.text(factory.target),
    policy: options.policy?.forSession?.() ?? options.policy ?? allowAllPolicy,
    redactor,
    keeper,
    background,
    closing: new AbortController(),
    openOutput: outputOpener(redactor, defaults),
    processes: new SessionProcessList(() => keeper.channel, redactor),
    ...(approval === undefined ? {} : { approval }),
    ...(options.audit === undefined ? {} : { audit: options.audit }),
  };
  try {
    await takeLoginEnvironment(keeper, defaults, redactor);
    await options.audit?.record(openEvent(house));
  } catch (cause) {
    await keeper.close();
    throw cause;
  }
  return house;
}

/**
 * What a house lends to the handles of its commands.
 *
 * @param house The house.
 * @param isForeground Tells whether a command is the one that runs now.
 * @returns What is lent.
 */
export function lendToCommands(
  house: House,
  isForeground: (commandId: string) => boolean,
): CommandHouse {
  const { keeper, redactor } = house;
  return {
    redactor,
    policy: house.policy,
    place: () => policyPlace(house),
    session: () => keeper.channel,
    hasTerminal: () => keeper.channel.terminal,
    isForeground,
    record: async (event) => {
      await house.audit?.record({
        ts: epochMs(),
        session: house.sessionId,
        transport: redactor.text(keeper.channel.transport.kind),
        ...event,
      });
    },
  };
}

function outputOpener(redactor: Redactor, defaults: ResolvedSession): () => CommandOutput {
  const quota = new OutputQuota(LIMITS.outputSessionMaxBytes, processQuota);
  const { outputDirectory, outputMaxBytes: maxBytes } = defaults;
  const spool = outputDirectory === undefined ? {} : { spool: new SpoolDirectory(outputDirectory) };
  return () => new CommandOutput({ redactor, quota, maxBytes, ...spool });
}

async function openKeeper(
  factory: TransportFactory,
  defaults: ResolvedSession,
  background: BackgroundOutput,
): Promise<ShellKeeper> {
  const setup = {
    shell: defaults.shell,
    terminal: defaults.terminal,
    env: defaults.env,
    openTimeoutMs: DEFAULT_OPEN_TIMEOUT_MS,
    ...(defaults.cwd === undefined ? {} : { cwd: defaults.cwd }),
    ...(defaults.sandbox === undefined ? {} : { sandbox: defaults.sandbox }),
  };
  return await ShellKeeper.open(factory, setup, {
    background: (stream, bytes) => background.push(stream, bytes),
    reconnect: defaults.reconnect,
  });
}

/**
 * A value under a name that the rules take for a secret's is hidden in all its encodings. A redactor
 * of its own finds out: one that has learned a value already would not register it anew.
 */
function learnEnvironment(
  redactor: Redactor,
  entries: readonly (readonly [string, string])[],
): void {
  const probe = createRedactor();
  for (const [name, value] of entries) {
    const line = `${name}=${quoteForShell(value)}`;
    if (probe.text(line) !== line) redactor.register(value, name.replaceAll("_", "-"));
  }
}

async function takeLoginEnvironment(
  keeper: ShellKeeper,
  defaults: ResolvedSession,
  redactor: Redactor,
): Promise<void> {
  const { transport, shellPid } = keeper.channel;
  learnEnvironment(redactor, await processEnvironment(transport, shellPid));
  if (!defaults.loginEnv) return;
  const entries = await loginEnvironment(transport);
  if (entries === undefined) {
    throw new ExeckitError({
      code: "open_timed_out",
      message: safe`Cannot take the login environment: the profile did not end in time`,
      hint: safe`Mend the login profile, or open the session without loginEnv`,
    });
  }
  learnEnvironment(redactor, entries);
  await keeper.exportAll(entries.filter(([name]) => !defaults.env.some(([own]) => own === name)));
}

function openEvent(house: House): Parameters<AuditSink["record"]>[0] {
  return {
    event: "open",
    ts: epochMs(),
    session: house.sessionId,
    transport: house.redactor.text(house.keeper.channel.transport.kind),
    target: house.target,
    shell: house.redactor.text(house.keeper.channel.dialect.name),
  };
}
