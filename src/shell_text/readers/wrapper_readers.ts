/**
 * Wrappers that no table describes: env, find, xargs, parallel, the dynamic loader, runuser.
 *
 * @module
 */

import { type Argument, argumentTail, unknownArgument } from "../argument.ts";
import type { FinderDoor, ProgramRun } from "../finder_door.ts";
import { optionValue, parseOptionSpec, readOptions } from "../option_spec.ts";
import { programSpec } from "../program_spec.ts";
import { liftSettings } from "./definition_readers.ts";
import { readAssignments, readScript, runBySpec, withUnknown } from "./spec_reader.ts";

const ENV = parseOptionSpec(
  "-i -0 -v -u= -C= -S@ -a= -P= --ignore-environment --null --unset= --chdir= --split-string@ --argv0= " +
    "--block-signal~ --default-signal~ --ignore-signal~ --list-signal-handling --debug --help! --version! -",
);

/** Reads `env`: settings, then a program; `-S` splits a text of its own. */
export function readEnv(run: ProgramRun, door: FinderDoor): void {
  const { uses, operands, hasUnknown } = readOptions(ENV, run.args, "first");
  if (uses.some(({ mark }) => mark === "stop")) return;
  if (hasUnknown) door.addDynamic(run, "option");
  const taken = uses.filter(({ name }) => name === "-u" || name === "--unset");
  liftSettings(taken.map((use) => optionValue(use, run.self)), run, door);
  const split = uses.find(({ mark }) => mark === "code");
  if (split === undefined) {
    const rest = readAssignments(operands.filter(({ value }) => value !== "-"), run, door);
    return door.runArguments(rest, run);
  }
  const code = door.codeOf(optionValue(split, run.self), run);
  const rest = operands.map(({ source }) => source).join(" ");
  // Its backslashes and variables are not the shell's.
  const isWhole = code.isWhole && !/[\\$]/.test(code.text);
  door.readCode({ text: `env ${code.text} ${rest}`, isWhole }, run, { shell: "sh" });
}

const FIND_ACTIONS: ReadonlySet<string> = new Set(["-exec", "-execdir", "-ok", "-okdir"]);
const FIND_OUTPUTS: ReadonlySet<string> = new Set(["-fprint", "-fprint0", "-fprintf", "-fls"]);

/** Reads `find`: programs behind `-exec` and its like. */
export function readFind(run: ProgramRun, door: FinderDoor): void {
  const { args } = run;
  for (let at = 0; at < args.length; at++) {
    const argument = args[at];
    if (argument === undefined) return;
    if (argument.value === undefined && !/^[^-\0]/.test(argument.shape)) {
      // What is expanded here could be an action.
      if (argument.many) door.addDynamic(run, "option");
      continue;
    }
    const path = args[at + 1];
    if (FIND_OUTPUTS.has(argument.value ?? "") && path !== undefined) {
      door.addFile("write", path, run);
    }
    if (!FIND_ACTIONS.has(argument.value ?? "")) continue;
    const end = args.findIndex(({ value }, index) =>
      index > at && (value === ";" || value === "+")
    );
    const command = args.slice(at + 1, end < 0 ? args.length : end);
    // `-ok` gives them nothing to read; the others read what find itself would.
    const asks = argument.value?.startsWith("-ok") === true;
    door.runArguments(
      command.map((word) => replaced(word, "{}")),
      run,
      asks ? { input: { kind: "none" } } : {},
    );
    at = end < 0 ? args.length : end;
  }
}

/** What a placeholder becomes is a path; what it is part of is not known. */
function replaced(word: Argument, placeholder: string): Argument {
  if (word.value === undefined || !word.value.includes(placeholder)) return word;
  if (word.value === placeholder) return unknownArgument(word, { many: false, isPath: true });
  const shape = word.value.split(placeholder).join("\0");
  return {
    shape,
    many: false,
    source: word.source,
    at: word.at,
    word: placeholderWord(word, shape),
  };
}

function placeholderWord(word: Argument, shape: string): NonNullable<Argument["word"]> {
  const unknown = {
    kind: "variable",
    name: "",
    quoted: true,
    inner: [],
    plain: false,
    reads: false,
  } as const;
  const pieces = shape.split("\0").flatMap((text, index) => {
    const piece = { kind: "text" as const, text };
    return index === 0 ? [piece] : [unknown, piece];
  });
  return { source: word.source, at: word.at, pieces };
}

