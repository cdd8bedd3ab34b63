/**
 * The machine that an agent asks for, within what the operator allows.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { invalidArgument } from "../../option_checks.ts";
import type { Policy } from "../../policy/policy.ts";
import { compileGlob } from "../../policy/glob.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import type { SessionOptions } from "../../session/session_options.ts";
import { quoteForShell } from "../../shell_text/quote.ts";
import type { ContainerNames } from "../container_pattern.ts";
import type { OperatorConfig } from "../operator_config.ts";
import { mayOpen, openingVerdict } from "./opening_verdict.ts";

/** The arguments of `session_create` that name the machine. */
export interface TargetArguments {
  /** The kind of machine. */
  readonly transport: "local" | "ssh" | "docker";
  /** A container's name or id. */
  readonly container?: string;
  /** An image, for a container of the session's own. */
  readonly image?: string;
  /** A host, or an alias of the client configuration. */
  readonly host?: string;
  /** The port. */
  readonly port?: number;
  /** The user on the host or in the container. */
  readonly user?: string;
  /** The password. */
  readonly password?: string;
  /** A key inside the operator's key directory. */
  readonly key_path?: string;
  /** The host key's fingerprint. */
  readonly fingerprint?: string;
}

/** What the target is judged with. */
export interface TargetContext {
  /** The operator's settings. */
  readonly config: OperatorConfig;
  /** Redacts what a verdict quotes. */
  readonly redact: (text: string) => SafeText;
}

const ARGUMENTS_OF = {
  local: [],
  ssh: ["host", "port", "user", "password", "key_path", "fingerprint"],
  docker: ["container", "image", "user"],
} as const;

/**
 * Makes the options that name the machine. Where the operator lists hosts, containers or images, the
 * list decides; else the session's policy does, as for the program that leads to the same place, so
 * that a policy without `ssh` is not to be got around by a session.
 *
 * @param args The agent's arguments.
 * @param policy The session's policy.
 * @param context The settings and the redactor.
 * @returns The options.
 * @throws {ExeckitError} `invalid_argument` or `blocked_by_policy`.
 */
export function targetOptions(
  args: TargetArguments,
  policy: Policy,
  context: TargetContext,
): SessionOptions {
  requireMatchingArguments(args);
  const { remote, sandbox } = context.config;
  const judge = (command: string) => {
    // A sandbox that an agent could leave by asking for another machine would be none.
    if (sandbox !== undefined) throw outsideSandbox();
    requireAllowed(command, policy, context);
  };
  switch (args.transport) {
    case "local":
      return { transport: "local", ...(sandbox === undefined ? {} : { sandbox }) };
    case "ssh":
      return sshTarget(args, remote, judge);
    case "docker":
      return dockerTarget(args, remote, judge);
  }
}

type Judge = (command: string) => void;

