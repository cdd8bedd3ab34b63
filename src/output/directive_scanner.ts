/**
 * Directives of daemons and network devices that a secret follows after a blank.
 *
 * @module
 */

import { isIn, LINE_BREAK } from "./byte_classes.ts";
import { byteAt, type ByteWindow, latin1, lineStart, NEED_MORE } from "./byte_window.ts";
import { type Judge, type Judgement, undecided } from "./judgement.ts";
import { isStandIn, looksMixed } from "./secret_values.ts";

/** A directive. */
interface Directive {
  /** What it is recognised by, with the blank after it. */
  readonly anchor: string;
  /** What may stand in front of the anchor on its line. */
  readonly head: RegExp;
  /** What may stand between the anchor and the secret. Default: a number that tells its form. */
  readonly between?: RegExp;
  /** True when words follow it in sentences too; then a secret without a number is no word. */
  readonly mixed?: boolean;
}

/** Bytes after an anchor that are looked at. */
const TAIL_MAX_BYTES = 512;
const SECRET_MIN_CHARS = 3;
/** Nothing but what a shell, a diff or a settings dump puts in front of a directive. */
const LINE_HEAD = /^[\s+>|#$-]{0,12}(?:\S{1,40}[#>]\s?)?(?:no |set |add )?$/;
const ANY_HEAD = /^/;
/** What an account's line begins with, or nothing. */
const ACCOUNT_HEAD =
  /^\s*$|(?:^|\s)(?:username|user|neighbor|enable|chap|pap|aaa|ldap|server)\b[^.,;:"]{0,60}$/;
const FORM_NUMBER = /^(?:\d{1,2}\s+)?/;
const SERVER_HOST = /^\S{1,60}\s+(?:[\w-]{1,20}\s+\d{1,5}\s+){0,4}key\s+(?:\d\s+)?/;
const ENABLE_FORM = /^(?:level\s+\d+\s+)?(?:\d\s+)?/;
const KEY_FORM =
  /^(?:\d{1,5}\s+)?(?:(?:md5|hmac-\S{1,12}|sha\S{0,8}|key|address\s+\S{1,40})\s+)?(?:\d\s+)?/;
/** The community that all devices answer to, and addresses in a secret's place. */
const NO_SECRET = /^(?:public|[\d.:/]+|\{|\[|ascii|hex)$/;

const DIRECTIVES: readonly Directive[] = [
  { anchor: "snmp-server community ", head: ANY_HEAD },
  { anchor: "snmp community ", head: LINE_HEAD },
  { anchor: "set community ", head: LINE_HEAD, mixed: true },
  { anchor: "rocommunity ", head: LINE_HEAD },
  { anchor: "rwcommunity ", head: LINE_HEAD },
  { anchor: "rocommunity6 ", head: LINE_HEAD },
  { anchor: "rwcommunity6 ", head: LINE_HEAD },
  { anchor: "trapcommunity ", head: LINE_HEAD },
  { anchor: "com2sec ", head: LINE_HEAD, between: /^(?:-Cn\s+\S+\s+)?\S+\s+\S+\s+/ },
  { anchor: "com2sec6 ", head: LINE_HEAD, between: /^(?:-Cn\s+\S+\s+)?\S+\s+\S+\s+/ },
  { anchor: "trap2sink ", head: LINE_HEAD, between: /^\S+\s+/ },
  { anchor: "trapsink ", head: LINE_HEAD, between: /^\S+\s+/ },
  { anchor: "informsink ", head: LINE_HEAD, between: /^\S+\s+/ },
  {
    anchor: "snmp-server host ",
    head: ANY_HEAD,
    between: /^\S+\s+(?:(?:traps|informs)\s+)?(?:version\s+\S+\s+)?/,
  },
  { anchor: "enable secret ", head: LINE_HEAD, between: ENABLE_FORM, mixed: true },
  { anchor: "enable password ", head: LINE_HEAD, between: ENABLE_FORM, mixed: true },
  { anchor: " secret 0 ", head: ACCOUNT_HEAD, between: /^/ },
  { anchor: " secret 5 ", head: ACCOUNT_HEAD, between: /^/ },
  { anchor: " secret 8 ", head: ACCOUNT_HEAD, between: /^/ },
  { anchor: " secret 9 ", head: ACCOUNT_HEAD, between: /^/ },
  { anchor: "key-string ", head: LINE_HEAD },
  { anchor: "tacacs-server key ", head: ANY_HEAD },
  { anchor: "radius-server key ", head: ANY_HEAD },
  { anchor: "tacacs-server host ", head: ANY_HEAD, between: SERVER_HOST },
  { anchor: "radius-server host ", head: ANY_HEAD, between: SERVER_HOST },
  { anchor: "isakmp key ", head: ANY_HEAD },
  { anchor: "authentication-key ", head: ANY_HEAD, between: KEY_FORM, mixed: true },
  { anchor: "message-digest-key ", head: ANY_HEAD, between: KEY_FORM, mixed: true },
  { anchor: "pre-shared-key ", head: LINE_HEAD, between: KEY_FORM, mixed: true },
  { anchor: "wpa-psk ascii ", head: ANY_HEAD },
  {
    anchor: " authentication ",
    head: /(?:^|\s)(?:standby|vrrp|glbp) \d{1,4}$/,
    between: /^(?:(?:md5\s+)?(?:key-string|text)\s+)?(?:\d\s+)?/,
  },
];

/** The anchors of {@linkcode directiveJudge}. */
export const DIRECTIVE_ANCHORS: readonly string[] = DIRECTIVES.map(({ anchor }) => anchor);

/**
 * Makes the rule for a directive.
 *
 * @param anchor One of {@linkcode DIRECTIVE_ANCHORS}.
 * @returns The rule, to be asked where the anchor stands.
 */
export function directiveJudge(anchor: string): Judge {
  const directive = DIRECTIVES.find((one) => one.anchor === anchor);
  return (window, at) => directive === undefined ? undefined : judge(window, at, directive);
}

function judge(window: ByteWindow, at: number, directive: Directive): Judgement {
  if (!directive.head.test(latin1(window, lineStart(window, at), at))) return undefined;
  const from = at + directive.anchor.length;
  const tail = restOfLine(window, from);
  if (tail === undefined) return undecided(at);
  const { between = FORM_NUMBER } = directive;
  const skipped = between.exec(tail)?.[0].length;
  if (skipped === undefined) return undefined;
  const match = /^\s*(?:"([^"\s,;)}\]][^"]*)"|'([^'\s,;)}\]][^']*)'|([^\s"',;)}\]][^\s"';]*))/.exec(
    tail.slice(skipped),
  );
  const text = match?.[1] ?? match?.[2] ?? match?.[3] ?? "";
  const mayBeWord = directive.mixed === true && skipped === 0 && match?.[3] !== undefined;
  const isSecret = !mayBeWord || looksMixed(text);
  if (!isSecret || text.length < SECRET_MIN_CHARS || isStandIn(text) || NO_SECRET.test(text)) {
    return undefined;
  }
  const start = from + tail.indexOf(text, skipped);
  return { type: "secret", start, end: start + text.length, kind: "secret", learn: true };
}

/** Gives what follows on the line; `undefined` while it is not all there. */
function restOfLine(window: ByteWindow, from: number): string | undefined {
  let end = from;
  while (end < from + TAIL_MAX_BYTES) {
    const byte = byteAt(window, end);
    if (byte === NEED_MORE) return undefined;
    if (byte < 0 || isIn(byte, LINE_BREAK)) break;
    end++;
  }
  return latin1(window, from, end);
}
