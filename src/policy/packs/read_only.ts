/**
 * Pack `read-only`: programs, with the options that keep them so, that only look.
 *
 * @module
 */

import { safe } from "../../safe_text.ts";
import { type ArgumentsView, hasOnlyOptions, hasOption, hasSub } from "../arguments_view.ts";
import { normal, type Pack, type ProgramJudge, programJudges } from "./pack.ts";
import { atHome } from "./read_only_targets.ts";

const READS = normal(safe`reads`);

/** Certainly none of some options. */
function without(...names: readonly string[]): ProgramJudge {
  return (view) => hasOption(view, ...names) === "no" ? READS : undefined;
}

/** Certainly nothing but some options. */
function only(...names: readonly string[]): ProgramJudge {
  return (view) => hasOnlyOptions(view, names) === "yes" ? READS : undefined;
}

/** Without operands it shows, with one it sets. */
function withoutOperands(...options: readonly string[]): ProgramJudge {
  return (view) =>
    view.operands.length === 0 && !view.mayHaveMore && hasOption(view, ...options) === "no"
      ? READS
      : undefined;
}

const anything: ProgramJudge = () => READS;

const FIND_CHANGES = ["-delete", "-fprint", "-fprint0", "-fprintf", "-fls", "-ok", "-okdir"];

function judgeUniq(view: ArgumentsView) {
  return view.operands.length < 2 && view.operands.every(({ many }) => !many) && !view.mayHaveMore
    ? READS
    : undefined;
}

/** It reads its single-dash words by their first letters, and writes to its second operand. */
const XXD_READS =
  /^-(?:[abCdeEipuvh]|ps|plain|bits|include|uppercase|autoskip|[cglns]-?\d*|cols|groupsize|len|name|seek|R)$/;

function judgeXxd(view: ArgumentsView) {
  const looks = view.options.every(({ text, isCertain }) => isCertain && XXD_READS.test(text));
  return looks ? judgeUniq(view) : undefined;
}

/** An operand that is no format sets the clock. */
function judgeDate(view: ArgumentsView) {
  const formats = view.operands.every(({ shape, many }) => shape.startsWith("+") && !many);
  return formats && hasOption(view, "-s", "--set") === "no" ? READS : undefined;
}

/** Some versions start the program that they are given. */
function judgeLdd(view: ArgumentsView) {
  const areInstalled = view.operands.every(({ value }) =>
    /^\/(?:usr\/)?(?:local\/)?(?:s?bin|lib\w*)\//.test(value ?? "") && !value?.includes("/..")
  );
  return areInstalled ? READS : undefined;
}

/** Names of machines are asked for elsewhere. */
function judgeGetent(view: ArgumentsView) {
  const database = view.operands[0]?.value;
  return /^(?:passwd|group|shadow|gshadow|services|protocols|rpc|aliases|initgroups)$/.test(
      database ?? "",
    )
    ? READS
    : undefined;
}

const GIT_ANY =
  "status rev-parse rev-list ls-files ls-tree cat-file describe shortlog name-rev merge-base count-objects check-ignore " +
  "check-attr check-ref-format for-each-ref show-ref diff-tree diff-index diff-files cherry blame annotate whatchanged version var show-branch " +
  "range-diff merge-tree verify-commit verify-tag fsck grep log diff show";
const GIT_SUBS = new Set(GIT_ANY.split(" "));
const GIT_RISKS = [
  "--output*",
  "-O",
  "--open-files-in-pager*",
  "--ext-diff",
  "--textconv",
  "--lost-found",
  "--paginate",
  "--filters",
];
const GIT_LISTS: { readonly [sub: string]: readonly string[] } = {
  branch: [
    "-a",
    "-r",
    "-v",
    "-vv",
    "-l",
    "-i",
    "--list",
    "--all",
    "--remotes",
    "--verbose",
    "--show-current",
    "--contains",
    "--no-contains",
    "--merged",
    "--no-merged",
    "--points-at",
    "--sort",
    "--format",
    "--color",
    "--no-color",
    "--column",
    "--no-column",
    "--abbrev",
    "--ignore-case",
  ],
  tag: [
    "-l",
    "-n",
    "-n[0-9]*",
    "-i",
    "--list",
    "--contains",
    "--no-contains",
    "--merged",
    "--no-merged",
    "--points-at",
    "--sort",
    "--format",
    "--color",
    "--column",
    "--ignore-case",
  ],
  remote: ["-v", "--verbose"],
  stash: [],
  worktree: ["--porcelain", "-v", "-z"],
  reflog: ["-n", "--all", "--date", "--format", "--oneline", "--pretty", "-[0-9]*"],
  config: [
    "--get",
    "--get-all",
    "--get-regexp",
    "--list",
    "-l",
    "--show-origin",
    "--show-scope",
    "--name-only",
    "-z",
    "--global",
    "--system",
    "--local",
  ],
  submodule: ["--recursive", "--quiet", "-q"],
  notes: [],
};

