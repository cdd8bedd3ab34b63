/**
 * Builtins and tools that take code in a way of their own.
 *
 * @module
 */

import type { ProgramEntry } from "./program_entry.ts";

/** Name → entry. */
export const TOOLS: { readonly [name: string]: ProgramEntry } = {
  trap: { options: "-l! -p!", runs: "first" },
  mapfile: { options: "-C@ -c= -d= -n= -O= -s= -t -u=", mixed: true },
  readarray: { options: "-C@ -c= -d= -n= -O= -s= -t -u=", mixed: true },
  complete: {
    options:
      "-C@ -F= -A= -G= -W= -P= -S= -X= -o= -p -r -D -E -I -a -b -c -d -e -f -g -j -k -s -u -v",
    mixed: true,
  },
  compgen: {
    options: "-C@ -F= -A= -G= -W= -P= -S= -X= -o= -a -b -c -d -e -f -g -j -k -s -u -v",
    mixed: true,
  },
  bind: { options: "-x= -f# -l -p -P -s -S -v -V -X -m= -q= -u= -r=", mixed: true },
  enable: { options: "-f? -a -d -n -p -s", mixed: true },
  zmodload: { runs: "input", language: "zsh" },
  fc: { options: "-e$ -l! -s", runs: "input" },
  history: { options: "-s= -p= -c -d= -a -n -r -w", mixed: true },
  sched: { options: "-o", runs: "text", skip: 1 },
  at: { options: "-V! -l! -d! -r! -c! -q= -t= -m -M -v -b -f# -u=", runs: "input" },
  batch: { options: "-V! -q= -m -v -f#", runs: "input" },
  su: {
    options:
      "--help! --version! -h! -V! -l -m -p -f -P -c@ -g= -G= -s$ -w= -T --login --preserve-environment --fast --pty --command@ --session-command@ --group= --supp-group= --shell$ --whitelist-environment=",
    mixed: true,
    shell: true,
  },
  sg: { options: "-c@", mixed: true },
  newgrp: { shell: true, mixed: true },
  login: { shell: true, mixed: true },
  dc: {
    options: "--help! --version! -h! -V! -e= -f# --expression= --file#",
    runs: "script",
    language: "dc",
  },
};
