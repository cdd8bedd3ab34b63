/**
 * git: settings, options and addresses that run commands.
 *
 * @module
 */

import { type Argument, argumentTail, knownArgument } from "../argument.ts";
import { gitSetting } from "../environment_table.ts";
import type { FinderDoor, ProgramRun } from "../finder_door.ts";
import { type OptionSpec, optionValue, parseOptionSpec, readOptions } from "../option_spec.ts";

const GLOBAL = parseOptionSpec(
  "-C= -c= -p -P -h! -v! --git-dir= --work-tree= --namespace= --super-prefix= --attr-source= --exec-path? " +
    "--config-env? --paginate --no-pager --bare --no-replace-objects --literal-pathspecs --glob-pathspecs " +
    "--noglob-pathspecs --icase-pathspecs --no-optional-locks --no-lazy-fetch --no-advice --list-cmds= " +
    "--help! --version! --html-path! --man-path! --info-path!",
);

const TRANSFER = "--upload-pack@ --receive-pack@ --exec@ -o= --server-option= --depth= -j=";
const SUB_OPTIONS: { readonly [sub: string]: string } = {
  clone: `${TRANSFER} -u@ -c= -b= --config= --branch= --template? -l -s -n -q -v`,
  fetch: TRANSFER,
  pull: TRANSFER,
  push: TRANSFER,
  "ls-remote": TRANSFER,
  "fetch-pack": TRANSFER,
  "send-pack": TRANSFER,
  archive: "--exec@ --remote= -o=",
  grep: "-O$ --open-files-in-pager$ -e= -f= -A= -B= -C= -m=",
  rebase: "-x@ --exec@ --onto= -s= -X= -C=",
  difftool: "-x@ --extcmd@ -t= --tool=",
  "filter-branch":
    "--tree-filter@ --index-filter@ --msg-filter@ --env-filter@ --parent-filter@ --commit-filter@ --tag-name-filter@ " +
    "--setup@ --subdirectory-filter=",
  "send-email": "--smtp-server$ --sendmail-cmd@ --to-cmd@ --cc-cmd@ --header-cmd@",
  init: "--template?",
  instaweb: "-d$ --httpd$ -b$ --browser$",
  bisect: "",
};
const SPECS = new Map<string, OptionSpec>();

function subSpec(sub: string): OptionSpec {
  let spec = SPECS.get(sub);
  if (spec === undefined) {
    spec = parseOptionSpec(Object.hasOwn(SUB_OPTIONS, sub) ? SUB_OPTIONS[sub] ?? "" : "");
    SPECS.set(sub, spec);
  }
  return spec;
}

/** Reads a run of git. */
export function readGit(run: ProgramRun, door: FinderDoor): void {
  const { uses, operands } = readOptions(GLOBAL, run.args, "first");
  for (const use of uses) {
    const value = optionValue(use, run.self);
    if (use.name === "-c") readSetting(value, run, door);
    if (use.mark === "config" && use.value !== undefined) door.addCode(run, "settings", [value]);
  }
  const [sub, ...args] = operands;
  if (sub === undefined) return;
  if (sub.value === undefined) return door.addDynamic(run, "option");
  readAddresses(args, run, door);
  readSubOptions(sub.value, args, run, door);
  readSubOperands(sub.value, args, run, door);
}

/** `name=value`, as `-c` takes it. */
function readSetting(setting: Argument, run: ProgramRun, door: FinderDoor): void {
  const equals = setting.shape.indexOf("=");
  const key = equals < 0 ? setting.shape : setting.shape.slice(0, equals);
  if (key.includes("\0")) return door.addCode(run, "settings", [setting]);
  if (equals >= 0) applySetting(key, argumentTail(setting, equals + 1), run, door);
}

