/**
 * The sandbox's meaning in the language of macOS's `sandbox-exec`.
 *
 * Nothing starts it: it has never run on a Mac, and `sandbox: true` is refused there. It is here
 * for whoever can try it: `sandbox-exec -p "$profile" program …`.
 *
 * @module
 */

import { GIT_READ_ONLY, HOME_SECRETS, WORKSPACE_READ_ONLY } from "./hidden_paths.ts";
import type { SandboxSetup } from "./sandbox_setup.ts";

/** Secrets of the system and of macOS's own programs. */
const MAC_SYSTEM_SECRETS: readonly string[] = [
  "/private/etc/master.passwd",
  "/private/etc/sudoers",
  "/private/var/db/dslocal",
  "/Library/Keychains",
];
const MAC_HOME_SECRETS: readonly string[] = [
  "Library/Keychains",
  "Library/Cookies",
  "Library/Messages",
  "Library/Mail",
  "Library/Application Support/Google/Chrome",
  "Library/Application Support/Firefox",
  "Library/Safari",
];

/** What a shell and its programs need to run at all. */
const BASE = `(version 1)
(deny default)
(allow process-fork)
(allow process-exec)
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))
(allow sysctl-read)
(allow pseudo-tty)
(allow file-read*)
(allow file-ioctl (literal "/dev/tty") (literal "/dev/ptmx") (regex #"^/dev/ttys[0-9]+$"))
(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty")
  (literal "/dev/ptmx") (regex #"^/dev/ttys[0-9]+$") (regex #"^/dev/fd/[0-9]+$"))
(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))
(allow ipc-posix-shm)`;

/**
 * Makes a profile. Of two rules that match, the later one holds.
 *
 * @param setup What the sandbox is to allow; its limits have no counterpart here.
 * @param home The user's home directory.
 * @returns The profile's text.
 */
export function seatbeltProfile(setup: SandboxSetup, home: string): string {
  const { workspace, network, homes, readable, readOnly } = setup;
  const secrets = [home, ...homes].flatMap((path) =>
    [...HOME_SECRETS, ...MAC_HOME_SECRETS].map((name) => `${path}/${name}`)
  );
  const kept = [
    ...WORKSPACE_READ_ONLY,
    ...readOnly,
    ...["hooks", ...GIT_READ_ONLY].map((name) => `.git/${name}`),
  ];
  return [
    BASE,
    ...(network === "host" ? ["(allow network* (remote ip) (local ip))"] : []),
    ...(workspace === undefined ? [] : [
      rule("allow file-write*", [workspace]),
      rule("deny file-write*", kept.map((name) => `${workspace}/${name}`)),
    ]),
    rule("deny file-read* file-write*", [...secrets, ...MAC_SYSTEM_SECRETS]),
    ...(readable.length === 0 ? [] : [rule("allow file-read*", readable)]),
    "",
  ].join("\n");
}

function rule(action: string, paths: readonly string[]): string {
  return `(${action}\n${paths.map((path) => `  (subpath ${quote(path)})`).join("\n")})`;
}

/** A string of the profile's language, which is a Scheme. */
function quote(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
