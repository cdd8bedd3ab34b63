/**
 * The programs that need more than a table entry.
 *
 * @module
 */

import type { ProgramReader } from "../finder_door.ts";
import { plainName } from "../program_spec.ts";
import {
  readAlias,
  readBind,
  readCompletion,
  readDeclare,
  readEnable,
  readExport,
  readForget,
  readHash,
  readLet,
  readMapfile,
  readPrintf,
  readSet,
  readSetters,
  readShellSettings,
  readTest,
} from "./definition_readers.ts";
import { readGit } from "./git_reader.ts";
import {
  readApt,
  readCapsh,
  readCompiler,
  readIp,
  readM4,
  readMan,
  readNpm,
  readRpm,
  readSenders,
  readSocat,
  readVirsh,
  readVirtTools,
} from "./launcher_readers.ts";
import { readShell, readSource, SHELLS } from "./shell_reader.ts";
import { readSqlClient } from "./sql_reader.ts";
import { readAwk, readSed } from "./text_readers.ts";
import {
  readAws,
  readDc,
  readGdb,
  readMake,
  readPipeOutputs,
  readTar,
  readTracer,
  readVim,
} from "./tool_readers.ts";
import {
  readBwrap,
  readCrontab,
  readEnv,
  readFind,
  readLoader,
  readParallel,
  readRunuser,
  readScreen,
  readSftp,
  readSsh,
  readTmux,
  readXargs,
} from "./wrapper_readers.ts";

const LISTS: readonly (readonly [ProgramReader, string])[] = [
  [readShell, [...SHELLS].join(" ")],
  [readSource, "source ."],
  [readAlias, "alias"],
  [readForget, "unalias unset unhash"],
  [readDeclare, "declare typeset local"],
  [readExport, "export readonly"],
  [readSetters, "read getopts wait"],
  [readMapfile, "mapfile readarray"],
  [readSet, "set"],
  [readLet, "let"],
  [readTest, "test ["],
  [readPrintf, "printf print"],
  [readHash, "hash"],
  [readEnable, "enable"],
  [readBind, "bind"],
  [readCompletion, "complete compgen"],
  [readShellSettings, "setopt unsetopt emulate zstyle"],
  [readEnv, "env genv"],
  [readFind, "find gfind"],
  [readXargs, "xargs gxargs"],
  [readParallel, "parallel"],
  [readRunuser, "runuser"],
  [readBwrap, "bwrap"],
  [readScreen, "screen"],
  [readTmux, "tmux byobu"],
  [readSsh, "ssh autossh scp"],
  [readSftp, "sftp"],
  [readCrontab, "crontab"],
  [readGit, "git"],
  [readSed, "sed gsed"],
  [readAwk, "awk gawk mawk nawk original-awk bwk"],
  [readGdb, "gdb lldb"],
  [readVim, "vim vi nvim gvim view vimdiff rvim"],
  [readMake, "make gmake"],
  [readSqlClient, "psql mysql mariadb sqlite3 sqlite duckdb"],
  [readPipeOutputs, "ffmpeg"],
  [readTracer, "strace ltrace"],
  [readTar, "tar gtar"],
  [readDc, "dc"],
  [readAws, "aws"],
  [readSocat, "socat"],
  [readMan, "man"],
  [readCompiler, "gcc g++ cc c++ c89 c99"],
  [readM4, "m4"],
  [readCapsh, "capsh"],
  [readApt, "apt apt-get aptitude"],
  [readRpm, "rpm rpmbuild rpmspec rpmquery rpmverify rpmdb"],
  [readNpm, "npm pnpm yarn"],
  [readIp, "ip"],
  [readVirsh, "virsh"],
  [readVirtTools, "virt-customize virt-builder virt-sysprep guestfish virt-rescue"],
  [readSenders, "az salt salt-call salt-ssh"],
];

const READERS = new Map(
  LISTS.flatMap(([reader, names]) =>
    names.split(" ").map((name): [string, ProgramReader] => [name, reader])
  ),
);

/**
 * The reader of a program.
 *
 * @param baseName The last part of its path.
 * @returns The reader; undefined when there is none.
 */
export function programReader(baseName: string): ProgramReader | undefined {
  if (/^ld(?:-linux.*|-musl.*)?\.so/.test(baseName)) return readLoader;
  if (/^ld-(?:linux|musl)/.test(baseName)) return readLoader;
  // A compiler for another machine, or of a version.
  if (/^[\w-]+-(?:gcc|g\+\+)$/.test(baseName)) return readCompiler;
  return READERS.get(baseName) ?? READERS.get(plainName(baseName));
}