function applySetting(key: string, value: Argument, run: ProgramRun, door: FinderDoor): void {
  const effect = gitSetting(key);
  if (effect === undefined) return;
  if (effect === "loads") return door.addCode(run, "settings", [value]);
  const code = door.codeOf(value, run);
  const isShell = code.text.startsWith("!");
  if (effect === "alias" && !isShell) {
    return door.readCode({ ...code, text: `git ${code.text}` }, run, { shell: "sh" });
  }
  const text = isShell ? code.text.slice(1) : code.text;
  // A plain word in `credential.helper` is part of a git program's name, and true or false are settings.
  if (/credential.*helper$/i.test(key) && !isShell && !text.includes("/")) return;
  if (text === "" || text === "true" || text === "false") return;
  door.readCode({ ...code, text }, run, { shell: "sh", isStart: true });
}

function readSubOptions(
  sub: string,
  args: readonly Argument[],
  run: ProgramRun,
  door: FinderDoor,
): void {
  const { uses } = readOptions(subSpec(sub), args, "anywhere");
  for (const use of uses) {
    const value = optionValue(use, run.self);
    const isLocal = use.name === "-c" || use.name === "--config";
    if (isLocal && sub === "clone") readSetting(value, run, door);
    else if (use.mark === "config") door.addCode(run, "settings", [value]);
    else if (use.mark === "code" || use.mark === "program") {
      // Without a value grep's own pager is used.
      if (sub === "grep" && use.value === undefined) continue;
      door.readCode(door.codeOf(value, run), run, { shell: "sh", isStart: true });
    }
  }
}

/** `ext::command` is run; in it `% ` is a blank inside of a word. */
function readAddresses(args: readonly Argument[], run: ProgramRun, door: FinderDoor): void {
  for (const argument of args) {
    const at = argument.shape.indexOf("ext::");
    if (at < 0) continue;
    if (argument.value === undefined) {
      door.addCode(run, "settings", [argument]);
      continue;
    }
    const words = argument.value.slice(at + 5).replace(/% /g, "\0").split(" ").filter((word) =>
      word
    );
    const command = words.map((word) =>
      knownArgument(word.replace(/\0/g, " ").replace(/%(.)/g, "$1"), argument)
    );
    door.runArguments(command, run);
  }
}

function readSubOperands(
  sub: string,
  args: readonly Argument[],
  run: ProgramRun,
  door: FinderDoor,
): void {
  const values = args.map(({ value }) => value);
  if (sub === "config") return readConfig(args, run, door);
  if (sub === "bisect" && values[0] === "run") return door.runArguments(args.slice(1), run);
  if (sub === "submodule") {
    const at = values.indexOf("foreach");
    if (at >= 0) {
      const rest = args.slice(at + 1).filter(({ value }) =>
        !/^-(-recursive|-quiet|q)$/.test(value ?? "")
      );
      readJoined(rest, run, door);
    }
  }
  if (sub === "remote-ext") return readJoined(args.slice(1), run, door);
  if (sub === "for-each-repo" || sub === "hook") door.addCode(run, "hooks");
  if (sub === "difftool" || sub === "mergetool") return;
}

function readJoined(args: readonly Argument[], run: ProgramRun, door: FinderDoor): void {
  if (args.length === 0) return;
  const codes = args.map((argument) => door.codeOf(argument, run));
  const text = codes.map((code) => code.text).join(" ");
  door.readCode({ text, isWhole: codes.every(({ isWhole }) => isWhole) }, run, { shell: "sh" });
}

const CONFIG = parseOptionSpec(
  "-f= -l -e -z -t= --file= --blob= --type= --default= --get --get-all --get-regexp --list --unset --unset-all " +
    "--global --system --local --worktree --add --replace-all --edit --show-origin --show-scope --name-only --comment=",
);

function readConfig(args: readonly Argument[], run: ProgramRun, door: FinderDoor): void {
  const { operands, uses } = readOptions(CONFIG, args, "anywhere");
  if (uses.some(({ name }) => name === "-e" || name === "--edit")) return;
  const isNew = operands[0]?.value === "set";
  const [key, value] = isNew ? operands.slice(1) : operands;
  if (key === undefined || value === undefined) return;
  if (key.value === undefined) return door.addCode(run, "settings", [key]);
  applySetting(key.value, value, run, door);
}
