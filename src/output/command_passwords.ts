/**
 * Where in the command lines of some programs the passwords stand.
 *
 * @module
 */

import { looksMixed } from "./secret_values.ts";

/** Programs that read a password from a pipe. */
export const READS_PASSWORD =
  /\bchpasswd\b|\bsudo\b.* -S\b|-stdin\b|--with-token\b|\bcryptsetup\b|\bkinit\b|\b(?:vncpasswd|saslpasswd2) .*-[fp]\b/;

/** A word of a line, without its quotes. */
export interface Word {
  /** Its characters. */
  readonly text: string;
  /** Index of its first character in the line. */
  readonly start: number;
  /** True when it stood in quotes. */
  readonly isQuoted: boolean;
}

/** Where in a line a password is. */
export interface Found {
  /** Index of its first character. */
  readonly start: number;
  /** Its characters. */
  readonly text: string;
}

/** Finds the passwords in the words of a line that begins with a certain program. */
export type Find = (words: readonly Word[], line: string) => readonly Found[];

type FindOne = (words: readonly Word[], line: string) => Found | undefined;

/** Program, with what follows it → where its passwords are. */
export const COMMANDS: ReadonlyMap<string, Find> = new Map<string, Find>([
  ["curl ", one((words) => afterSign(userPair(words), ":"))],
  ["wget ", one((words) => afterSign(userPair(words), ":"))],
  ["etcdctl ", one((words) => afterSign(userPair(words), ":"))],
  ["curlftpfs ", one((words) => userOf(words[1], ":"))],
  ["smbclient ", one((words) => afterSign(wordAfter(words, /^-U$|^--user$/), "%"))],
  ["rpcclient ", one((words) => afterSign(wordAfter(words, /^-U$|^--user$/), "%"))],
  ["winexe ", one((words) => afterSign(wordAfter(words, /^-U$|^--user$/), "%"))],
  ["htpasswd ", one(htpasswd)],
  ["mosquitto_passwd ", one(htpasswd)],
  ["echo ", one(echoedText)],
  ["printf ", one(echoedText)],
  ["net use ", one(netUse)],
  ["net user ", one(netUser)],
  ["vault login ", one((words) => mixed(words.slice(2).find(isOperand)))],
  ["gh secret set ", one((words) => wordAfter(words, /^--body$|^-b$/))],
  ["vncpasswd ", one((words) => mixed(words.slice(1).find(isOperand)))],
  ["openssl passwd ", one((words) => mixed(words.slice(2).findLast(isOperand)))],
  ["ansible-vault encrypt_string ", one((words) => words.slice(2).find(isOperand))],
  [
    "rabbitmqctl ",
    one((words) => operandAfter(words, /^(?:add_user|change_password|authenticate_user)$/, 2)),
  ],
  ["samba-tool user ", one((words) => operandAfter(words, /^(?:create|add)$/, 2))],
  ["doveadm auth ", one((words) => operandAfter(words, /^(?:test|login)$/, 2))],
  ["wpa_passphrase ", one((words) => operandAfter(words, /^wpa_passphrase$/, 2))],
  ["iwconfig ", one(wirelessKey)],
  ["nmcli ", one((words) => wordAfter(words, /^password$/))],
  ["mysqladmin ", one((words) => wordAfter(words, /^(?:new-)?password$/))],
  [
    "connect to ",
    one((words) => isWordAt(words, 3, "user") ? wordAfter(words, /^using$/i) : undefined),
  ],
  ["isql ", one((words) => mixed(words.slice(1).filter(isOperand)[2]))],
  [".logon ", one((words) => userOf(words[1], ","))],
  ["sqlplus ", one(oraclePassword)],
  ["sqlldr ", one(oraclePassword)],
  ["expdp ", one(oraclePassword)],
  ["impdp ", one(oraclePassword)],
  ["rman ", one(oraclePassword)],
  ["qpdf ", encryption],
  ["createUser ", snmpUser],
  ["secrets set ", assignedValues],
  ["travis encrypt ", assignedValues],
  ["create secret generic ", literals],
]);

/**
 * Splits a line at blanks that are not in quotes.
 *
 * @param line The line.
 * @returns Its words.
 */
export function wordsOf(line: string): Word[] {
  const words: Word[] = [];
  for (const match of line.matchAll(/"([^"]*)"?|'([^']*)'?|[^\s"']+/g)) {
    const inner = match[1] ?? match[2];
    words.push({
      text: inner ?? match[0],
      start: match.index + (inner === undefined ? 0 : 1),
      isQuoted: inner !== undefined,
    });
  }
  return words;
}

function one(find: FindOne): Find {
  return (words, line) => {
    const found = find(words, line);
    return found === undefined ? [] : [found];
  };
}

function isOperand(word: Word): boolean {
  return !/^-|=|^<<*$/.test(word.text);
}

function isWordAt(words: readonly Word[], index: number, text: string): boolean {
  return words[index]?.text.toLowerCase() === text;
}

/** Gives the words after a flag. */
function after(words: readonly Word[], flag: RegExp): readonly Word[] {
  const at = words.findIndex((word) => !word.isQuoted && flag.test(word.text));
  return at < 0 ? [] : words.slice(at + 1);
}

function wordAfter(words: readonly Word[], flag: RegExp): Word | undefined {
  return after(words, flag)[0];
}

