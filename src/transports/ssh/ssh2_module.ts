/**
 * The package `ssh2`, as far as it is used here: its types, and the one place where it is loaded.
 *
 * The package brings no types, and `@types/ssh2` needs `@types/node`, which contradicts the types of
 * Deno. So the part that is used is written down here, for the exact version that is pinned.
 *
 * @module
 */

import type { Duplex, Readable } from "node:stream";

/** Why a server refuses to open a channel (RFC 4254, 5.1). */
export interface ChannelOpenError extends Error {
  /** 1 prohibited, 2 connect failed, 3 unknown type, 4 resource shortage; absent in other errors. */
  readonly reason?: number | string;
}

/** A channel of a connection. */
export interface Ssh2Channel extends Duplex {
  /** Standard error of the far process. */
  readonly stderr: Readable;
  /** Asks for the end of the channel, in both directions. */
  close(): void;
  /** Where the far side counts this channel, and whether our side may still send. */
  readonly outgoing: { readonly id: number; readonly state: string };
}

/** A key that was parsed. */
export interface Ssh2Key {
  /** Such as `ssh-ed25519`. */
  readonly type: string;
  /** The public key as it goes over the wire. */
  getPublicSSH(): Uint8Array;
  /** Whether it can sign. */
  isPrivateKey(): boolean;
  /** The private key in PEM. */
  getPrivatePEM(): string;
  /** Signs; an error is given back and not thrown. */
  sign(data: Uint8Array, digest?: string): Uint8Array | Error;
}

/** Receives the signature, or why there is none. */
type SignatureCallback = (error: Error | undefined, signature?: Uint8Array) => void;

/** An agent that holds keys. */
export interface Ssh2Agent {
  /** Lists the keys. */
  getIdentities(callback: (error: Error | undefined, keys?: readonly unknown[]) => void): void;
  /** Signs with one of them. */
  sign(key: Ssh2Key, data: Uint8Array, options: object, callback: SignatureCallback): void;
}

/** A question of keyboard-interactive authentication. */
export interface Ssh2Prompt {
  /** Its text. */
  readonly prompt: string;
  /** Whether the answer may be shown. */
  readonly echo?: boolean;
}

/** One try to authenticate. */
export type Ssh2AuthStep =
  | { readonly type: "none"; readonly username: string }
  | { readonly type: "publickey"; readonly username: string; readonly key: Ssh2Key }
  | { readonly type: "agent"; readonly username: string; readonly agent: Ssh2Agent }
  | { readonly type: "password"; readonly username: string; readonly password: string }
  | {
    readonly type: "keyboard-interactive";
    readonly username: string;
    readonly prompt: (
      name: string,
      instructions: string,
      language: string,
      ...rest: [readonly Ssh2Prompt[], (answers: readonly string[]) => void]
    ) => void;
  };

/** Asks for the next try; `null` before the first, `false` when there is none. */
export type Ssh2AuthHandler = (
  methodsLeft: readonly string[] | null,
  partialSuccess: boolean | null,
  next: (step: Ssh2AuthStep | false) => void,
) => void;

/** What a client connects with. */
export interface Ssh2ConnectConfig {
  /** A connected stream. */
  readonly sock: Duplex;
  /** The user. */
  readonly username: string;
  /** Judges the host's key, before anything but the greeting is sent. */
  readonly hostVerifier: (key: Uint8Array) => boolean;
  /** Chooses the tries. */
  readonly authHandler: Ssh2AuthHandler;
  /** Milliseconds for the handshake; 0 for no limit, because the caller has one. */
  readonly readyTimeout: 0;
  /** Algorithms by kind, best first. */
  readonly algorithms: Readonly<Record<string, readonly string[]>>;
}

/** A client's connection to one server. */
export interface Ssh2Client {
  /** Starts the handshake. */
  connect(config: Ssh2ConnectConfig): void;
  /** Says good-bye. */
  end(): void;
  /** Calls back for every event of a name. */
  on(event: string, listener: (...values: never[]) => void): void;
  /** Starts a program. */
  exec(
    line: string,
    callback: (error: ChannelOpenError | undefined, channel: Ssh2Channel) => void,
  ): void;
  /** Opens a way to another machine (`direct-tcpip`). */
  forwardOut(
    fromHost: string,
    fromPort: number,
    toHost: string,
    ...rest: [number, (error: ChannelOpenError | undefined, channel: Ssh2Channel) => void]
  ): void;
}

/** The package's exports. */
export interface Ssh2Module {
  /** Makes a client. */
  readonly Client: new () => Ssh2Client;
  /** What every agent that the package takes extends. */
  readonly BaseAgent: new () => object;
  /** Makes a client of the agent behind a socket. */
  readonly createAgent: (socketPath: string) => Ssh2Agent;
  /** Reads keys; an error is given back and not thrown. */
  readonly utils: {
    readonly parseKey: (data: unknown, passphrase?: string) => Ssh2Key | Ssh2Key[] | Error;
  };
}

/** What the package does not show, but the pinned version has. */
interface Ssh2Internals {
  readonly _protocol: { ping(): void; signal(channel: number, name: string): void };
  readonly _callbacks: (() => void)[];
}

let loaded: Promise<Ssh2Module> | undefined;

/**
 * Loads the package when it is first needed.
 *
 * @returns Its exports.
 */
export function loadSsh2(): Promise<Ssh2Module> {
  loaded ??= import("ssh2").then((module) => {
    const exports: unknown = module.default;
    // The interfaces of this file describe the pinned version's exports.
    return exports as Ssh2Module;
  });
  return loaded;
}

/**
 * Asks the server for a sign of life, as `ServerAliveInterval` of ssh(1) does. The package's own
 * keepalive counts data that arrives as silence, and its timer keeps the process alive.
 *
 * @param client An authenticated client.
 */
export function pingServer(client: Ssh2Client): void {
  const { _protocol: protocol, _callbacks: callbacks } = internalsOf(client);
  // The reply belongs to the oldest callback in this list.
  callbacks.push(() => undefined);
  protocol.ping();
}

/**
 * Sends a signal to a channel's process (RFC 4254, 6.9). The package's own method refuses once the
 * process's input was ended.
 *
 * @param client The channel's client.
 * @param channel The channel.
 */
export function killChannel(client: Ssh2Client, channel: Ssh2Channel): void {
  if (channel.outgoing.state !== "open" && channel.outgoing.state !== "eof") return;
  internalsOf(client)._protocol.signal(channel.outgoing.id, "KILL");
}

function internalsOf(client: Ssh2Client): Ssh2Internals {
  const inside: unknown = client;
  // The exact version is pinned, and tests use both members.
  return inside as Ssh2Internals;
}

/**
 * Shows one key of an agent as an agent of its own, so that every key is a try that is counted.
 *
 * @param ssh2 The package.
 * @param agent The agent that signs.
 * @param key The key.
 * @returns The agent with this key only.
 */
export function singleKeyAgent(ssh2: Ssh2Module, agent: Ssh2Agent, key: Ssh2Key): Ssh2Agent {
  class SingleKeyAgent extends ssh2.BaseAgent implements Ssh2Agent {
    getIdentities(callback: (error: undefined, keys: readonly Ssh2Key[]) => void): void {
      callback(undefined, [key]);
    }
    sign(_key: Ssh2Key, data: Uint8Array, options: object, callback: SignatureCallback): void {
      agent.sign(key, data, options, callback);
    }
  }
  return new SingleKeyAgent();
}
