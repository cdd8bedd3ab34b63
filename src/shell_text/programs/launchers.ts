/**
 * More programs that run the program named in their own arguments: managers of versions,
 * environments and secrets, tracers and terminals.
 *
 * @module
 */

import type { ProgramEntry } from "./program_entry.ts";

const HELP = "--help! --version!";
const ARGV: ProgramEntry = { options: HELP, runs: "argv" };
/** What stands behind two dashes is run. */
const DASHES: ProgramEntry = { options: HELP, behind: "--" };
/** The same, or without dashes behind the first operand. */
const NAMED: ProgramEntry = { options: HELP, runs: "argv", skip: 1 };

function subs(words: string, entry: ProgramEntry): ProgramEntry {
  return {
    options: HELP,
    subs: Object.fromEntries(words.split(",").map((word): [string, ProgramEntry] => [word, entry])),
  };
}

function argv(options: string, skip = 0): ProgramEntry {
  return { options: `${HELP} ${options}`, runs: "argv", ...(skip === 0 ? {} : { skip }) };
}

/** Its options' values are commands, or take the rest. */
function carries(options: string, language?: string): ProgramEntry {
  const own = { options: `${HELP} ${options}`, mixed: true } as const;
  return language === undefined ? own : { ...own, language };
}

/** Name → entry. */
export const LAUNCHERS: { readonly [name: string]: ProgramEntry } = {
  run0: argv(
    "--user= -u= --group= -g= --nice= -D= --chdir= --setenv= --background= --unit= --property= --description= " +
      "--slice= --machine= -M= --pty --pipe --no-ask-password --via-shell -i",
  ),
  "aa-exec": argv("-p= -n= -i -d -v --profile= --namespace= --immediate --debug --verbose"),
  logsave: argv("-a -s -v", 1),
  multitime: argv("-n= -s= -q -l -f= -I= -i@ -o@ -r@ -v"),
  openvt: argv(
    "-c= -f -e -l -s -u -v -w --console= --force --exec --login --switch --user --verbose --wait",
  ),
  msgexec: argv("-i= -D= -P -p --input= --directory= --properties-input --stringtable-input"),
  msgfilter: argv(
    "-i= -D= -o= -P -p -E -s -w= -F --input= --directory= --output-file= --properties-input --stringtable-input " +
      "--properties-output --stringtable-output --force-po --no-escape --escape --indent --keep-header --newline " +
      "--no-location --no-wrap --sort-output --sort-by-file --strict --style= --width=",
  ),
  pidstat: carries("-e^ -C= -G= -p= -T= -U~ -d -h -H -I -l -R -r -s -t -u -V! -v -w"),
  ksu: carries("-e^ -a^ -n= -c= -k -D -r= -pf -l= -z -Z -q"),
  java: carries("-XX:OnOutOfMemoryError@ -XX:OnError@"),
  cmake: {
    options: "-P# -C# -E^ -S= -B= -D= -G= -T= -A= -U= -L -N -Wno-dev --build& --install&",
    mixed: true,
  },
  ctest: carries("--test-command^ -S# --script# -R= -E= -L= -j~ -V -N -C= --output-on-failure"),
  install: carries(
    "--strip-program$ -b -c -C -d -D -g= -m= -o= -p -s -S= -t= -T -v --mode= --owner= --group= --target-directory=",
  ),
  cpio: carries("--rsh-command$ -i -o -p -t -d -u -m -v -0 -H= -F= -D= -E= -R= --format= --file="),
  hg: carries("--config? -R= --cwd= -r= -m= -q -v"),
  lftp: carries("-c? -e? -f# -u= -p= -d", "lftp"),
  go: {
    options: HELP,
    subs: Object.fromEntries(
      ["build", "install", "test", "vet", "run", "list", "get", "generate", "tool", "clean", "fix"]
        .map((
          name,
        ): [string, ProgramEntry] => [name, {
          options: "-toolexec$ --toolexec$ -exec$ --exec$ -vettool$ --vettool$",
          mixed: true,
        }]),
    ),
  },
  pandoc: carries("-F$ --filter$ --pdf-engine$ -L# --lua-filter# -f= -t= -o= -M= -V= -s -d#"),
  slsh: { options: `${HELP} -e? -n -g -i#`, runs: "script", language: "slang" },
  puppet: subs("apply", { options: "-e? --execute?", runs: "script", language: "puppet" }),
  rc: { options: "-c? -d -e -i -l -n -o -p -s -v -x", runs: "script", language: "rc" },
  es: { options: "-c? -d -e -i -l -n -o -p -s -v -x -I -G -L", runs: "script", language: "es" },
  please: argv("-u= -g= -d= -e= -n -p -t= -a= -r= --user= --group= --dir= --target= --reason="),
  "s6-setuidgid": NAMED,
  "s6-softlimit": argv("-a= -c= -d= -f= -l= -m= -o= -p= -r= -s= -t= -h -H"),
  execlineb: { options: "-P -p -q -w -W -e -s= -S= -c?", runs: "script", language: "execline" },
  daemon: argv("-n= -X= -P= -F= -u= -l= -e= -o= -O= -r -i -c -f -D= --name= --command@ --chdir="),
  abduco: argv("-n -c -A -a! -r -l -f -e= -v!", 1),
  "with-contenv": ARGV,
  "env-cmd": argv("-f= -e= -r= -x --file= --environments= --rc-file= --fallback --no-override"),
  "wait-for-it": DASHES,
  "wait-for-it.sh": DASHES,
  dockerize: argv(
    "-wait= -timeout= -template= -stdout= -stderr= -wait-retry-interval= -wait-http-header= -env= -env-section= -poll",
  ),
  catatonit: argv("-g -L -P -V!"),
  retry: argv("-t= -d= -m= -c= -f= --times= --delay= --until= --while= --message="),
  ts: argv("-m -i -r -s -n -f -g -h! -l! -c! -t! -k! -w! -L= -S= -D= -N="),
  tsp: argv("-n -f -g -h! -l! -c! -t! -k! -w! -L= -S= -D= -N="),
  zrun: ARGV,
  lckdo: argv("-e -E -s -w -W= -x -q", 1),
  mispipe: { runs: "each" },
  gdbserver: argv("--multi! --attach! --wrapper^ --once --debug --no-startup-with-shell", 1),
  rr: subs("record", argv("-n -o= -h -w -u -c= -e= -s= -v= --chaos --print-trace-dir=")),
  heaptrack: argv("-o= -p! -r! -d -a! --output= --record-only --raw --debug"),
  uftrace: argv("-a -k -D= -F= -N= -T= -A= -R= -d= -t= --nest-libcall"),
  "trace-cmd": subs("record,stat", argv("-e= -p= -f= -o= -P! -F -a -b= -s= -O= -l= -g= -n= -v -c")),
  bpftrace: carries("-c@ -e? -p= -o= -f= -B= -I= -l -v -d", "bpftrace"),
  stap: carries("-c@ -e? -x= -o= -d= -m= -l= -L= -v -g -k", "systemtap"),
  dtrace: carries("-c@ -n? -s# -p= -o= -x= -q -w", "dtrace"),
  dtruss: argv("-a -b= -c -d -e -f -l -o -p! -n! -s -t= -L"),
  asciinema: subs("rec,record", carries("-c@ --command@ -e= -t= -i= -y -q")),
  ttyrec: carries("-e@ -a -u"),
  termtosvg: carries("-c@ --command@ -g= -t= -m= -M= -D= -s"),
  kitty: argv(
    "-o= -c= -d= -T= --title= --config= --class= --name= --directory= --hold -1 --session#",
  ),
  alacritty: carries(
    "-e^ --command^ -o= --config-file= -t= --title= --working-directory= --class=",
  ),
  wezterm: subs("start", argv("--cwd= --class= --workspace= --always-new-process")),
  foot: argv("-c= -t= -T= -a= -w= -W= -D= -e -H --config= --title= --working-directory="),
  urxvt: carries("-e^ -title= -T= -name= -geometry= -hold"),
  rxvt: carries("-e^ -title= -T= -name= -geometry= -hold"),
  st: carries("-e^ -t= -T= -n= -c= -f= -g= -o= -a -i -v!"),
  terminator: carries("-x^ --execute^ -e@ --command@ -T= --title= --working-directory= -p= -l="),
  tilix: carries("-e@ --command@ -w= --working-directory= -t= --title= -p= --session#"),
  dvtm: { options: "-M -m= -d= -h= -t= -s= -c= -v!", runs: "each" },
  tox: subs("exec", DASHES),
  rvm: { options: HELP, behind: "do" },
  "chruby-exec": DASHES,
  nvm: subs("exec,run", argv("--silent", 1)),
  fnm: subs("exec", argv("--using= --using-file --log-level= --fnm-dir=")),
  volta: subs(
    "run",
    argv("--node= --npm= --pnpm= --yarn= --bundled-npm --no-pnpm --no-yarn --env="),
  ),
  n: subs("exec", NAMED),
  jenv: subs("exec", ARGV),
  opam: subs("exec", argv("--switch= --root= --set-root --set-switch")),
  stack: subs("exec", argv("--package= --cwd= --no-ghc-package-path --plain --stack-yaml=")),
  cabal: subs("exec,v2-exec", argv("-v --project-file= --enable-tests")),
  guix: subs("shell,environment", DASHES),
  devbox: subs("run", argv("-c= --config= -e= --env= --env-file= -q --quiet --pure")),
  flox: subs("activate", {
    ...carries("-c@ --command@ -d= -r= --dir= --remote= -t"),
    behind: "--",
  }),
  pixi: subs(
    "run,exec,r,x",
    argv("-e= --environment= --manifest-path= --frozen --locked -s= --spec="),
  ),
  "aws-vault": subs(
    "exec",
    argv("-d= -n -s --duration= --region= --no-session --server --ecs-server", 1),
  ),
  vaulted: { options: "-n= --name= -i", behind: "--" },
  chamber: subs("exec", DASHES),
  envconsul: argv(
    "-config= -prefix= -secret= -consul-addr= -vault-addr= -once -pristine -upcase -sanitize",
  ),
  consul: subs(
    "lock",
    argv("-n= -name= -timeout= -monitor-retry= -child-exit-code -http-addr=", 1),
  ),
  etcdctl: {
    options: `${HELP} --endpoints= --cacert= --cert= --key= --user= --password=`,
    subs: {
      lock: argv("--ttl=", 1),
      elect: NAMED,
      watch: { options: "-i --rev= --prefix", behind: "--" },
    },
  },
  sops: {
    options: HELP,
    subs: {
      "exec-env": {
        options: "--background --user= --pristine --same-process",
        runs: "text",
        skip: 1,
      },
      "exec-file": { options: "--background --user= --no-fifo --filename=", runs: "text", skip: 1 },
    },
  },
  teller: subs("run", DASHES),
  infisical: subs("run", {
    ...carries("--command@ --env= --path= --projectId= --token="),
    behind: "--",
  }),
  bws: subs("run", argv("--shell= --no-inherit-env --project-id= --uuids-as-keynames -t=")),
  foreman: subs("run", argv("-e= --env= -f= --procfile= -d= --root=")),
  honcho: subs("run", argv("-e= --env= -f= --procfile= -d= --app-root=")),
  overmind: subs("run", ARGV),
  railway: subs("run", argv("-s= -e= -p= --service= --environment= --project= --no-local")),
  emacsclient: carries("-e? --eval? -a$ --alternate-editor$ -s= -f= -n -c -t -nw -q", "lisp"),
  nano: carries("-s$ --speller$ -f# --rcfile# -r= -T= -C= -o= -Q="),
  ranger: carries("--cmd? --choosefile= --choosedir= --selectfile= --confdir#", "ranger"),
  lf: carries("-command? -config# -last-dir-path= -selection-path= -log=", "lf"),
  vifm: carries("-c? +? --select= --choose-files= --on-choose$", "vifm"),
  elinks: carries("-eval? -config-dir# -dump= -remote=", "elinks"),
  ncat: carries(
    "-e$ --exec$ -c@ --sh-exec@ --lua-exec# -l -k -u -v -n -4 -6 -p= -s= -w= -i= -o= -x= -g= -G= -m= -d= --proxy=",
  ),
  raku: { options: `${HELP} -e? -n -p -c -I= -M= -v!`, runs: "script", language: "raku" },
  crystal: subs("eval", { runs: "each", language: "crystal" }),
  jshell: {
    options: `${HELP} -s -v -q -R= -C= --class-path= --startup#`,
    runs: "script",
    language: "java",
  },
  jrunscript: { options: "-e? -f# -l= -cp= -classpath=", runs: "script", language: "javascript" },
  csi: { options: `${HELP} -e? -p? -P? -s# -ss# -b -q -n`, runs: "script", language: "scheme" },
  kotlin: {
    options: "-e? -expression? -cp= -classpath= -version! -help!",
    language: "kotlin",
    mixed: true,
  },
};
