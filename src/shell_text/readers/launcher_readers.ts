/**
 * Programs that run others by ways of their own: addresses, settings, macros.
 *
 * @module
 */

import { type Argument, argumentTail, knownArgument } from "../argument.ts";
import type { FinderDoor, ProgramRun } from "../finder_door.ts";
import { optionValue, parseOptionSpec, readOptions } from "../option_spec.ts";
import { programSpec } from "../program_spec.ts";
import { runBySpec, scriptInput } from "./spec_reader.ts";

function readText(argument: Argument, run: ProgramRun, door: FinderDoor): void {
  door.readCode(door.codeOf(argument, run), run, { shell: "sh" });
}

function bySpec(run: ProgramRun, door: FinderDoor): void {
  const spec = programSpec(run.baseName);
  if (spec !== undefined) runBySpec(spec, run, door);
}

/** Reads `socat`: some of its addresses are commands, some are files. */
export function readSocat(run: ProgramRun, door: FinderDoor): void {
  for (const argument of run.args) {
    for (const part of argument.shape.matchAll(/(?:^|!!)(exec|system|shell):([^,]*)/gi)) {
      const start = part.index + part[0].length - (part[2]?.length ?? 0);
      readText(argumentTail(argument, start), run, door);
    }
    const file = /^(?:create|creat|open|gopen|file):/i.exec(argument.shape)?.[0];
    if (file !== undefined) door.addFile("both", argumentTail(argument, file.length), run);
    if (argument.shape.startsWith("\0")) door.addCode(run, "address", [argument]);
  }
}

/** Reads `man`: a browser's command stands right behind `-H`. */
export function readMan(run: ProgramRun, door: FinderDoor): void {
  for (const argument of run.args) {
    const option = /^(?:-H(?=.)|--html=)/.exec(argument.shape)?.[0];
    if (option === undefined) continue;
    const code = door.codeOf(argumentTail(argument, option.length), run);
    door.readCode(code, run, { shell: "sh", isStart: true });
  }
  bySpec(run, door);
}

/** Reads compilers: `-wrapper` takes a program and its arguments between commas. */
export function readCompiler(run: ProgramRun, door: FinderDoor): void {
  run.args.forEach((argument, index) => {
    const wrapper = argument.value === "-wrapper" ? run.args[index + 1] : undefined;
    if (wrapper?.value === undefined) return;
    const words = wrapper.value.split(",").map((word) => knownArgument(word, wrapper));
    door.runArguments(words, run);
  });
  bySpec(run, door);
}

const M4 = parseOptionSpec(
  "--help! --version! -D= -U= -I= -F= -R# -B= -H= -L= -l= -o= -t= -d~ -s~ -E -G -P -Q -e -g -i --define= --undefine= " +
    "--include= --freeze-state= --reload-state# --prefix-builtins --fatal-warnings --quiet --silent --interactive",
);

/** Reads `m4`: macros of it run commands. */
export function readM4(run: ProgramRun, door: FinderDoor): void {
  const { uses, operands } = readOptions(M4, run.args, "anywhere");
  if (uses.some(({ mark }) => mark === "stop")) return;
  const files = uses.filter(({ mark }) => mark === "script")
    .map((use) => optionValue(use, run.self)).concat(operands);
  const inputs = files.length === 0 ? [run.input] : [];
  const texts = run.args.map(({ shape }) => shape);
  let isUnread = false;
  for (const file of files) {
    const input = scriptInput(file, run, door);
    if (input === undefined) door.addScript(file, run);
    else if (input.kind === "none") isUnread = true;
    else inputs.push(input);
  }
  for (const input of inputs) {
    if (input.kind === "text") texts.push(input.text);
    if (input.kind === "file") door.addScript(input.path, run);
    isUnread ||= input.kind === "pipe" || input.kind === "text" && !input.isWhole;
  }
  if (isUnread || texts.some((text) => /syscmd|\bmaketemp\b/.test(text))) {
    door.addCode(run, "m4", run.args);
  }
}

/** Reads `capsh`: what stands behind two dashes is given to a shell. */
export function readCapsh(run: ProgramRun, door: FinderDoor): void {
  const at = run.args.findIndex(({ value }) => value === "--" || value === "==");
  if (at < 0) return;
  const rest = run.args.slice(at + 1);
  const program = run.args[at]?.value === "==" ? "capsh" : "bash";
  door.runArguments([knownArgument(program, run.self), ...rest], run);
}

/** Reads `apt`: settings of it are commands that run around its work. */
export function readApt(run: ProgramRun, door: FinderDoor): void {
  run.args.forEach((argument, index) => {
    const option = /^(?:-o=?|--option=?)/.exec(argument.shape)?.[0];
    if (option === undefined) return;
    const isAlone = argument.shape === option;
    const setting = isAlone ? run.args[index + 1] : argumentTail(argument, option.length);
    const name = /^[^=\0]*=/.exec(setting?.shape ?? "")?.[0];
    if (setting === undefined) return;
    if (name === undefined) {
      if (setting.value === undefined) door.addCode(run, "settings", [setting]);
    } else if (/invoke|pkgs|proxy-auto|^dir::bin/i.test(name)) {
      readText(argumentTail(setting, name.length), run, door);
    }
  });
  bySpec(run, door);
}