function judgeGit(view: ArgumentsView) {
  const sub = view.operands[0]?.value;
  if (sub === undefined || view.unknownInFront > 0 || hasOption(view, ...GIT_RISKS) !== "no") {
    return undefined;
  }
  if (GIT_SUBS.has(sub)) return READS;
  const lists = Object.hasOwn(GIT_LISTS, sub) ? GIT_LISTS[sub] : undefined;
  if (lists === undefined) return undefined;
  const own = { ...view, options: view.options.filter(({ text }) => !isGlobal(text)) };
  if (hasOnlyOptions(own, lists) !== "yes") return undefined;
  const rest = view.operands.slice(1);
  const isListing = own.options.some(({ text }) =>
    /^(?:-l|--list|--contains|--no-contains|--merged|--no-merged|--points-at|--get|--get-all|--get-regexp)$/
      .test(text)
  );
  if (sub === "branch" || sub === "tag" || sub === "config") {
    return isListing || rest.length === 0 ? READS : undefined;
  }
  if (rest.length === 0) return sub === "stash" ? undefined : READS;
  // It asks the other machine.
  if (sub === "remote" && rest[0]?.value === "show" && rest.length > 1) return undefined;
  const reads = {
    remote: "get-url show",
    stash: "list show",
    worktree: "list",
    reflog: "show list exists",
    submodule: "status summary",
    notes: "list show",
  };
  return Object.entries(reads).some(([name, words]) =>
      name === sub && words.split(" ").includes(rest[0]?.value ?? "")
    )
    ? READS
    : undefined;
}

function isGlobal(text: string): boolean {
  return /^(?:-C|-c|-P|--git-dir|--work-tree|--namespace|--no-pager|--bare|--no-optional-locks|--no-replace-objects|--literal-pathspecs)$/
    .test(text);
}

/** A wrapper reads when it runs something, which is judged by itself, or shows something. */
const wraps: ProgramJudge = anything;

function judgeSort(view: ArgumentsView) {
  return hasOption(
      view,
      "-o",
      "--output",
      "--compress-program",
      "-T",
      "--temporary-directory",
      "--files0-from",
    ) === "no"
    ? READS
    : undefined;
}

function judgeSub(...subs: readonly string[]): ProgramJudge {
  return (view) => subs.some((sub) => hasSub(view, sub) === "yes") ? READS : undefined;
}

/** The pack; a finding means that the program only looks. */
export const READ_ONLY: Pack = {
  programs: new Map([...programJudges([
    [
      anything,
      "ls dir vdir cat tac head tail wc grep egrep fgrep zgrep zcat bzcat xzcat cd pwd echo true false : test [ stat readlink realpath " +
      "basename dirname du df ps pgrep whoami id groups uname uptime free which whereis type cut tr comm diff cmp join paste fold fmt nl rev column " +
      "expand unexpand seq md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum base64 base32 od hexdump strings printenv nproc lscpu lsblk " +
      "lsmod lspci lsusb locale tty arch getconf w who last users cal pstree vmstat iostat readelf tsort numfmt factor expr " +
      "sleep exit return break continue shift wait jobs dirs pushd popd times local declare typeset readonly export read let getopts caller logname pathchk look apropos whatis hostid runlevel",
    ],
    [without("-C", "--compile"), "file"],
    [without("-D"), "lsof"],
    [without("-o", "--output", "--diff-program"), "sdiff diff3"],
    [without("-G", "--traditional"), "ptx"],
    [judgeLdd, "ldd"],
    [judgeGetent, "getent"],
    [
      without(
        "-f",
        "--follow*",
        "--vacuum*",
        "--rotate",
        "--flush",
        "--sync",
        "--setup-keys",
        "--update-catalog",
        "--cursor-file*",
        "--relinquish-var",
        "--smart-relinquish-var",
      ),
      "journalctl",
    ],
    [without("--pre", "--hostname-bin", "-z", "--search-zip"), "rg"],
    [without("-o", "--output", "-R"), "tree"],
    [without("-v"), "printf"],
    [judgeSort, "sort"],
    [judgeUniq, "uniq"],
    [judgeXxd, "xxd"],
    [judgeDate, "date"],
    [without("--plugin"), "nm size objdump"],
    [withoutOperands("-F", "-b", "--file", "--boot"), "hostname domainname"],
    [withoutOperands(), "umask ulimit hash alias set shopt env.show"],
    [without("-i", "--in-place", "--inplace", "-s", "--split-exp*"), "yq"],
    [without("-f", "--from-file", "-L"), "jq"],
    [without("-i", "--in-place"), "sed gsed"],
    [
      without("-i", "--include", "-l", "--load", "-E", "--exec", "-o", "-p", "-d", "-D"),
      "awk gawk mawk nawk",
    ],
    [without(...FIND_CHANGES), "find gfind"],
    [
      only(
        "-t",
        "-u",
        "-l",
        "-n",
        "-a",
        "-p",
        "-4",
        "-6",
        "-x",
        "-s",
        "-e",
        "-i",
        "-o",
        "-r",
        "-H",
        "-m",
      ),
      "ss netstat",
    ],
    [judgeGit, "git"],
    [
      judgeSub(
        "ps",
        "images",
        "logs",
        "inspect",
        "version",
        "info",
        "stats",
        "top",
        "port",
        "diff",
        "history",
        "container ls",
        "image ls",
        "volume ls",
        "network ls",
      ),
      "docker podman",
    ],
    [
      judgeSub(
        "status",
        "is-active",
        "is-enabled",
        "list-units",
        "list-unit-files",
        "show",
        "cat",
        "list-timers",
        "is-failed",
      ),
      "systemctl",
    ],
    [(view) => hasOption(view, "-o", "--output") === "no" ? wraps(view) : undefined, "time gtime"],
    [
      wraps,
      "env timeout nice ionice stdbuf xargs command builtin nohup setsid chrt taskset noglob",
    ],
  ])].map(([name, judge]) => [name, atHome(judge)])),
};
