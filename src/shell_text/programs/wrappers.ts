/**
 * Programs that run the program named in their own arguments.
 *
 * @module
 */

import type { ProgramEntry } from "./program_entry.ts";

/** Options with which next to every program runs nothing. */
const HELP = "--help! --version!";
/** A wrapper with no options of its own. */
const PLAIN: ProgramEntry = { options: HELP, runs: "argv" };
const SUDO: ProgramEntry = {
  options:
    `${HELP} -A -b -B -E -H -K! -k -n -N -P -S -v! -l! -e! -V! -s% -i% -C= -D= -g= -h= -p= -R= ` +
    "-r= -T= -t= -U= -u= --askpass --background --bell --close-from= --chdir= --preserve-env~ --edit! " +
    "--group= --set-home --host= --login% --remove-timestamp! --reset-timestamp --list! " +
    "--non-interactive --preserve-groups --prompt= --chroot= --role= --stdin --shell% --type= " +
    "--command-timeout= --other-user= --user= --validate!",
  runs: "argv",
  assignments: true,
};
const RUN_SUB: ProgramEntry = { subs: { run: { options: HELP, runs: "argv" } } };
const EXEC_SUB: ProgramEntry = { subs: { exec: { options: HELP, runs: "argv" } } };
const QUIET_TRACER =
  `${HELP} -c -C -d -D -f -F -h! -i -k -q -r -S= -t -T -u= -v -V! -x -y -z -Z -a= ` +
  "-b= -e= -E= -I= -n= -o= -O= -p! -P= -s= -X= -l= -L --output= --trace= --follow-forks";

