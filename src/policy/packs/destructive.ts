/**
 * Pack `destructive`: what deletes, overwrites or stops more than the working directory's own files.
 *
 * @module
 */

import { safe } from "../../safe_text.ts";
import type { Argument } from "../../shell_text/argument.ts";
import type { ArgumentsView } from "../arguments_view.ts";
import { hasOption } from "../arguments_view.ts";
import { isOwnTree, isProtected } from "../paths.ts";
import {
  always,
  asksForHelp,
  mayHave,
  mild,
  normal,
  type Pack,
  type PackFinding,
  programJudges,
  subOf,
  surelyHas,
} from "./pack.ts";

const SMALLER = safe`Name the exact files below the working directory, or ask the operator`;
const DISK = normal(safe`disk`);
const POWER = normal(safe`power`);

function isProtectedHere(view: ArgumentsView, path: Argument | undefined): boolean {
  return path !== undefined && isProtected(path, view.subject.cwd) === "yes";
}

function judgeRemove(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const { operands, subject } = view;
  const recursive = hasOption(view, "-r", "-R", "--recursive");
  const isListed = subject.via.some((name) => /^(?:find|fd|fdfind|xargs|parallel)$/.test(name));
  if (recursive === "yes") {
    const targets = operands.filter(({ shape }) => shape !== "");
    const isOwn = targets.length > 0 && targets.every((path) => isOwnTree(path, subject.cwd));
    return isOwn ? mild(safe`remove_tree`, SMALLER) : normal(safe`remove_recursive`, SMALLER);
  }
  if (operands.some((path) => isProtectedHere(view, path))) {
    return normal(safe`remove_protected`, SMALLER);
  }
  if (operands.some(({ shape }) => /^(?:\.?\/+)?\*$|^\/\*/.test(shape))) {
    return mild(safe`remove_everything`, SMALLER);
  }
  // One quoted variable can be an option or a target, and not both.
  const isSure = operands.every(({ many, shape }) => !many || !shape.startsWith("\0")) &&
    (operands.length < 2 || recursive === "no");
  return isSure && !isListed ? undefined : mild(safe`remove_unknown`, SMALLER);
}

function judgeFind(view: ArgumentsView): PackFinding | undefined {
  const deletes = hasOption(view, "-delete");
  if (deletes === "no") return undefined;
  // A folder in a variable is everyday; that it is an option in disguise is not.
  if (deletes === "maybe") return mild(safe`find_unknown`, SMALLER);
  const isNarrow = surelyHas(
    view,
    "-name",
    "-iname",
    "-path",
    "-ipath",
    "-regex",
    "-newer",
    "-mtime",
    "-empty",
  );
  const isOwn = view.subject.args.filter(({ shape }) => /^[/~]/.test(shape)).every((path) =>
    isOwnTree(path, view.subject.cwd)
  );
  return isNarrow && isOwn ? mild(safe`find_delete`, SMALLER) : normal(safe`find_delete`, SMALLER);
}

function judgeDd(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const target = view.operands.find(({ shape }) => shape.startsWith("of="));
  if (target === undefined) return view.mayHaveMore ? normal(safe`dd`) : undefined;
  const path = target.shape.slice(3);
  const isPlain = target.value !== undefined && !/^[/~]|\.\./.test(path);
  return isPlain || path === "/dev/null" || /^\/tmp\//.test(path) ? undefined : normal(safe`dd`);
}

function judgeReading(finding: PackFinding, reads: readonly string[]) {
  return (view: ArgumentsView): PackFinding | undefined =>
    asksForHelp(view) || surelyHas(view, ...reads) ? undefined : finding;
}

function judgeModes(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const targets = view.operands.slice(1);
  if (targets.some((path) => isProtectedHere(view, path))) return normal(safe`modes_protected`);
  if (!mayHave(view, "-R", "--recursive")) return undefined;
  const isOwn = targets.every((path) =>
    isOwnTree(path, view.subject.cwd) || /^\.\/?$/.test(path.shape)
  );
  return isOwn && targets.length > 0 ? undefined : normal(safe`modes_recursive`);
}

