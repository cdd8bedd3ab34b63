/**
 * What execkit does with each keyword of ssh_config(5).
 *
 * @module
 */

import { safe, type SafeText } from "../../safe_text.ts";

/**
 * `read`: it has a meaning here. `refused`: it would change where we connect or whom we trust, and is
 * not implemented, so that a host that it applies to is refused. `noted`: it is passed over, and a
 * note says so. `ignored`: it has no meaning for a session without terminal and forwardings.
 */
export type KeywordUse = "read" | "refused" | "noted" | "ignored";

const READ = [
  "AddressFamily",
  "ConnectTimeout",
  "GlobalKnownHostsFile",
  "HashKnownHosts",
  "Host",
  "HostKeyAlgorithms",
  "HostKeyAlias",
  "HostName",
  "IdentitiesOnly",
  "IdentityAgent",
  "IdentityFile",
  "IgnoreUnknown",
  "Include",
  "KbdInteractiveAuthentication",
  "Match",
  "PasswordAuthentication",
  "Port",
  "PreferredAuthentications",
  "ProxyJump",
  "PubkeyAuthentication",
  "ServerAliveCountMax",
  "ServerAliveInterval",
  "StrictHostKeyChecking",
  "User",
  "UserKnownHostsFile",
] as const;

const REFUSED = [
  "BindAddress",
  "BindInterface",
  "CanonicalizeHostname",
  "ProxyCommand",
  "ProxyUseFdpass",
  "RevokedHostKeys",
] as const;

const NOTED = [
  "CertificateFile",
  "Ciphers",
  "KexAlgorithms",
  "KnownHostsCommand",
  "LocalCommand",
  "MACs",
  "NoHostAuthenticationForLocalhost",
  "PKCS11Provider",
  "PubkeyAcceptedAlgorithms",
  "PubkeyAcceptedKeyTypes",
  "RemoteCommand",
  "RequiredRSASize",
  "VerifyHostKeyDNS",
] as const;

const IGNORED = [
  "AddKeysToAgent",
  "BatchMode",
  "CASignatureAlgorithms",
  "CanonicalDomains",
  "CanonicalizeFallbackLocal",
  "CanonicalizeMaxDots",
  "CanonicalizePermittedCNAMEs",
  "ChannelTimeout",
  "CheckHostIP",
  "Cipher",
  "ClearAllForwardings",
  "Compression",
  "CompressionLevel",
  "ConnectionAttempts",
  "ControlMaster",
  "ControlPath",
  "ControlPersist",
  "DynamicForward",
  "EnableEscapeCommandline",
  "EnableSSHKeysign",
  "EscapeChar",
  "ExitOnForwardFailure",
  "FallbackToRsh",
  "FingerprintHash",
  "ForkAfterAuthentication",
  "ForwardAgent",
  "ForwardX11",
  "ForwardX11Timeout",
  "ForwardX11Trusted",
  "GatewayPorts",
  "GlobalKnownHostsFile2",
  "GSSAPIAuthentication",
  "GSSAPIClientIdentity",
  "GSSAPIDelegateCredentials",
  "GSSAPIKeyExchange",
  "GSSAPIRenewalForcesRekey",
  "GSSAPIServerIdentity",
  "GSSAPITrustDns",
  "HostbasedAcceptedAlgorithms",
  "HostbasedAuthentication",
  "HostbasedKeyTypes",
  "IPQoS",
  "KbdInteractiveDevices",
  "KeepAlive",
  "LocalForward",
  "LogLevel",
  "LogVerbose",
  "NumberOfPasswordPrompts",
  "ObscureKeystrokeTiming",
  "PermitLocalCommand",
  "PermitRemoteOpen",
  "Protocol",
  "RSAAuthentication",
  "RefuseConnection",
  "RekeyLimit",
  "RemoteForward",
  "RequestTTY",
  "RhostsRSAAuthentication",
  "SecurityKeyProvider",
  "SendEnv",
  "SessionType",
  "SetEnv",
  "SmartcardDevice",
  "StdinNull",
  "StreamLocalBindMask",
  "StreamLocalBindUnlink",
  "SyslogFacility",
  "TCPKeepAlive",
  "Tag",
  "Tunnel",
  "TunnelDevice",
  "UpdateHostKeys",
  "UseKeychain",
  "UsePrivilegedPort",
  "UserKnownHostsFile2",
  "UseRoaming",
  "UseRsh",
  "VersionAddendum",
  "VisualHostKey",
  "WarnWeakCrypto",
  "X11UseLocalhost",
  "XAuthLocation",
] as const;

/** Old names of keywords that are read. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["challengeresponseauthentication", "kbdinteractiveauthentication"],
  ["dsaauthentication", "pubkeyauthentication"],
  ["identityfile2", "identityfile"],
  ["skeyauthentication", "kbdinteractiveauthentication"],
  ["tisauthentication", "kbdinteractiveauthentication"],
]);

interface Keyword {
  readonly use: KeywordUse;
  readonly name: SafeText;
}

const KEYWORDS: ReadonlyMap<string, Keyword> = new Map(
  ([["read", READ], ["refused", REFUSED], ["noted", NOTED], ["ignored", IGNORED]] as const)
    .flatMap(([use, names]) =>
      names.map((name): [string, Keyword] => [
        name.toLowerCase(),
        // The names are this file's own literals.
        { use, name: name as string as SafeText },
      ])
    ),
);

/**
 * The one name of a keyword.
 *
 * @param word The keyword as it stands in a file.
 * @returns In lower case, an old name replaced by the present one.
 */
export function canonicalKeyword(word: string): string {
  const lower = word.toLowerCase();
  return ALIASES.get(lower) ?? lower;
}

/**
 * What is done with a keyword.
 *
 * @param keyword A keyword from {@linkcode canonicalKeyword}.
 * @returns Its use; undefined when there is no such keyword.
 */
export function keywordUse(keyword: string): KeywordUse | undefined {
  return KEYWORDS.get(keyword)?.use;
}

/**
 * A keyword for messages.
 *
 * @param keyword A keyword from {@linkcode canonicalKeyword}.
 * @returns Its name as in ssh_config(5).
 */
export function keywordName(keyword: string): SafeText {
  return KEYWORDS.get(keyword)?.name ?? safe`a keyword`;
}
