/**
 * Flags that take a password in some programs and something else in others.
 *
 * @module
 */

import { BLANK } from "./byte_classes.ts";
import { byteAt, latin1, lineStart, NEED_MORE, runEnd } from "./byte_window.ts";
import type { ByteWindow } from "./byte_window.ts";
import { type Judge, type Judgement, undecided } from "./judgement.ts";
import { isStandIn } from "./secret_values.ts";
import { readValue } from "./value_reader.ts";

/** A flag of some programs. */
interface PasswordFlag {
  /** The flag with the blank in front of it. */
  readonly flag: string;
  /** The programs, as what stands before the flag on its line. */
  readonly programs: RegExp;
  /** What stands between user and password when the value is both. */
  readonly pairSign?: ":" | ",";
  /** Whether the value may or must follow without a blank. Default: must not. */
  readonly glued?: "may" | "must";
}

const DASH = 0x2d;
const EQUALS_SIGN = 0x3d;
const PASSWORD_MIN_CHARS = 3;
/** Ports, which flags of the same name take, and the one SNMP community that all know. */
const NO_PASSWORD = /^(?:\d{1,5}(?:[:/-][\w./:]*)?|public)$/;

const PASSWORD_FLAGS: readonly PasswordFlag[] = [
  { flag: " -u", programs: /\b(?:http|https|xh|svn|hurl|elinks)\b/, pairSign: ":" },
  { flag: " -u", programs: /\blftp\b/, pairSign: "," },
  { flag: " --auth", programs: /\b(?:http|https|xh)\b/, pairSign: ":" },
  {
    flag: " -a",
    programs: /\b(?:redis-cli|valkey-cli|keydb-cli|iredis|ldappasswd|http|https|xh)\b/,
  },
  {
    flag: " -p",
    programs: /\b(?:sshpass|mycli|mongo(?:sh|dump|restore|export|import)?)\b/,
    glued: "may",
  },
  {
    flag: " -p",
    programs: /\b(?:mysql\w*|mariadb[\w-]*|7z[azr]?|rar|unrar)\b/,
    glued: "must",
  },
  {
    flag: " -p",
    programs:
      /\b(?:docker|podman|nerdctl|buildah|skopeo|helm|registry|oc|az|cf) (?:registry )?login\b/,
  },
  {
    flag: " -p",
    programs:
      /\b(?:mongo\w*|cqlsh|clickhouse-client|influx|hydra|medusa|useradd|usermod|beeline|hdbsql|rabbitmqadmin|ncftp\w*|rdesktop|smbmap|crackmapexec|netexec|nxc|evil-winrm|psexec\w*(?:\.exe)?|testsaslauthd|doveadm pw|steghide|yt-dlp|youtube-dl|add-user\.sh|altool|ipmi-\w+|ipmipower|security (?:un)?lock-keychain|security (?:create-keychain|set-keychain-settings))\b/i,
  },
  {
    flag: " -P",
    programs:
      /\b(?:zip|unzip|sqlcmd|bcp|isql|sqsh|osql|tsql|fisql|freebcp|bsqldb|mssql-cli|ipmitool|mosquitto_\w+|ssh-keygen|security import)\b/,
    glued: "may",
  },
  { flag: " --pw", programs: /\bmosquitto_\w+\b/ },
  { flag: " -N", programs: /\bssh-keygen\b/ },
  { flag: " -A", programs: /\bsnmp\w+\b/ },
  { flag: " -A", programs: /\bab\b/, pairSign: ":" },
  { flag: " -X", programs: /\bsnmp\w+\b/ },
  {
    flag: " -c",
    programs:
      /\bsnmp(?:walk|get(?:next)?|bulk(?:walk|get)|set|trap|inform|table|status|df|test|delta|netstat|ps)\b/,
    glued: "may",
  },
  { flag: " -C", programs: /\bcheck_snmp\w*\b/ },
  { flag: " -k", programs: /\bopenssl (?:enc|aes|des)/ },
  { flag: " -w", programs: /\b(?:ldap\w+|vsql)\b/, glued: "may" },
  { flag: " -w", programs: /\b(?:kadmin(?:\.local)?|security add-\w+-password)\b/ },
  { flag: " -s", programs: /\bldappasswd\b/ },
  {
    flag: " -pw",
    programs: /\b(?:plink|pscp|psftp|putty|kitty|nzsql|addprinc|cpw|change_password)\b/i,
  },
  { flag: " -hp", programs: /\brar\b/, glued: "must" },
  { flag: " -ap", programs: /\bswaks\b/ },
  { flag: " -xp", programs: /\bsendemail\b/i },
  { flag: " -upw", programs: /\bpdf\w+\b/ },
  { flag: " -opw", programs: /\bpdf\w+\b/ },
  { flag: " -id", programs: /\bnikto\b/, pairSign: ":" },
  { flag: " input_pw", programs: /\bpdftk\b/ },
  { flag: " user_pw", programs: /\bpdftk\b/ },
  { flag: " owner_pw", programs: /\bpdftk\b/ },
  { flag: " /rp", programs: /\bschtasks\b/i },
  { flag: " /p:", programs: /\b[wx]freerdp3?\b/, glued: "must" },
];

/** The flags that {@linkcode flagJudge} makes rules for. */
export const PASSWORD_FLAG_ANCHORS: readonly string[] = [
  ...new Set(PASSWORD_FLAGS.map((entry) => entry.flag)),
];

/**
 * Makes the rule for a flag that takes a password in some programs.
 *
 * @param flag The flag with the blank in front of it.
 * @returns The rule.
 */
export function flagJudge(flag: string): Judge {
  const entries = PASSWORD_FLAGS.filter((one) => one.flag === flag);
  return (window, at) => {
    const line = latin1(window, lineStart(window, at), at);
    for (const entry of entries) {
      if (!entry.programs.test(line)) continue;
      const answer = judgeFlag(window, at + flag.length, entry);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
}

function judgeFlag(window: ByteWindow, from: number, entry: PasswordFlag): Judgement {
  const blanks = runEnd(window, from, BLANK, 8);
  const first = blanks === NEED_MORE ? NEED_MORE : byteAt(window, blanks);
  if (first === NEED_MORE) return undecided(window.end);
  const isApart = blanks > from || first === EQUALS_SIGN;
  if (first === DASH || (isApart ? entry.glued === "must" : entry.glued === undefined)) {
    return undefined;
  }
  const value = readValue(window, first === EQUALS_SIGN ? blanks + 1 : blanks, { isTag: false });
  if (value === NEED_MORE) return undecided(blanks);
  const text = latin1(window, value.start, value.end);
  const sign = entry.pairSign === undefined ? -1 : text.indexOf(entry.pairSign);
  if (entry.pairSign !== undefined && sign < 0) return undefined;
  const password = text.slice(sign + 1);
  if (password.length < PASSWORD_MIN_CHARS || isStandIn(password) || NO_PASSWORD.test(password)) {
    return undefined;
  }
  const start = value.start + sign + 1;
  const secret = { type: "secret", start, end: value.end, kind: "password", learn: true } as const;
  return value.swallow === undefined ? secret : { ...secret, swallow: value.swallow };
}