function judgeCopies(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const target =
    view.values.find(({ option }) => /^(?:-t|--target-directory)$/.test(option))?.value ??
      view.operands.at(-1);
  const sources = view.program === "mv" ? view.operands : [];
  if (
    view.program === "mv" &&
    sources.some(({ shape }) => /^(?:\/|~|\/\*|\.|\*|\.\.)\/*$/.test(shape))
  ) {
    return normal(safe`move_everything`);
  }
  const touched = [...sources, ...(target === undefined ? [] : [target])];
  return touched.some((path) => isProtectedHere(view, path))
    ? normal(safe`overwrite_protected`, SMALLER)
    : undefined;
}

function judgeTee(view: ArgumentsView): PackFinding | undefined {
  return view.operands.some((path) => isProtectedHere(view, path))
    ? normal(safe`overwrite_protected`, SMALLER)
    : undefined;
}

function judgeInPlace(view: ArgumentsView): PackFinding | undefined {
  return mayHave(view, "-i", "--in-place") ? judgeTee(view) : undefined;
}

function judgeSystemctl(view: ArgumentsView): PackFinding | undefined {
  const sub = subOf(view);
  if (
    /^(?:poweroff|reboot|halt|kexec|suspend|hibernate|emergency|rescue|default|isolate|exit)$/.test(
      sub,
    )
  ) {
    return POWER;
  }
  return /^(?:stop|disable|mask|kill|revert)$/.test(sub) ? mild(safe`stop_service`) : undefined;
}

function judgeKill(view: ArgumentsView): PackFinding | undefined {
  const isAll = view.subject.args.some(({ value }, index) =>
    (value === "-1" && index > 0) || (value === "1" && index === view.subject.args.length - 1)
  );
  return isAll ? normal(safe`kill_all`, safe`Name the processes that you started`) : undefined;
}

function judgeDocker(view: ArgumentsView): PackFinding | undefined {
  const words = view.operands.slice(0, 2).map(({ value }) => value ?? "").join(" ");
  if (/^(?:system|volume|image|container|network|builder|buildx) prune$/.test(words)) {
    return normal(safe`docker_prune`);
  }
  if (/^volume (?:rm|remove)$/.test(words)) return normal(safe`docker_volume`);
  if (/^(?:swarm leave|stack rm|service rm|secret rm|context rm)$/.test(words)) {
    return normal(safe`docker_remove`);
  }
  const isCompose = view.program.endsWith("-compose") || /^compose /.test(words);
  if (
    isCompose && view.operands.some(({ value }) => value === "down") &&
    mayHave(view, "-v", "--volumes", "--rmi")
  ) {
    return normal(safe`docker_down_volumes`);
  }
  if (/^(?:rm|rmi|kill)\b|^(?:container|image|network) rm$/.test(words)) {
    return mayHave(view, "-f", "--force") ? normal(safe`docker_remove`) : mild(safe`docker_remove`);
  }
  return undefined;
}

function judgeRsync(view: ArgumentsView): PackFinding | undefined {
  const deletes = view.options.some(({ text }) =>
    /^--(?:del|delete.*|remove-source-files)$/.test(text)
  );
  return deletes ? normal(safe`rsync_delete`) : judgeCopies(view);
}

function judgeTruncate(view: ArgumentsView): PackFinding | undefined {
  return asksForHelp(view) ? undefined : normal(safe`truncate`);
}

function judgeCryptsetup(view: ArgumentsView): PackFinding | undefined {
  const sub = subOf(view);
  return asksForHelp(view) || /^(?:status|isLuks|luksDump|luksUUID|benchmark)$/.test(sub)
    ? undefined
    : DISK;
}

function judgePools(view: ArgumentsView): PackFinding | undefined {
  return /^(?:destroy|labelclear|remove|detach|rollback|split|offline)$/.test(subOf(view))
    ? DISK
    : undefined;
}

function judgeInit(view: ArgumentsView): PackFinding | undefined {
  return /^[016sS]$/.test(subOf(view)) || view.mayHaveMore ? POWER : undefined;
}

function judgeCrontab(view: ArgumentsView): PackFinding | undefined {
  return mayHave(view, "-r") ? normal(safe`crontab_remove`) : undefined;
}

function judgeShred(view: ArgumentsView): PackFinding | undefined {
  return asksForHelp(view) ? undefined : normal(safe`shred`);
}

function judgeTar(view: ArgumentsView): PackFinding | undefined {
  if (mayHave(view, "--remove-files")) return normal(safe`remove_sources`);
  const folder = view.values.find(({ option }) => /^(?:-C|--directory)$/.test(option))?.value;
  return isProtectedHere(view, folder) ? normal(safe`overwrite_protected`, SMALLER) : undefined;
}

function judgeDownloads(view: ArgumentsView): PackFinding | undefined {
  const isHit = view.values.some(({ option, value }) =>
    /^(?:-o|-O|--output|--output-document|-P)$/.test(option) && isProtectedHere(view, value)
  );
  return isHit ? normal(safe`overwrite_protected`, SMALLER) : undefined;
}

/** The pack. */
export const DESTRUCTIVE: Pack = {
  programs: programJudges([
    [judgeRemove, "rm grm unlink rmdir srm trash"],
    [judgeFind, "find gfind"],
    [judgeDd, "dd gdd"],
    [judgeShred, "shred wipe scrub"],
    [
      always(DISK),
      "mkfs mke2fs mkswap mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.btrfs mkfs.vfat mkfs.fat mkfs.ntfs mkfs.f2fs mkdosfs " +
      "blkdiscard lvremove vgremove pvremove lvreduce pvcreate vgreduce dmsetup swapoff",
    ],
    [judgeReading(DISK, ["-l", "--list", "-p", "-n", "-o", "-J", "--no-act", "--print"]), "wipefs"],
    [
      judgeReading(DISK, ["-l", "--list", "-d", "--dump", "-x", "-s"]),
      "fdisk sfdisk cfdisk gdisk sgdisk parted",
    ],
    [judgeCryptsetup, "cryptsetup"],
    [judgePools, "zpool zfs"],
    [judgeReading(DISK, ["--detail", "-D", "--examine", "-E", "--query"]), "mdadm"],
    [judgeReading(DISK, ["-I", "-i", "-t", "-T"]), "hdparm"],
    [always(POWER), "shutdown reboot halt poweroff telinit"],
    [judgeInit, "init"],
    [judgeSystemctl, "systemctl service"],
    [judgeKill, "kill"],
    [
      judgeReading(normal(safe`kill_by_name`, safe`Kill the exact process ids that you started`), [
        "-l",
        "--list",
      ]),
      "killall pkill killall5 skill",
    ],
    [judgeModes, "chmod chown chgrp setfacl chattr"],
    [judgeTruncate, "truncate"],
    [judgeCopies, "cp mv install ln gcp gmv scp"],
    [judgeRsync, "rsync"],
    [judgeTee, "tee"],
    [judgeInPlace, "sed gsed perl"],
    [judgeDocker, "docker podman nerdctl docker-compose podman-compose"],
    [judgeCrontab, "crontab"],
    [judgeTar, "tar bsdtar unzip"],
    [judgeDownloads, "curl wget"],
  ]),
  anyProgram: ({ spreads, name }) =>
    spreads
      ? normal(safe`fork_bomb`)
      : /^mkfs\./.test(name.slice(name.lastIndexOf("/") + 1))
      ? DISK
      : undefined,
  redirect: ({ mode, path, cwd }) => {
    if (mode === "read") return undefined;
    const certainty = isProtected(path, cwd);
    if (certainty === "yes") return normal(safe`overwrite_protected`, SMALLER);
    return certainty === "maybe" ? mild(safe`overwrite_unknown`, SMALLER) : undefined;
  },
};