/** Reads `xargs`: what it appends or puts in is not known. */
export function readXargs(run: ProgramRun, door: FinderDoor): void {
  const spec = programSpec("xargs");
  if (spec === undefined) return;
  const { uses, operands, hasUnknown } = readOptions(spec.spec, run.args, "first");
  if (uses.some(({ mark }) => mark === "stop")) return;
  if (hasUnknown) door.addDynamic(run, "option");
  // The number of each process is put into a variable.
  const slot = uses.find(({ name }) => name === "--process-slot-var");
  if (slot !== undefined) door.assign(slot.value?.value ?? "", undefined, run);
  if (operands.length === 0) return;
  const place = uses.find(({ name }) => ["-I", "-i", "-J", "--replace"].includes(name));
  // With a list from a file, what stands on standard input is left to the program.
  const isFromFile = uses.some(({ name }) => name === "-a" || name === "--arg-file");
  const input = isFromFile ? {} : { input: { kind: "none" } } as const;
  if (place === undefined) return door.runArguments(withUnknown(operands, run.self), run, input);
  const mark = place.value?.value ?? "{}";
  door.runArguments(operands.map((word) => replaced(word, mark)), run, input);
}

/** Reads `parallel`: a command line that is completed from a list or from standard input. */
export function readParallel(run: ProgramRun, door: FinderDoor): void {
  const spec = programSpec("parallel");
  if (spec === undefined) return;
  const end = run.args.findIndex(({ value }) => /^:::?:?\+?$/.test(value ?? ""));
  const own = end < 0 ? run.args : run.args.slice(0, end);
  const { uses, operands, hasUnknown } = readOptions(spec.spec, own, "first");
  if (uses.some(({ mark }) => mark === "stop")) return;
  if (hasUnknown) door.addDynamic(run, "option");
  if (operands.length === 0) {
    const list = end < 0 ? [] : run.args.slice(end + 1);
    if (list.length === 0) return door.readInput(run, undefined);
    const areFiles = run.args[end]?.value?.startsWith("::::") === true;
    for (const item of list) {
      if (areFiles) readScript(item, undefined, run, door);
      else door.readCode(door.codeOf(item, run), run, { shell: "sh" });
    }
    return;
  }
  if (operands.length === 1 && /\s/.test(operands[0]?.shape ?? "")) {
    return door.readCode(filled(door.codeOf(replaced(operands[0] ?? run.self, "{}"), run)), run, {
      shell: "sh",
    });
  }
  const words = operands.map((word) => replaced(word, "{}"));
  door.runArguments(withUnknown(words, run.self), run);
}

/** What fills a place is quoted by parallel, so that it is data. */
function filled(
  code: { readonly text: string },
): { readonly text: string; readonly isWhole: true } {
  return { text: code.text, isWhole: true };
}

const LOADER = parseOptionSpec(
  "--help! --version! --list! --verify --inhibit-cache --library-path? --preload? --audit? --argv0= --inhibit-rpath=",
);

/** Reads the dynamic loader, which runs the file that it is given. */
export function readLoader(run: ProgramRun, door: FinderDoor): void {
  const { uses, operands } = readOptions(LOADER, run.args, "first");
  if (uses.some(({ mark }) => mark === "stop")) return;
  if (uses.some(({ mark }) => mark === "config")) door.addEnvironment("loader", run);
  door.runArguments(operands, run);
}

const RUNUSER = parseOptionSpec(
  "-l -m -p -f -P -u= -g= -G= -s$ -c@ -T -w= --login --fast --pty --user= --group= --supp-group= --shell$ --command@ " +
    "--session-command@ --preserve-environment --help! --version!",
);

/** Reads `runuser`: with `-u` a program, else like `su`. */
export function readRunuser(run: ProgramRun, door: FinderDoor): void {
  const { uses, operands } = readOptions(RUNUSER, run.args, "first");
  if (uses.some(({ mark }) => mark === "stop")) return;
  if (uses.some(({ name }) => name === "-u" || name === "--user")) {
    return door.runArguments(operands, run);
  }
  const spec = programSpec("su");
  if (spec !== undefined) runBySpec(spec, run, door);
}

const BWRAP_PAIRS =
  /^--(?:ro-bind|bind|dev-bind|symlink|setenv|file|bind-data|ro-bind-data|chmod)(?:-try)?$/;
const BWRAP_ALONE =
  /^--(?:unshare-[a-z-]+|share-net|disable-userns|assert-userns-disabled|clearenv|new-session|die-with-parent|as-pid-1|level-prefix)$/;

