/**
 * All rules, filed under their anchors, in the order in which they are asked.
 *
 * @module
 */

import { type AnchorEntry, AnchorTable } from "./anchor_table.ts";
import { assignmentJudge } from "./assignment_scanner.ts";
import { COMMAND_ANCHORS, commandJudge, judgeSent, SENT_ANCHORS } from "./command_line_scanner.ts";
import {
  judgeAuthorization,
  judgeBearer,
  judgeCookie,
  judgeEncodedAuth,
  judgeUserinfo,
  QUOTED_PASSWORD_ANCHORS,
  quotedPasswordJudge,
  signatureJudge,
} from "./credential_scanner.ts";
import { DIRECTIVE_ANCHORS, directiveJudge } from "./directive_scanner.ts";
import {
  BASIC_ANCHOR,
  judgeBasic,
  judgeManifest,
  judgeOraclePair,
  MANIFEST_ANCHOR,
  ORACLE_ANCHOR,
  PGPASS_ANCHORS,
  pgpassJudge,
} from "./line_scanner.ts";
import {
  ENCODED_PEM_ANCHOR,
  judgeEncodedPrivateKey,
  judgePrivateKey,
  judgePuttyKey,
  PEM_ANCHOR,
  PUTTY_ANCHOR,
} from "./private_key_scanner.ts";
import { flagJudge, PASSWORD_FLAG_ANCHORS } from "./password_flags.ts";
import { TOKEN_SHAPES } from "./redaction_rules.ts";
import { SECRET_WORDS } from "./secret_names.ts";
import { shapeJudge } from "./token_shape.ts";

/** Query parameters that sign a URL. */
const SIGNATURE_PARAMETERS = [
  "?sig=",
  "&sig=",
  "-Signature=",
  "&Signature=",
  "?Signature=",
  "-Security-Token=",
];

/** Made for the first redactor, because not every program that imports execkit has one. */
let table: AnchorTable | undefined;

/**
 * Gives the table that every redactor starts from; it is made once and never changed.
 *
 * @returns The table.
 */
export function ruleTable(): AnchorTable {
  return table ??= new AnchorTable(entries());
}

function* entries(): Generator<AnchorEntry> {
  yield { text: PEM_ANCHOR, judge: judgePrivateKey };
  yield { text: PUTTY_ANCHOR, judge: judgePuttyKey };
  yield { text: ENCODED_PEM_ANCHOR, judge: judgeEncodedPrivateKey };
  for (const shape of TOKEN_SHAPES) {
    for (const anchor of shape.anchors) yield { text: anchor, judge: shapeJudge(shape, anchor) };
  }
  yield { text: "://", judge: judgeUserinfo };
  yield { text: "authorization", judge: judgeAuthorization, caseless: true };
  yield { text: "bearer ", judge: judgeBearer, caseless: true };
  yield { text: "cookie", judge: judgeCookie, caseless: true };
  for (const text of SIGNATURE_PARAMETERS) yield { text, judge: signatureJudge(text) };
  yield { text: BASIC_ANCHOR, judge: judgeBasic, caseless: true };
  yield { text: MANIFEST_ANCHOR, judge: judgeManifest };
  yield { text: ORACLE_ANCHOR, judge: judgeOraclePair };
  for (const text of PGPASS_ANCHORS) yield { text, judge: pgpassJudge(text) };
  for (const text of SENT_ANCHORS) yield { text, judge: judgeSent };
  // Windows does not tell cases apart.
  for (const text of COMMAND_ANCHORS) {
    yield { text, judge: commandJudge(text), caseless: text.startsWith("net ") };
  }
  for (const text of DIRECTIVE_ANCHORS) yield { text, judge: directiveJudge(text) };
  for (const text of ['"auth"', "_auth=", "_auth ="]) yield { text, judge: authInside(text) };
  for (const text of QUOTED_PASSWORD_ANCHORS) {
    yield { text, judge: quotedPasswordJudge(text), caseless: true };
  }
  for (const text of PASSWORD_FLAG_ANCHORS) yield { text, judge: flagJudge(text) };
  for (const text of SECRET_WORDS) yield { text, judge: assignmentJudge(text), caseless: true };
}

function authInside(anchor: string): typeof judgeEncodedAuth {
  const offset = anchor.indexOf("auth");
  return (window, at) => judgeEncodedAuth(window, at + offset);
}
