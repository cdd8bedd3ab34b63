/**
 * All rules, filed under their anchors, in the order in which they are asked.
 *
 * @module
 */

import { AnchorTable } from "./anchor_table.ts";
import { assignmentJudge } from "./assignment_scanner.ts";
import { COMMAND_ANCHORS, commandJudge, judgeSent, SENT_ANCHORS } from "./command_line_scanner.ts";
import {
  flagJudge,
  judgeAuthorization,
  judgeBearer,
  judgeCookie,
  judgeEncodedAuth,
  judgeUserinfo,
  PASSWORD_FLAG_ANCHORS,
  QUOTED_PASSWORD_ANCHORS,
  quotedPasswordJudge,
  signatureJudge,
} from "./credential_scanner.ts";
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

/** The table that every redactor starts from; it is made once and never changed. */
export const RULE_TABLE: AnchorTable = buildTable();

function buildTable(): AnchorTable {
  const table = new AnchorTable();
  table.add(PEM_ANCHOR, judgePrivateKey);
  table.add(PUTTY_ANCHOR, judgePuttyKey);
  table.add(ENCODED_PEM_ANCHOR, judgeEncodedPrivateKey);
  for (const shape of TOKEN_SHAPES) {
    for (const anchor of shape.anchors) table.add(anchor, shapeJudge(shape, anchor));
  }
  table.add("://", judgeUserinfo);
  table.add("authorization", judgeAuthorization, { caseless: true });
  table.add("bearer ", judgeBearer, { caseless: true });
  table.add("cookie", judgeCookie, { caseless: true });
  for (const parameter of SIGNATURE_PARAMETERS) table.add(parameter, signatureJudge(parameter));
  table.add(BASIC_ANCHOR, judgeBasic, { caseless: true });
  table.add(MANIFEST_ANCHOR, judgeManifest);
  table.add(ORACLE_ANCHOR, judgeOraclePair);
  for (const anchor of PGPASS_ANCHORS) table.add(anchor, pgpassJudge(anchor));
  for (const anchor of SENT_ANCHORS) table.add(anchor, judgeSent);
  for (const anchor of COMMAND_ANCHORS) table.add(anchor, commandJudge(anchor));
  for (const anchor of ['"auth"', "_auth=", "_auth ="]) table.add(anchor, authInside(anchor));
  for (const anchor of QUOTED_PASSWORD_ANCHORS) {
    table.add(anchor, quotedPasswordJudge(anchor), { caseless: true });
  }
  for (const flag of PASSWORD_FLAG_ANCHORS) table.add(flag, flagJudge(flag));
  for (const word of SECRET_WORDS) table.add(word, assignmentJudge(word), { caseless: true });
  return table;
}

function authInside(anchor: string): typeof judgeEncodedAuth {
  const offset = anchor.indexOf("auth");
  return (window, at) => judgeEncodedAuth(window, at + offset);
}
