/**
 * The OpenSSH client configuration: what it says of one host.
 *
 * One file is read, the user's or the operator's, with what it includes; the system-wide
 * `/etc/ssh/ssh_config` is not, as with `ssh -F`.
 *
 * @module
 */

import { dirname } from "node:path";
import { buildHost, connectName } from "./config_host.ts";
import { ConfigReader } from "./config_reader.ts";
import { localUserName } from "./local_user.ts";
import type { ResolvedSshOptions } from "./resolve_ssh_options.ts";
import type { SshHost } from "./ssh_host.ts";

export type { SshHost } from "./ssh_host.ts";

/**
 * Looks a host up in the client configuration, as ssh(1) would, but runs no program: a `Match exec`
 * is never true, and a note says so.
 *
 * @param options The checked options; they win over the configuration.
 * @param alias The host, as the caller or a jump calls it.
 * @returns What is known of the host.
 * @throws {ExeckitError} `invalid_config` for a broken or unreadable file, `unsupported` naming a
 * keyword that would change where we connect or whom we trust, `permission_denied` under Deno.
 */
export async function resolveHost(options: ResolvedSshOptions, alias: string): Promise<SshHost> {
  const { configFile } = options;
  // Relative includes are in ~/.ssh; a configuration of the operator's own has them beside it.
  const reader = new ConfigReader(() =>
    options.given.has("configFile") && configFile !== false
      ? dirname(configFile)
      : options.keyDirectory
  );
  if (configFile !== false) {
    const subject = {
      original: alias,
      user: options.user,
      localUser: localUserName,
      hostName: () => connectName(reader.values, alias),
    };
    await reader.pass(configFile, { ...subject, host: alias, final: false });
    const hostName = connectName(reader.values, alias).toLowerCase();
    if (reader.wantsFinalPass) {
      reader.values.replace("hostname", hostName);
      await reader.pass(configFile, { ...subject, host: hostName, final: true });
    }
  }
  return buildHost(options, alias, reader);
}