/** Name → entry. */
export const WRAPPERS: { readonly [name: string]: ProgramEntry } = {
  sudo: SUDO,
  doas: { options: "-n -L! -s% -u= -a= -C= -V!", runs: "argv" },
  pkexec: { options: `${HELP} --user= --disable-internal-agent --keep-cwd`, runs: "argv" },
  command: { options: "-p -v! -V!", runs: "argv" },
  builtin: PLAIN,
  exec: { options: "-c -l -a=", runs: "argv" },
  nohup: PLAIN,
  noglob: PLAIN,
  nocorrect: PLAIN,
  "-": PLAIN,
  repeat: { runs: "argv", skip: 1 },
  busybox: { options: `${HELP} --list! --list-full! --install!`, runs: "argv" },
  toybox: { options: HELP, runs: "argv" },
  nice: { options: `${HELP} -NUM -n= --adjustment=`, runs: "argv" },
  ionice: {
    options: `${HELP} -t -c= -n= -p! -P! -u! -h! -V! --class= --classdata= --ignore`,
    runs: "argv",
  },
  setsid: { options: `${HELP} -c -f -w -h! -V! --ctty --fork --wait`, runs: "argv" },
  stdbuf: { options: `${HELP} -i= -o= -e= --input= --output= --error=`, runs: "argv" },
  time: {
    options:
      `${HELP} -p -a -v -q -l -h -V! -f= -o= --portability --append --verbose --quiet --format= --output=`,
    runs: "argv",
  },
  gtime: { options: `${HELP} -p -a -v -q -V! -f= -o=`, runs: "argv" },
  timeout: {
    options:
      `${HELP} -v -f -p -k= -s= --foreground --preserve-status --verbose --kill-after= --signal=`,
    runs: "argv",
    skip: 1,
  },
  chrt: {
    options:
      `${HELP} -a -b -d -f -i -o -r -R -v -p! -m! -h! -V! -T= -P= -D= --batch --fifo --idle --other ` +
      "--rr --deadline --reset-on-fork --verbose --pid! --max!",
    runs: "argv",
    skip: 1,
  },
  taskset: {
    options: `${HELP} -a -c -p! -h! -V! --cpu-list --all-tasks --pid!`,
    runs: "argv",
    skip: 1,
  },
  numactl: {
    options:
      `${HELP} -a -l -s! -H! -i= -p= -m= -N= -C= -P= -b --interleave= --preferred= --membind= ` +
      "--cpunodebind= --physcpubind= --localalloc --all --show! --hardware!",
    runs: "argv",
  },
  prlimit: {
    options: `${HELP} -p! --pid! -c~ -d~ -e~ -f~ -i~ -l~ -m~ -n~ -q~ -r~ -s~ -t~ -u~ -v~ -x~ -y~ ` +
      "--core~ --data~ --nice~ --fsize~ --sigpending~ --memlock~ --rss~ --nofile~ --msgqueue~ --rtprio~ " +
      "--stack~ --cpu~ --nproc~ --as~ --locks~ --rttime~ --noheadings --raw --verbose -o= --output=",
    runs: "argv",
  },
  setarch: {
    options: `${HELP} -B -F -I -L -R -S -T -X -Z -v -3 --list!`,
    runs: "argv",
    skip: 1,
    again: true,
  },
  choom: { options: `${HELP} -n= -p! --adjust= --pid!`, runs: "argv" },
  uclampset: {
    options: `${HELP} -m= -M= -a -s! -R -p! -v --all-tasks --system! --reset-on-fork`,
    runs: "argv",
  },
  catchsegv: PLAIN,
  eatmydata: PLAIN,
  trickle: { options: "-h! -v -V! -s -d= -u= -w= -t= -l= -n= -L=", runs: "argv" },
  "systemd-cat": {
    options: `${HELP} -t= -p= --identifier= --priority= --stderr-priority= --level-prefix=`,
    runs: "argv",
  },
  linux32: { options: `${HELP} -B -F -I -L -R -S -T -X -Z -v`, runs: "argv" },
  linux64: { options: `${HELP} -B -F -I -L -R -S -T -X -Z -v`, runs: "argv" },
  arch: { options: `${HELP} -x86_64 -arm64 -i386 -32 -64 -c -arch= -e= -d=`, runs: "argv" },
  caffeinate: { options: "-d -i -m -s -u -t= -w=", runs: "argv" },
  setpriv: {
    options:
      `${HELP} -d! --dump! --nnp --no-new-privs --clear-groups --keep-groups --init-groups ` +
      "--reset-env --groups= --inh-caps= --ambient-caps= --bounding-set= --ruid= --euid= --rgid= --egid= " +
      "--reuid= --regid= --securebits= --pdeathsig= --selinux-label= --apparmor-profile=",
    runs: "argv",
  },
  chroot: {
    options: `${HELP} --userspec= --groups= --skip-chdir -u= -g= -G= -n`,
    runs: "argv",
    skip: 1,
    shell: true,
  },
  unshare: {
    options:
      `${HELP} -c -f -i~ -m~ -n~ -p~ -u~ -U~ -C~ -T~ -r -R= -S= -G= -w= --fork --map-root-user ` +
      "--map-current-user --map-auto --map-users= --map-groups= --map-user= --map-group= --kill-child~ " +
      "--mount~ --uts~ --ipc~ --net~ --pid~ --user~ --cgroup~ --time~ --mount-proc~ --propagation= " +
      "--setgroups= --root= --wd= --setuid= --setgid= --keep-caps --monotonic= --boottime=",
    runs: "argv",
    shell: true,
  },
  nsenter: {
    options:
      `${HELP} -a -F -Z -e -t= -m~ -u~ -i~ -n~ -p~ -C~ -U~ -T~ -r~ -w~ -W= -S= -G= --all --target= ` +
      "--mount~ --uts~ --ipc~ --net~ --pid~ --cgroup~ --user~ --time~ --root~ --wd~ --wdns= --setuid= " +
      "--setgid= --preserve-credentials --no-fork --follow-context --env",
    runs: "argv",
    shell: true,
  },
  strace: { options: QUIET_TRACER, runs: "argv" },
  ltrace: { options: QUIET_TRACER, runs: "argv" },
  valgrind: {
    options: `${HELP} -q -v --tool= --leak-check= --log-file= --trace-children= --error-exitcode=`,
    runs: "argv",
  },
  perf: {
    options: HELP,
    subs: {
      stat: { options: "-a -A -d -i -n -r= -v -x= -e= -o= -p= -t= -C=", runs: "argv" },
      record: { options: "-a -g -q -v -c= -e= -F= -o= -p= -t= -C= --call-graph=", runs: "argv" },
      trace: { options: "-a -s -S -T -v -e= -o= -p= -t= -C=", runs: "argv" },
    },
  },
  watch: {
    options: `${HELP} -b -c -C -d~ -e -g -t -w -x -p -r -n= -q= -s= --beep --color --no-color ` +
      "--differences~ --errexit --chgexit --equexit= --interval= --precise --no-title --no-wrap --no-rerun --exec",
    runs: "text",
  },
  script: {
    options:
      `${HELP} -a -e -f -q -r -F -d -k -p -h! -V! -c@ -E= -I= -O= -B= -m= -o= -T= -t~ --append --command@ ` +
      "--echo= --return --flush --force --log-in= --log-out= --log-io= --log-timing= --logging-format= " +
      "--output-limit= --quiet --timing~",
    mixed: true,
    shell: true,
  },
  flock: {
    options:
      `${HELP} -e -F -n -o -s -u -x -v -c@ -E= -w= -h! -V! --exclusive --no-fork --nonblock --nb --close ` +
      "--shared --unlock --verbose --command@ --conflict-exit-code= --timeout= --wait=",
    runs: "argv",
    skip: 1,
    again: true,
  },
  xargs: {
    options:
      `${HELP} -0 -o -p -r -t -x -a= -d= -E= -e~ -I= -i~ -J= -L= -l~ -n= -P= -R= -S= -s= --null --arg-file= ` +
      "--delimiter= --eof~ --replace~ --max-lines~ --max-args= --max-procs= --max-chars= --open-tty " +
      "--interactive --no-run-if-empty --verbose --show-limits --exit --process-slot-var=",
    runs: "argv",
  },
  entr: { options: "-a -c -d -n -p -r -s@ -z", runs: "argv" },
  eval: { options: "--", runs: "text" },
  parallel: {
    options:
      `${HELP} --citation! -0 -m -q -v -t -X -k -u -i~ -I= -j= -P= -L= -l~ -n= -N= -S= -a= -d= -C= ` +
      "--jobs= --keep-order --ungroup --line-buffer --lb --dry-run --dryrun --bar --eta --progress --halt= " +
      "--joblog= --results= --retries= --delay= --timeout= --tag --tagstring= --pipe --pipepart --block= " +
      "--colsep= --arg-file= --arg-sep= --max-args= --max-procs= --null --quote --verbose --shuf --will-cite " +
      "--no-notice --nice= --load= --memfree= --env= --sshlogin= --workdir= --tmpdir= --linebuffer --group",
    runs: "text",
  },
  sem: { options: `${HELP} -j= --id= --fg --bg --wait --jobs= --timeout=`, runs: "text" },
  firejail: { options: HELP, runs: "argv" },
  proot: {
    options: `${HELP} -0 -h! -V! -r= -b= -m= -q= -w= -v= -k= -i= -R= -S=`,
    runs: "argv",
    shell: true,
  },
  fakeroot: {
    options: `${HELP} -l= -s= -i= -b= -u -h! -v! --lib= --faked= --unknown-is-real`,
    runs: "argv",
    shell: true,
  },
  faketime: { options: `${HELP} -m -f --exclude-monotonic`, runs: "argv", skip: 1 },
  unbuffer: { options: "-p", runs: "argv" },
  rlwrap: {
    options:
      `${HELP} -a~ -A -b= -c -C= -e= -f= -H= -i -I -l= -m~ -n -N -o -p~ -r -R -s= -S= -v! -w= -z=`,
    runs: "argv",
  },
  "dbus-run-session": { options: `${HELP} --config-file= --dbus-daemon$ -h!`, runs: "argv" },
  "dbus-launch": {
    options: `${HELP} --exit-with-session --sh-syntax --csh-syntax --auto-syntax --close-stderr`,
    runs: "argv",
  },
  "ssh-agent": { options: "-c -D -d -k! -s -a= -E= -P= -t= -O=", runs: "argv" },
  "xvfb-run": {
    options:
      `${HELP} -a -l -e= -f= -n= -p= -s= -w= --auto-servernum --listen-tcp --error-file= --server-num= --server-args=`,
    runs: "argv",
  },
  torsocks: { options: `${HELP} -a= -d -i -P= -p= -q -u= --shell%`, runs: "argv" },
  torify: PLAIN,
  proxychains: { options: "-q -f=", runs: "argv" },
  proxychains4: { options: "-q -f=", runs: "argv" },
  "systemd-run": {
    options:
      `${HELP} --user --system --scope --no-block --collect -G -r -q -d -t -P -S% --remain-after-exit ` +
      "--send-sighup --same-dir --quiet --wait --pty --pipe --shell% --no-ask-password -H= -M= -p= -u= -E= " +
      "--host= --machine= --property= --unit= --description= --slice= --slice-inherit --service-type= " +
      "--uid= --gid= --nice= --working-directory= --setenv= --on-active= --on-boot= --on-startup= " +
      "--on-unit-active= --on-unit-inactive= --on-calendar= --path-property= --socket-property= " +
      "--timer-property= --expand-environment= --background=",
    runs: "argv",
  },
  "systemd-inhibit": { options: `${HELP} --what= --who= --why= --mode= --list!`, runs: "argv" },
  "systemd-nspawn": {
    options:
      `${HELP} -D= -M= -u= -b! -q -a --directory= --machine= --user= --quiet --bind= --bind-ro=`,
    runs: "argv",
    shell: true,
  },
  machinectl: {
    options: HELP,
    subs: { shell: { options: "-q --uid= --setenv= -E=", runs: "argv", skip: 1, shell: true } },
  },
  "start-stop-daemon": {
    options:
      `${HELP} -S -K -b -m -q -v -t -o -x$ -a$ -p= -u= -g= -c= -n= -d= -r= -s= -R= --start --stop --status --background ` +
      "--make-pidfile --exec$ --startas$ --pidfile= --user= --chuid= --name= --chdir= --quiet --oknodo",
    mixed: true,
  },
  gosu: { options: HELP, runs: "argv", skip: 1 },
  "su-exec": { options: HELP, runs: "argv", skip: 1 },
  setuidgid: { options: HELP, runs: "argv", skip: 1 },
  envdir: { runs: "argv", skip: 1 },
  chpst: {
    options: "-v -V -P -0 -1 -2 -u= -U= -b= -e= -/= -n= -l= -L= -m= -d= -o= -p= -f= -c= -r= -t=",
    runs: "argv",
  },
  softlimit: { options: "-a= -c= -d= -f= -l= -m= -o= -p= -r= -s= -t=", runs: "argv" },
  cpulimit: {
    options: `${HELP} -l= -p! -e! -P! -b -f -i -k -m -q -r -s -v -z --limit=`,
    runs: "argv",
  },
  cgexec: { options: "-g= --sticky -h!", runs: "argv" },
  tini: { options: "-s -g -v -w -p= -e= -h! --version!", runs: "argv" },
  "dumb-init": { options: `${HELP} -c -v -r= --single-child --verbose --rewrite=`, runs: "argv" },
  daemonize: { options: "-a -v -c= -e= -E= -o= -p= -u= -l=", runs: "argv" },
  dtach: { options: "-E -z -r= -e= -A= -c= -n= -N= -a!", runs: "argv" },
  chronic: { options: "-v -e", runs: "argv" },
  ifne: { options: "-n", runs: "argv" },
  pee: { runs: "each" },
  hyperfine: {
    options:
      `${HELP} -i -N -n= -p@ -c@ -s@ -w= -r= -m= -M= -P= -L= -S$ -u= -D= --setup@ --prepare@ --cleanup@ --conclude@ ` +
      "--warmup= --runs= --min-runs= --max-runs= --shell$ --style= --export-json= --export-markdown= " +
      "--export-csv= --ignore-failure --show-output --command-name= --output= --input= --time-unit=",
    runs: "each",
    mixed: true,
  },
  concurrently: {
    options: `${HELP} -k -s= -n= -c= -r --kill-others --names= --prefix= --raw --success=`,
    runs: "each",
    mixed: true,
  },
  nodemon: {
    options: `${HELP} -q -V -x@ -w= -e= -i= -d= --exec@ --watch= --ext= --ignore= --delay=`,
    mixed: true,
  },
  watchexec: {
    options:
      `${HELP} -c -r -n -N -q -v -e= -w= -i= -f= -s= -d= -p --exts= --watch= --ignore= --clear --restart --shell= --on-busy-update=`,
    runs: "text",
  },
  "cross-env": { runs: "argv", assignments: true },
  "cross-env-shell": { runs: "text", assignments: true },
  dotenv: { options: `${HELP} -f= -e= -o -v= -c -p=`, runs: "argv" },
  dotenvx: {
    subs: { run: { options: "-f= -e= --env-file= --env= --overload --quiet", runs: "argv" } },
  },
  doppler: {
    subs: {
      run: { options: "-p= -c= --project= --config= --command@ --token= --mount=", runs: "argv" },
    },
  },
  op: { subs: { run: { options: "--env-file= --no-masking", runs: "argv" } } },
  direnv: { options: HELP, subs: { exec: { runs: "argv", skip: 1 } } },
  poetry: { options: "-q -v -n -C= -P= --directory= --project= --no-ansi", ...RUN_SUB },
  pipenv: { options: "-q -v --python=", ...RUN_SUB },
  pdm: { options: "-q -v -p= --project=", ...RUN_SUB },
  hatch: { options: "-q -v -e= --env=", ...RUN_SUB },
  rye: RUN_SUB,
  uv: {
    options:
      "-q -v --quiet --verbose --offline --directory= --project= --config-file= --cache-dir= --no-cache -n",
    subs: {
      run: {
        options:
          `${HELP} -p= -m& -s# -w= --python= --with= --with-editable= --with-requirements= --extra= --all-extras ` +
          "--group= --only-group= --no-group= --no-dev --dev --only-dev --isolated --active --no-sync --frozen " +
          "--locked --no-project --env-file= --no-env-file --module& --script# --package= --all-packages " +
          "--exact --refresh -U --upgrade -q -v --directory= --project= --index-url= --index= --offline",
        runs: "argv",
      },
    },
  },
  bundle: { options: HELP, ...EXEC_SUB },
  bundler: { options: HELP, ...EXEC_SUB },
  rbenv: EXEC_SUB,
  pyenv: EXEC_SUB,
  nodenv: EXEC_SUB,
  asdf: EXEC_SUB,
  mise: {
    subs: {
      exec: { options: "-c@ -C= -j= --command@ --cd=", runs: "argv", mixed: true },
      x: { options: "-c@ --command@", runs: "argv", mixed: true },
    },
  },
  rustup: { options: "-v -q", subs: { run: { options: "--install", runs: "argv", skip: 1 } } },
  conda: {
    options: HELP,
    subs: {
      run: {
        options:
          "-n= -p= -v -d --name= --prefix= --cwd= --no-capture-output --live-stream --dev --debug-wrapper-scripts",
        runs: "argv",
      },
    },
  },
  mamba: {
    options: HELP,
    subs: { run: { options: "-n= -p= --name= --prefix= --cwd=", runs: "argv" } },
  },
  micromamba: {
    options: HELP,
    subs: { run: { options: "-n= -p= --name= --prefix= --cwd=", runs: "argv" } },
  },
  xterm: { options: "-hold -e^ -T= -title= -geometry= -fa= -fs= -bg= -fg= -name=", mixed: true },
  konsole: { options: "--hold --noclose -e^ --workdir= --profile=", mixed: true },
  "gnome-terminal": {
    options: `${HELP} -e@ -x^ --command@ --working-directory= --title= --tab --window --wait`,
    runs: "argv",
    mixed: true,
  },
  "x-terminal-emulator": { options: "-e^", mixed: true },
  screen: {
    options:
      "-a -A -D -d -i -L -m -O -q -U -x! -r! -R -ls! -list! -v! -wipe! -c= -e= -h= -p= -s$ -S= -t= -T=",
    runs: "argv",
  },
};
