/**
 * What makes a program that reads turn to something else: another machine or engine, another
 * repository or root, another process. Reading there is not what the pack allows.
 *
 * @module
 */

import type { Argument } from "../../shell_text/argument.ts";
import { normalizePath } from "../../shell_text/written_files.ts";
import { type ArgumentsView, hasOption } from "../arguments_view.ts";
import type { ProgramJudge } from "./pack.ts";

/** Options that change the target, by program. */
const TARGET_OPTIONS: { readonly [program: string]: readonly string[] } = {
  git: ["--git-dir", "--work-tree", "--bare", "--namespace"],
  systemctl: ["-H", "--host", "-M", "--machine", "-C", "--capsule", "--root", "--image"],
  journalctl: [
    "-H",
    "--host",
    "-M",
    "--machine",
    "-D",
    "--directory",
    "-i",
    "--file",
    "--root",
    "--image",
  ],
  getent: ["-s", "--service"],
  lspci: ["-H*", "-A*", "-O*", "-M", "-q", "-Q"],
  lsblk: ["--sysroot"],
  lscpu: ["-s", "--sysroot"],
};

/** The same for options that count only in front of the first operand. */
const FRONT_OPTIONS: { readonly [program: string]: readonly string[] } = {
  docker: ["-H", "--host", "-c", "--context", "--config", "--tls*"],
  podman: ["-c", "--connection", "--url", "-r", "--remote", "--identity", "--root", "--runroot"]
    .concat(["--storage-opt", "--tls*"]),
  // With a process id they change that process.
  ionice: ["-p", "-P", "-u", "--pid", "--pgid", "--uid"],
  chrt: ["-p", "--pid"],
  taskset: ["-p", "--pid"],
};

/**
 * Makes a judge that does not speak of programs whose target is changed.
 *
 * @param judge Judges the rest.
 * @returns The judge.
 */
export function atHome(judge: ProgramJudge): ProgramJudge {
  return (view) => hasOtherTarget(view) ? undefined : judge(view);
}

function hasOtherTarget(view: ArgumentsView): boolean {
  const { program } = view;
  if (isGiven(view, TARGET_OPTIONS, program)) return true;
  if (isGiven(inFront(view), FRONT_OPTIONS, program)) return true;
  if (program !== "git") return false;
  return view.values.some(({ option, value }) => option === "-C" && !isBelow(value, view));
}

function isGiven(
  view: ArgumentsView,
  table: { readonly [program: string]: readonly string[] },
  program: string,
): boolean {
  const names = Object.hasOwn(table, program) ? table[program] : undefined;
  return names !== undefined && hasOption(view, ...names) !== "no";
}

/** The options in front of the first operand. */
function inFront(view: ArgumentsView): ArgumentsView {
  const { args } = view.subject;
  const first = view.operands[0];
  const end = first === undefined ? args.length : args.indexOf(first);
  const options = view.options.filter(({ text }) =>
    args.slice(0, end).some(({ shape }) => shape.startsWith(text))
  );
  return {
    ...view,
    options,
    mayHaveMore: view.mayHaveMore && first?.shape.startsWith("\0") === true,
  };
}

/** A folder that is certainly the working directory or below it. */
function isBelow({ value }: Argument, { subject: { cwd } }: ArgumentsView): boolean {
  if (value === undefined || value.startsWith("~")) return false;
  if (!value.startsWith("/")) return !normalizePath(value, undefined).startsWith("..");
  const path = normalizePath(value, undefined);
  return cwd !== undefined && (path === cwd || path.startsWith(`${cwd}/`));
}
