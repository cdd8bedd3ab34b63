/**
 * Pack `databases`: statements and tools that drop, empty or rewrite data.
 *
 * @module
 */

import { safe } from "../../safe_text.ts";
import type { Argument } from "../../shell_text/argument.ts";
import { codeOf } from "../../shell_text/argument.ts";
import type { ArgumentsView } from "../arguments_view.ts";
import {
  always,
  asksForHelp,
  mild,
  normal,
  type Pack,
  type PackFinding,
  programJudges,
  subOf,
} from "./pack.ts";

const STATEMENT = normal(
  safe`destructive_statement`,
  safe`Only read; show the operator the statement that is needed`,
);
const NARROW = mild(safe`changing_statement`);
const UNKNOWN = normal(safe`unknown_statement`, safe`Write the statement out literally`);

/** Characters of a text that is looked through; a longer one counts as not known. */
const MAX_SQL_CHARS = 32_768;

/** Statements without what is in quotes and comments. */
function statements(sql: string): readonly string[] {
  return sql.replace(/--[^\n]*|\/\*(?!!)[\s\S]*?\*\//g, " ").replace(/\/\*!\d*|\*\//g, " ")
    .replace(/'(?:[^']|'')*'/g, "''").replace(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''").split(/;|\\g/);
}

/**
 * Judges SQL text.
 *
 * @param sql The text.
 * @returns What it does.
 */