/** Reads `rpm`: its macros and its pipe run commands. */
export function readRpm(run: ProgramRun, door: FinderDoor): void {
  run.args.forEach((argument, index) => {
    const pipe = /^--pipe=?/.exec(argument.shape)?.[0];
    if (pipe !== undefined) {
      const value = argument.shape === "--pipe" ? run.args[index + 1] : undefined;
      readText(value ?? argumentTail(argument, pipe.length), run, door);
    }
    const macro = /%\((.*)\)/s.exec(argument.value ?? "")?.[1];
    if (macro !== undefined) door.readCode({ text: macro, isWhole: true }, run, { shell: "sh" });
    if (/%\{(?:lua|load|uncompress)\b/.test(argument.shape)) door.addCode(run, "rpm", [argument]);
  });
}

const NPM_COMMANDS =
  /^(?:script-shell|shell|editor|viewer|browser|git|node-options|init-module|init\.module|userconfig|globalconfig)$/;

/** Reads `npm`, `pnpm` and `yarn`: settings and scripts that are stored are commands. */
export function readNpm(run: ProgramRun, door: FinderDoor): void {
  const words = run.args.filter(({ shape }) => !shape.startsWith("-"));
  const values = words.map(({ value }) => value ?? "");
  const isConfig = /^(?:config|c)$/.test(values[0] ?? "") && values[1] === "set";
  const isPackage = values[0] === "pkg" && values[1] === "set";
  const settings = isConfig || isPackage
    ? words.slice(2)
    : values[0] === "set"
    ? words.slice(1)
    : [];
  settings.forEach((setting, index) => {
    const head = /^([\w.:-]+)=/.exec(setting.shape);
    const key = head?.[1] ?? setting.value ?? "";
    const value = head === null ? settings[index + 1] : argumentTail(setting, head[0].length);
    const isCommand = isPackage ? key.startsWith("scripts.") : NPM_COMMANDS.test(key);
    if (!isCommand || value === undefined) return;
    door.readCode(door.codeOf(value, run), run, { shell: "sh", isStart: true });
  });
  bySpec(run, door);
}

const IP = parseOptionSpec(
  "-V! -Version! -h -human -b# -batch# -force -s -stats -statistics -d -details -l= -loops= -f= -family= -4 -6 -0 -B -D -M " +
    "-I -o -oneline -r -resolve -n= -net= -netns= -N -Numeric -a -all -c~ -color~ -t -timestamp -ts -tshort -rc= -rcvbuf= " +
    "-iec -br -brief -j -json -p -pretty -echo",
);

/** Reads `ip`: it runs programs in other namespaces; its words may be shortened. */
export function readIp(run: ProgramRun, door: FinderDoor): void {
  const { uses, operands } = readOptions(IP, run.args, "first");
  for (const { mark, value } of uses) {
    if (mark === "script" && value !== undefined) door.addCode(run, "ip", [value]);
  }
  const [object, action, ...rest] = operands.map(({ value }) => value);
  if (object === undefined || action === undefined || rest.length === 0) return;
  const isExec = /^e(?:x(?:e(?:c)?)?)?$/.test(action);
  if (!isExec || !/^(?:nets?|netns?|netn|vrf?)$/.test(object)) return;
  const isAll = uses.some(({ name }) => name === "-a" || name === "-all");
  door.runArguments(operands.slice(isAll ? 2 : 3), run);
}

/** Reads `virsh`: an address may name the program that connects. */
export function readVirsh(run: ProgramRun, door: FinderDoor): void {
  for (const argument of run.args) {
    const isProgram =
      /\+ext:|[?&](?:command|netcat)=|^(?:qemu-agent-command|qemu-monitor-command)$/;
    if (isProgram.test(argument.shape)) door.addCode(run, "address", [argument]);
  }
}

/** Reads `virt-customize` and its like: commands for the inside of an image. */
export function readVirtTools(run: ProgramRun, door: FinderDoor): void {
  const code = run.args.find(({ shape }) =>
    /^--?(?:run|run-command|firstboot|firstboot-command|commands-from-file)(?:=|$)/.test(shape)
  );
  const isShell = /^(?:guestfish|virt-rescue)$/.test(run.baseName);
  if (code !== undefined || isShell) door.addCode(run, "image", run.args);
}

/** Reads clients of clouds and of salt: commands that are sent to machines. */
export function readSenders(run: ProgramRun, door: FinderDoor): void {
  const sends = run.args.findIndex(({ value }) =>
    /^(?:run-command|cmd\.\w+|--exec-command|--command(?:=.*)?|state\.single)$/.test(value ?? "")
  );
  if (sends >= 0) door.addCode(run, "remote", run.args.slice(sends));
}
