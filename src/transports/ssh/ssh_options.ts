/**
 * What an SSH session is opened with: the types, and the checks that need no network.
 *
 * @module
 */

/** A question that the server asks by keyboard-interactive authentication (RFC 4256). */
export interface SshPrompt {
  /** The server's question, such as `Verification code: `. It is not redacted. */
  readonly prompt: string;
  /** Whether the answer may be shown while it is typed; false for a secret. */
  readonly echo: boolean;
}

/**
 * Answers the questions of keyboard-interactive authentication.
 *
 * @param prompts The questions of one round.
 * @returns One answer for each, in order. The answers appear in no result, log or error.
 */
export type AnswerSshPrompts = (prompts: readonly SshPrompt[]) => Promise<readonly string[]>;

/** Where the keys of hosts are looked up, and where a new one is written down. */
export interface KnownHostsOptions {
  /**
   * OpenSSH `known_hosts` files to look in. Default: the one that is recorded in, the user's
   * `~/.ssh/known_hosts`, and `/etc/ssh/ssh_known_hosts`.
   */
  files?: readonly string[];
  /**
   * The file in which a host's key is recorded at the first connection, or `false` to refuse hosts
   * that are not known. Default: `~/.execkit/known_hosts`.
   */
  record?: string | false;
  /**
   * Whether the files also judge a key that `fingerprint` pins: one that is changed or revoked is
   * refused all the same, and an unknown one is recorded or refused as without a pin. For a
   * fingerprint that comes from somebody who may not overrule the files. Default: false, the pin
   * decides alone and no file is read.
   */
  judgePinned?: boolean;
}

/** The machine of an SSH session, and how to prove who is who. */
export interface SshOptions {
  /** A host name, an address, or a `Host` alias of the client configuration. */
  host: string;
  /** The port. Default: the client configuration's, else 22. */
  port?: number;
  /** The user. Default: the client configuration's, else the local user. */
  user?: string;
  /**
   * A private key inside the key directory, relative to it or absolute. It is tried first, and alone.
   * Default: the client configuration's `IdentityFile`s, else OpenSSH's default names.
   */
  keyPath?: string;
  /** The passphrase of an encrypted key. */
  passphrase?: string;
  /** The password, also given to a single hidden keyboard-interactive question. */
  password?: string;
  /** Answers keyboard-interactive questions. */
  answerPrompts?: AnswerSshPrompts;
  /** Path of an agent's socket, or `false` for none. Default: the configuration's, `SSH_AUTH_SOCK`. */
  agent?: string | false;
  /**
   * The only directory that keys are read from, by real path, so that no symbolic link leads out of
   * it. Default: `~/.ssh`.
   */
  keyDirectory?: string;
  /** The client configuration, or `false` for none. Default: `config` in the key directory. */
  configFile?: string | false;
  /**
   * Hosts to go through, in order, each `[user@]host[:port]`; `[]` for none. Each is verified like
   * the last one; keys, agent, passphrase and `answerPrompts` log in there, but neither the password
   * nor the pinned fingerprint, which are the target's. Default: the client configuration's
   * `ProxyJump`.
   */
  jump?: readonly string[];
  /** The host's key as `SHA256:…` (`ssh-keygen -l`); any other key is refused. */
  fingerprint?: string;
  /** Where keys of hosts are known from. */
  knownHosts?: KnownHostsOptions;
  /** Accepts any host key, even a changed one. Only for throw-away test machines. Default: false. */
  insecureAcceptAnyHostKey?: boolean;
  /** Milliseconds for the connection, authentication included. Default: 15 000. */
  connectTimeoutMs?: number;
  /** Milliseconds between two signs of life; a connection that misses three is lost. Default: 5 000. */
  keepaliveIntervalMs?: number;
}
