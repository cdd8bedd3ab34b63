/**
 * The rule packs by name.
 *
 * @module
 */

import { DATABASES } from "./databases.ts";
import { DESTRUCTIVE } from "./destructive.ts";
import { GIT_HISTORY } from "./git_history.ts";
import { CLOUD, KUBERNETES } from "./infrastructure.ts";
import { NETWORK } from "./network.ts";
import type { Pack } from "./pack.ts";
import { PACKAGE_INSTALL } from "./package_install.ts";
import { PRIVILEGE } from "./privilege.ts";
import { READ_ONLY } from "./read_only.ts";

/** The names of the packs. */
export type PackName =
  | "destructive"
  | "privilege"
  | "network"
  | "package-install"
  | "git-history"
  | "kubernetes"
  | "databases"
  | "cloud"
  | "read-only";

/** Name → pack. */
export const PACKS: { readonly [name in PackName]: Pack } = {
  destructive: DESTRUCTIVE,
  privilege: PRIVILEGE,
  network: NETWORK,
  "package-install": PACKAGE_INSTALL,
  "git-history": GIT_HISTORY,
  kubernetes: KUBERNETES,
  databases: DATABASES,
  cloud: CLOUD,
  "read-only": READ_ONLY,
};