/** Gives an operand after a verb, counted from 1. */
function operandAfter(words: readonly Word[], verb: RegExp, number: number): Word | undefined {
  return after(words, verb).filter(isOperand)[number - 1];
}

function userPair(words: readonly Word[]): Word | undefined {
  const glued = words.find((word) => /^(?:-[uU][^\s-]|--(?:proxy-)?user=.)/.test(word.text));
  return wordAfter(words, /^-[A-Za-z]*[uU]$|^--(?:proxy-)?user$/) ?? glued;
}

function afterSign(word: Word | undefined, sign: string): Found | undefined {
  const at = word === undefined ? -1 : word.text.indexOf(sign);
  if (word === undefined || at < 0) return undefined;
  return { start: word.start + at + 1, text: word.text.slice(at + 1) };
}

/** The password of `user:password@host`, with or without the host. */
function userOf(word: Word | undefined, sign: string): Found | undefined {
  const found = afterSign(word, sign);
  return found === undefined ? undefined : { ...found, text: found.text.replace(/@[^@]*$/, "") };
}

function mixed(found: Found | undefined): Found | undefined {
  return found !== undefined && looksMixed(found.text) ? found : undefined;
}

/** `htpasswd -b file name password`, and without a file when it only prints. */
function htpasswd(words: readonly Word[]): Found | undefined {
  const flags = words.filter((word) => /^-[A-Za-z]/.test(word.text)).map((word) => word.text).join(
    "",
  );
  if (!flags.includes("b")) return undefined;
  return words.slice(1).filter(isOperand)[flags.includes("n") ? 1 : 2];
}

/** `net use Z: \\server\share password /user:name`, or with the password at the end. */
function netUse(words: readonly Word[]): Found | undefined {
  const next = wordAfter(words, /^\/user:/i);
  if (next !== undefined && !next.text.startsWith("/")) return next;
  const hasUser = words.some((word) => /^\/user:/i.test(word.text));
  const password = wordAfter(words, /^\\\\/);
  return hasUser && password !== undefined && !/^[/*]/.test(password.text) ? password : undefined;
}

/** `net user name password /add`; `net user name /active:no` has none, and prose has more words. */
function netUser(words: readonly Word[]): Found | undefined {
  const [name, password, ...others] = words.slice(2);
  if (name === undefined || password === undefined || /^[/*]/.test(password.text)) return undefined;
  if (name.text.startsWith("/") || others.some((word) => !word.text.startsWith("/"))) {
    return undefined;
  }
  return others.length > 0 ? password : mixed(password);
}

/** `name/password@database`, also after `userid=`. */
function oraclePassword(words: readonly Word[]): Found | undefined {
  for (const { text, start } of words.slice(1)) {
    const match = /^((?:userid=)?["']?[A-Za-z][\w$#]*\/)([^/@\s]+)(?:@[^\s]*)?$/i.exec(text);
    const [, head, password] = match ?? [];
    if (head !== undefined && password !== undefined) {
      return { start: start + head.length, text: password };
    }
  }
  return undefined;
}

/** `createUser name SHA password AES password` of an SNMP daemon. */
function snmpUser(words: readonly Word[]): readonly Found[] {
  const found: Found[] = [];
  for (const kind of [/^(?:MD5|SHA)(?:-\d+)?$/, /^(?:DES|AES)(?:-\d+)?$/]) {
    const password = wordAfter(words, kind);
    if (password !== undefined) found.push(password);
  }
  return found;
}

/** `iwconfig wlan0 key 0123456789`, or `s:` in front of it for text. */
function wirelessKey(words: readonly Word[]): Found | undefined {
  const key = wordAfter(words, /^(?:key|enc)$/);
  return key?.text.startsWith("s:") ? afterSign(key, ":") : key;
}

/** `qpdf --encrypt user-password owner-password 256`. */
function encryption(words: readonly Word[]): readonly Found[] {
  const found = after(words, /^--encrypt$/);
  return /^(?:40|128|256)$/.test(found[2]?.text ?? "") ? found.slice(0, 2) : [];
}

/** Every `NAME=value` of a line, where all of them are secret. */
function assignedValues(words: readonly Word[]): readonly Found[] {
  return words.flatMap((word) => {
    const found = /^[A-Za-z_]\w*=/.test(word.text) ? afterSign(word, "=") : undefined;
    return found === undefined ? [] : [found];
  });
}

/** Every `--from-literal=name=value`, also with a blank after the flag. */
function literals(words: readonly Word[]): readonly Found[] {
  const flag = "--from-literal";
  return words.flatMap(({ text, start }, index) => {
    const isGlued = text.startsWith(`${flag}=`);
    if (!isGlued && words[index - 1]?.text !== flag) return [];
    const sign = text.indexOf("=", isGlued ? flag.length + 1 : 0);
    return sign < 0 ? [] : [{ start: start + sign + 1, text: text.slice(sign + 1) }];
  });
}

/** What is piped into a program that reads a password. */
function echoedText(words: readonly Word[], line: string): Found | undefined {
  const pipe = line.indexOf("|");
  const reader = pipe < 0 ? "" : line.slice(pipe + 1);
  if (!READS_PASSWORD.test(reader)) return undefined;
  const before = words.filter((word) => word.start < pipe && word.text !== "|");
  const last = before.length > 1 ? before.at(-1) : undefined;
  return /\bchpasswd\b/.test(reader) ? afterSign(last, ":") : last;
}
