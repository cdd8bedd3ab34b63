/**
 * Database clients: statements, and the escapes to the shell in them.
 *
 * What is not known inside of a statement is taken for a value; where a statement starts it could
 * be an escape.
 *
 * @module
 */

import { type Argument, type CodeText, isArgumentList, UNKNOWN_CODE } from "../argument.ts";
import type { FinderDoor, ProgramRun } from "../finder_door.ts";
import { unknownInput } from "../input_flow.ts";
import { type OptionSpec, optionValue, parseOptionSpec, readOptions } from "../option_spec.ts";
import { UNKNOWN_PIECE } from "../shell_tree.ts";
import type { Input } from "../subjects.ts";
import { scriptInput } from "./spec_reader.ts";

/** What the clients' options are: `?` marks a statement, `#` a file of them, `$` a bar's place. */
interface Client {
  readonly spec: OptionSpec;
  /** How many operands are no statements; undefined when none is one. */
  readonly operands?: number;
}

const PSQL: Client = {
  spec: parseOptionSpec(
    "-c? --command? -f# --file# -o$ --output$ -l! --list! -V! --version! -?! --help! -d= --dbname= -h= --host= -p= " +
      "--port= -U= --username= -v= --set= --variable= -L= --log-file= -P= --pset= -F= --field-separator= -R= " +
      "--record-separator= -T= --table-attr= -1 -X -a -b -e -E -n -q -s -S -A -H -t -x -z -0 -w -W --csv",
  ),
};
const MYSQL: Client = {
  spec: parseOptionSpec(
    "-e? --execute? -V! --version! -I! -?! --help! -D= --database= -h= --host= -P= --port= -u= --user= -p~ --password~ " +
      "-S= --socket= --init-command= --default-character-set= --defaults-file= --defaults-extra-file= --tee= --prompt= " +
      "--delimiter= --ssl-ca= --protocol= -A -b -B -c -C -E -f -G -H -i -j -L -n -N -o -q -r -s -t -U -v -w -W -X",
  ),
};
const SQLITE: Client = {
  spec: parseOptionSpec(
    "-cmd? --cmd? -init# --init# -help! --help! -version! --version! -separator= -newline= -nullvalue= -vfs= -mmap= " +
      "-maxsize= -escape= -csv -json -line -list -column -header -noheader -html -markdown -table -tabs -box -quote " +
      "-ascii -readonly -bail -batch -echo -interactive -stats -safe",
  ),
  operands: 1,
};
const DUCKDB: Client = {
  spec: parseOptionSpec(
    "-c? -s? -cmd? -f# -init# -help! -version! -separator= -newline= -nullvalue= -storage-version= -csv -json -jsonlines " +
      "-line -list -column -header -noheader -html -markdown -table -box -quote -ascii -readonly -bail -batch -echo " +
      "-interactive -no-stdin -unsigned -ui",
  ),
  operands: 1,
};
const CLIENTS: { readonly [name: string]: Client } = {
  psql: PSQL,
  mysql: MYSQL,
  mariadb: MYSQL,
  duckdb: DUCKDB,
};

const NOTHING: Input = { kind: "none" };
/** What counts at the start of a line, and in a statement. */
const ESCAPE =
  /(?:^|\n)[^\S\n]*(?:\.(?:she?(?:ll?)?\b|shell|sys?\w*|load?\b|exc\w*|ed\w*|[ior]\w*[^\n|]*\|)|system\b|source\b|\\\.)|\bfrom\s+program\b|\bto\s+program\b|\b(?:load_extension|writefile|edit|xp_cmdshell|sys_exec)\s*\(|\binto\s+(?:outfile|dumpfile)\b/i;
/** Commands behind a backslash stand anywhere outside of quotes. */
const BACKSLASH = /\\(?:!|i(?:r|nclude\w*)?\b|\.)/i;
/** What keeps quotes from being paired as they stand. */
const ODD_QUOTES = /--|\/\*|#|\$\w*\$|\\['"]/;

/** Reads database clients: what they are given, and where their output goes. */
export function readSqlClient(run: ProgramRun, door: FinderDoor): void {
  const { spec, operands: skipped } = CLIENTS[run.baseName] ?? SQLITE;
  const { uses, operands } = readOptions(spec, run.args, "anywhere");
  const files = uses.filter(({ mark }) => mark === "script")
    .map((use) => optionValue(use, run.self)).filter(({ value }) => value !== "/dev/null");
  const outputs = uses.filter(({ mark, value }) =>
    mark === "program" && value !== undefined && /^\s*[|\0]/.test(value.shape)
  );
  if (outputs.length > 0) door.addCode(run, "sql", run.args);
  if (uses.some(({ mark }) => mark === "stop")) return;
  const statements = uses.filter(({ mark }) => mark === "config")
    .map((use) => optionValue(use, run.self))
    .concat(skipped === undefined ? [] : operands.slice(skipped));
  // A client that is given statements, or a file of them, leaves its input alone.
  const isGiven = statements.length > 0 || uses.some(({ name }) => /^--?f/.test(name));
  const inputs = [isGiven && run.input.kind !== "text" ? NOTHING : run.input];
  for (const file of files) {
    const input = scriptInput(file, run, door);
    if (input === undefined) door.addScript(file, run);
    else inputs.push(input.kind === "none" ? unknownInput() : input);
  }
  for (const input of inputs) if (input.kind === "file") door.addScript(input.path, run);
  const isOpen = skipped !== undefined && operands.some(isArgumentList) ||
    statements.some(({ shape }) => shape.startsWith(UNKNOWN_PIECE));
  const texts = run.args.map((argument) => ownText(argument, run, door));
  if (isOpen || inputs.some(runsCode) || texts.some((text) => escapes(text))) {
    door.addCode(run, "sql", run.args);
  }
}

/** An argument without the option's name in front of it. */
function ownText(argument: Argument, run: ProgramRun, door: FinderDoor): string {
  return door.codeOf(argument, run).text.replace(/^-[ce]|^--\w+=/, "");
}

function runsCode(input: Input): boolean {
  if (input.kind === "pipe") return true;
  return input.kind === "text" &&
    (input.isCut === true || escapes(input.text) || isOpenText(input));
}

/** Text that is not known where a statement starts, or of which only a part may be read. */
function isOpenText({ text, isWhole }: CodeText): boolean {
  if (isWhole) return false;
  const parts = text.split(UNKNOWN_CODE);
  return parts.length === 1 || parts.slice(0, -1).some(endsStatement);
}

/** Tells whether what stands behind a text starts a statement or a line. */
function endsStatement(text: string): boolean {
  const trimmed = text.trimEnd();
  return trimmed === "" || trimmed.endsWith(";") || text.slice(trimmed.length).includes("\n");
}

function escapes(text: string): boolean {
  if (ESCAPE.test(text)) return true;
  if (!text.includes("\\")) return false;
  const open = ODD_QUOTES.test(text) ? text : text.replace(/'[^']*'|"[^"]*"/g, "");
  return BACKSLASH.test(open) || open.split("\n").some(hasPipe);
}

/** A command behind a backslash that writes to a program, or asks one for its arguments. */
function hasPipe(line: string): boolean {
  const start = line.search(/\\\w/);
  if (start < 0) return false;
  const copy = line.search(/\\copy\b/i);
  return Math.max(line.lastIndexOf("|"), line.lastIndexOf("`")) > start ||
    copy >= 0 && /\bprogram\b/i.test(line.slice(copy));
}
