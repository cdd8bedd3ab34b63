/**
 * From a session's options to the factory of its transport. What a transport needs is loaded when it
 * is first used, so that a local session loads no SSH or Docker package and needs no permission for
 * them.
 *
 * @module
 */

import type { DockerOptions } from "./docker/docker_options.ts";
import { localTransportFactory } from "./local/local_transport.ts";
import type { SshOptions } from "./ssh/ssh_options.ts";
import type { TransportFactory } from "./transport.ts";

/** The machine that a session is asked for. */
export type TransportTarget =
  | { readonly kind: "local" }
  | { readonly kind: "ssh"; readonly options: SshOptions }
  | { readonly kind: "docker"; readonly options: DockerOptions };

/**
 * Makes the factory for a target. Nothing is connected yet.
 *
 * @param target The machine.
 * @returns The factory.
 * @throws {ExeckitError} `invalid_argument` naming the option.
 */
export async function openTransport(target: TransportTarget): Promise<TransportFactory> {
  switch (target.kind) {
    case "local":
      return localTransportFactory();
    case "ssh": {
      const { sshTransportFactory } = await import("./ssh/ssh_transport.ts");
      return await sshTransportFactory(target.options);
    }
    case "docker": {
      const { dockerTransportFactory } = await import("./docker/docker_transport.ts");
      return await dockerTransportFactory(target.options);
    }
  }
}