/** Reads `bwrap`, whose options take none, one or two values. */
export function readBwrap(run: ProgramRun, door: FinderDoor): void {
  let at = 0;
  while (at < run.args.length) {
    const shape = run.args[at]?.shape ?? "";
    if (!shape.startsWith("-")) break;
    at += shape === "--" ? 1 : BWRAP_PAIRS.test(shape) ? 3 : BWRAP_ALONE.test(shape) ? 1 : 2;
    if (shape === "--") break;
  }
  door.runArguments(run.args.slice(at), run);
}

/** Reads `screen`: what it types into a window is a command. */
export function readScreen(run: ProgramRun, door: FinderDoor): void {
  const stuff = run.args.findIndex(({ value }) => value === "stuff");
  if (stuff >= 0) return typed(run.args.slice(stuff + 1), run, door);
  const spec = programSpec("screen");
  if (spec !== undefined) runBySpec(spec, run, door);
}

/** Reads `tmux`: new windows run a command, keys are typed into one. */
export function readTmux(run: ProgramRun, door: FinderDoor): void {
  const at = run.args.findIndex(({ value }) =>
    /^(?:send|send-keys|run|run-shell|if|if-shell|pipe-pane|pipep|source|source-file)$/.test(
      value ?? "",
    )
  );
  if (at >= 0) return typed(run.args.slice(at + 1), run, door);
  const spec = programSpec("tmux");
  if (spec !== undefined) runBySpec(spec, run, door);
}

function typed(args: readonly Argument[], run: ProgramRun, door: FinderDoor): void {
  for (const argument of args) {
    if (argument.shape.startsWith("-")) continue;
    const code = door.codeOf(argument, run);
    // The letters of a key's name and of an escaped line end are no part of the text.
    const text = code.text.replace(/\\n|\\015|\^M/g, "\n");
    if (/^(?:Enter|C-\w|M-\w|Escape|Space|Tab)$/.test(text)) continue;
    door.readCode({ ...code, text }, run, { shell: "sh" });
  }
}

/** Reads ssh's `-o`: some of its settings are commands. */
export function readSsh(run: ProgramRun, door: FinderDoor): void {
  run.args.forEach((argument, index) => {
    if (!argument.shape.startsWith("-o")) return;
    const setting = argument.value === "-o" ? run.args[index + 1] : argumentTail(argument, 2);
    const match = /^\s*(\w+)(?:\s*=\s*|\s+)/.exec(setting?.shape ?? "");
    if (setting === undefined || match === null) return;
    const value = argumentTail(setting, match[0].length);
    const key = match[1]?.toLowerCase();
    if (/^(?:proxycommand|localcommand|knownhostscommand)$/.test(key ?? "")) {
      if (value.value !== "none") door.readCode(door.codeOf(value, run), run, { shell: "sh" });
    } else if (key === "remotecommand") {
      door.readCode(door.codeOf(value, run), run, { shell: "sh", remote: true });
    } else if (
      /^(?:include|pkcs11provider|securitykeyprovider|xauthlocation|match)$/.test(key ?? "")
    ) {
      door.addCode(run, "settings", [value]);
    }
  });
  const spec = programSpec(run.baseName);
  if (spec !== undefined) runBySpec(spec, run, door);
}

/** Reads `sftp`: lines of its input that start with `!` are commands here. */
export function readSftp(run: ProgramRun, door: FinderDoor): void {
  readSsh(run, door);
  const { input } = run;
  if (input.kind !== "text") return;
  for (const line of input.text.split("\n")) {
    const command = /^[\s@-]*!(.*)$/.exec(line)?.[1];
    if (command === undefined) continue;
    door.readCode({ text: command, isWhole: input.isWhole }, run, { shell: "sh" });
  }
}

/** Reads `crontab`: a table of times and commands. */
export function readCrontab(run: ProgramRun, door: FinderDoor): void {
  const values = run.args.map(({ value }) => value);
  if (values.includes("-l")) return;
  if (values.includes("-e")) return door.addCode(run, "cron");
  if (values.includes("-r")) return;
  const file = run.args.find(({ shape }, index) =>
    !/^-./.test(shape) && run.args[index - 1]?.value !== "-u"
  );
  const { input } = run;
  if ((file !== undefined && file.value !== "-") || input.kind !== "text") {
    return door.addCode(run, "cron", file === undefined ? [] : [file]);
  }
  if (!input.isWhole) door.addCode(run, "cron");
  for (const line of input.text.split("\n")) {
    const command = /^\s*(?:@\w+|(?:\S+\s+){4}\S+)\s+(.*)$/.exec(line)?.[1];
    if (command === undefined || line.trimStart().startsWith("#")) continue;
    door.readCode({ text: command.replace(/%.*$/, ""), isWhole: input.isWhole }, run, {
      shell: "sh",
    });
  }
}