function sshTarget(
  args: TargetArguments,
  remote: OperatorConfig["remote"],
  judge: Judge,
): SessionOptions {
  const { host, port, user, password, key_path: keyPath, fingerprint } = args;
  if (host === undefined) throw invalidArgument(safe`'host' is missing for the transport ssh`);
  const place = {
    host,
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
  };
  if (remote.allowHosts === undefined) judge(sshCommand(place));
  else if (!remote.allowHosts.some((pattern) => pattern.matches(place))) {
    throw notListed(
      safe`this host, user and port`,
      safe`EXECKIT_MCP_ALLOW_HOSTS`,
      safe`Name user and port if you know them; else ask`,
    );
  }
  const { keyDirectory, knownHostsPath, insecureAcceptAnyHostKey } = remote;
  return {
    transport: "ssh",
    ...place,
    insecureAcceptAnyHostKey,
    ...(password === undefined ? {} : { password }),
    ...(keyPath === undefined ? {} : { keyPath }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(keyDirectory === undefined ? {} : { keyDirectory }),
    knownHosts: {
      // The agent's word for a key is no reason to forget what the operator's files say of it.
      judgePinned: true,
      ...(knownHostsPath === undefined ? {} : { record: knownHostsPath }),
    },
  };
}

function dockerTarget(
  args: TargetArguments,
  remote: OperatorConfig["remote"],
  judge: Judge,
): SessionOptions {
  const { container, image, user } = args;
  const common = { transport: "docker", ...(user === undefined ? {} : { user }) } as const;
  if (container !== undefined && image === undefined) {
    const { allowContainers } = remote;
    const isListed = (one: ContainerNames) =>
      allowContainers?.some((pattern) => pattern.matches(one, user)) === true;
    if (allowContainers === undefined) judge(joinCommand(container, user));
    else if (!isListed({ name: container, id: container })) {
      throw notListed(
        user === undefined ? safe`this container` : safe`this container as this user`,
        safe`EXECKIT_MCP_ALLOW_CONTAINERS`,
        user === undefined ? safe`Ask` : safe`Leave 'user' out if you can; else ask`,
      );
    }
    // The reference may be the beginning of an id, which says nothing of the container's name.
    const allowContainer = ({ name, id }: { name: string; id: string }) => {
      if (allowContainers !== undefined) {
        return isListed({ name, id });
      }
      judge(joinCommand(name, user));
      return true;
    };
    return { ...common, container, allowContainer };
  }
  if (image === undefined || container !== undefined) {
    throw invalidArgument(
      safe`Exactly one of 'container' and 'image' goes with the transport docker`,
    );
  }
  if (!matchesAny(remote.allowImages, image)) {
    throw notListed(safe`this image`, safe`EXECKIT_MCP_ALLOW_IMAGES`);
  }
  return { ...common, image };
}

/** An argument that another transport takes is a misunderstanding that must not be passed over. */
function requireMatchingArguments(args: TargetArguments): void {
  const own: ReadonlySet<string> = new Set(ARGUMENTS_OF[args.transport]);
  for (const name of [...ARGUMENTS_OF.ssh, ...ARGUMENTS_OF.docker]) {
    if (args[name] === undefined || own.has(name)) continue;
    throw invalidArgument(safe`'${NAMES[name]}' does not go with this transport`);
  }
}

const NAMES = {
  host: safe`host`,
  port: safe`port`,
  user: safe`user`,
  password: safe`password`,
  key_path: safe`key_path`,
  fingerprint: safe`fingerprint`,
  container: safe`container`,
  image: safe`image`,
} as const;

function joinCommand(container: string, user: string | undefined): string {
  const asUser = user === undefined ? "" : ` -u ${quoteForShell(user)}`;
  return `docker exec -i${asUser} ${quoteForShell(container)} sh`;
}

function sshCommand({ host, port, user }: { host: string; port?: number; user?: string }): string {
  const login = user === undefined ? host : `${user}@${host}`;
  return `ssh -p ${port ?? 22} -- ${quoteForShell(login)}`;
}

function requireAllowed(command: string, policy: Policy, { redact }: TargetContext): void {
  const verdict = openingVerdict(command, policy, { transport: "local", redact });
  if (mayOpen(verdict, policy)) return;
  throw new ExeckitError({
    code: "blocked_by_policy",
    message: verdict.reason === undefined
      ? safe`The policy does not allow a session there`
      : safe`The policy does not allow a session there: ${verdict.reason}`,
  });
}

function outsideSandbox(): ExeckitError {
  return new ExeckitError({
    code: "blocked_by_policy",
    message: safe`The operator puts every session into a sandbox, which another machine is not in`,
    hint: safe`Ask the operator to list the machine; do not look for another way`,
  });
}

function matchesAny(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => compileGlob(glob)(text));
}

function notListed(what: SafeText, variable: SafeText, first: SafeText = safe`Ask`): ExeckitError {
  return new ExeckitError({
    code: "blocked_by_policy",
    message: safe`The operator does not allow sessions on ${what}`,
    hint: safe`${first} the operator to add it to ${variable}; do not look for another way`,
  });
}