export function judgeSql(sql: string): PackFinding | undefined {
  let found: PackFinding | undefined;
  if (sql.length > MAX_SQL_CHARS) return UNKNOWN;
  for (const statement of statements(sql)) {
    const text = statement.trim().replace(/\s+/g, " ");
    if (/^(?:explain (?!analyze)|desc )/i.test(text)) continue;
    if (/^alter\b/i.test(text) && /\bdrop\b/i.test(text)) return STATEMENT;
    const hasWhere = /\bwhere\b/i.test(text) && !/\bwhere (?:1 ?= ?1|true)\b/i.test(text);
    if (
      /\b(?:drop (?!_)|truncate\b(?! ?\()|grant |revoke |alter (?:user|role|system)|drop$|shutdown\b|vacuum full|reset master|purge binary)/i
        .test(text)
    ) {
      return STATEMENT;
    }
    if (
      /\bdelete from\b|\bupdate (?:only )?["`\w.]+ (?:as \w+ |\w+ )?set\b|\bdelete \w+ from\b/i
        .test(text)
    ) {
      if (!hasWhere) return STATEMENT;
      found = NARROW;
    }
    if (/^(?:merge into|replace into)\b/i.test(text)) found ??= NARROW;
  }
  return found;
}

function judgeTexts(texts: readonly Argument[], view: ArgumentsView): PackFinding | undefined {
  let found: PackFinding | undefined;
  for (const argument of texts) {
    const { text, isWhole } = codeOf(argument);
    const finding = judgeSql(text) ?? (isWhole ? undefined : UNKNOWN);
    if (finding?.gravity === "normal") return finding;
    found ??= finding;
  }
  const { input } = view.subject;
  if (texts.length > 0) return found;
  if (input.kind === "text") return judgeSql(input.text) ?? (input.isWhole ? found : UNKNOWN);
  if (input.kind === "pipe" || input.kind === "file") return mild(safe`unread_statements`);
  return found;
}

const SQL_OPTION = /^(?:-c|-e|-q|-Q|--command|--execute|--query|--sql)$/;

function judgeClient(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  if (
    view.mayHaveMore && view.subject.args.some(({ many, shape }) => many && shape.startsWith("\0"))
  ) return UNKNOWN;
  const texts = view.values.filter(({ option }) => SQL_OPTION.test(option)).map(({ value }) =>
    value
  );
  return judgeTexts(texts, view);
}

/** Clients that take the statement as an operand behind the database. */
function judgeFileDatabase(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const texts = [
    ...view.operands.slice(1),
    ...view.values.filter(({ option }) => /^(?:-cmd|-c|-s)$/.test(option)).map(({ value }) =>
      value
    ),
  ];
  return judgeTexts(texts, view);
}

function judgeRedis(view: ArgumentsView): PackFinding | undefined {
  const isUnknown = view.operands[0] !== undefined && view.operands[0].value === undefined;
  if (isUnknown) return UNKNOWN;
  const words = [view.operands.slice(0, 2).map(({ value }) => value ?? "").join(" ")];
  const { input } = view.subject;
  if (view.operands.length === 0 && input.kind === "text") words.push(...input.text.split("\n"));
  if (view.operands.length === 0 && (input.kind === "pipe" || input.kind === "file")) {
    return mild(safe`unread_statements`);
  }
  for (const line of words) {
    if (
      /^\s*(?:flush(?:all|db)|shutdown|debug|swapdb|script flush|config (?:set|rewrite|resetstat)|(?:slave|replica)of|cluster (?:reset|forget|flushslots)|eval|evalsha|acl (?:setuser|deluser)|module (?:load|unload)|function flush)\b/i
        .test(line)
    ) {
      return STATEMENT;
    }
    if (
      /^\s*(?:del|unlink|expire|rename|hdel|srem|zrem|ltrim|xtrim|getdel|restore|migrate)\b/i.test(
        line,
      )
    ) return NARROW;
  }
  return undefined;
}

const MONGO =
  /\b(?:dropDatabase|drop|dropIndexes?|dropUser|dropAllUsersFromDatabase|deleteMany|remove|deleteOne|findOneAndDelete|renameCollection|shutdownServer|bulkWrite|updateMany|replaceOne)\s*\(/;

function judgeMongo(view: ArgumentsView): PackFinding | undefined {
  const texts = view.values.filter(({ option }) => option === "--eval").map(({ value }) =>
    codeOf(value)
  );
  const { input } = view.subject;
  if (input.kind === "text") texts.push(input);
  for (const { text, isWhole } of texts) {
    if (MONGO.test(text)) return STATEMENT;
    if (!isWhole) return UNKNOWN;
  }
  return undefined;
}

const TASKS =
  /^(?:db:(?:drop|reset|purge|setup|truncate_all|rollback|schema:load|wipe|fresh)|migrate:(?:fresh|reset|refresh|rollback)|schema:drop|db:seed:replant|flush|reset_db|sqlflush|sqlclear)/;

function judgeTasks(view: ArgumentsView): PackFinding | undefined {
  const words = view.subject.args.map(({ value }) => value ?? "");
  const isPrisma = words.join(" ").match(
    /\bmigrate reset\b|\bdb (?:push .*--(?:force-reset|accept-data-loss)|drop)\b/,
  );
  return isPrisma !== null || words.some((word) => TASKS.test(word)) ? STATEMENT : undefined;
}

function judgeRestore(view: ArgumentsView): PackFinding | undefined {
  return view.options.some(({ text }) => /^(?:-c|--clean|--drop|--create|-C)$/.test(text))
    ? STATEMENT
    : undefined;
}

function judgeAdmin(view: ArgumentsView): PackFinding | undefined {
  return view.operands.some(({ value }) =>
      /^(?:drop|shutdown|flush-\w+|kill|password|reset|destroy|delete|del|stop)$/.test(value ?? "")
    )
    ? STATEMENT
    : undefined;
}

/** The pack. */
export const DATABASES: Pack = {
  programs: programJudges([
    [
      judgeClient,
      "psql mysql mariadb sqlcmd clickhouse-client clickhouse cqlsh cockroach usql pgcli mycli isql bq snowsql trino presto hive beeline impala-shell duckdb",
    ],
    [judgeFileDatabase, "sqlite3 sqlite duckdb litecli"],
    [judgeRedis, "redis-cli valkey-cli keydb-cli"],
    [judgeMongo, "mongosh mongo"],
    [always(STATEMENT), "dropdb dropuser"],
    [judgeAdmin, "mysqladmin etcdctl influx pg_ctl rabbitmqctl"],
    [judgeRestore, "pg_restore mongorestore"],
    [
      judgeTasks,
      "rails rake bin/rails artisan php python manage.py npx prisma knex sequelize typeorm drizzle-kit flask alembic bundle npm yarn pnpm",
    ],
    [
      (view) =>
        /^(?:db|database)$/.test(subOf(view)) && /^(?:reset|drop|push)$/.test(subOf(view, 1))
          ? STATEMENT
          : undefined,
      "supabase",
    ],
  ]),
};
