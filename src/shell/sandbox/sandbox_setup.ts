/**
 * What a sandbox is to allow: checked and complete, with every default filled in.
 *
 * @module
 */

/** The ceilings inside a sandbox. Infinity stands for none. */
export interface SandboxCeilings {
  /** Processes and threads at most. */
  readonly processes: number;
  /** Bytes of address space that each process may have; absent for no ceiling. */
  readonly memoryBytes?: number;
  /** Bytes that a file may grow to. */
  readonly fileBytes: number;
  /** Open descriptors of each process. */
  readonly openFiles: number;
  /** Bytes of the private /tmp, which is held in memory. */
  readonly tmpBytes: number;
}

/** What a sandbox is made from. */
export interface SandboxSetup {
  /** The writable directory; absent for an empty one that ends with the sandbox. */
  readonly workspace?: string;
  /** `none`: only a loopback of its own. `host`: the machine's network. */
  readonly network: "none" | "host";
  /** The ceilings. */
  readonly limits: SandboxCeilings;
  /** Paths that may be read although they are hidden by default. */
  readonly readable: readonly string[];
  /** Paths below the workspace that stay read-only beside the built-in ones. */
  readonly readOnly: readonly string[];
  /** Names of variables that pass from the machine's environment beside the built-in ones. */
  readonly env: readonly string[];
  /** Home directories whose secrets are hidden beside the user's own. */
  readonly homes: readonly string[];
}
