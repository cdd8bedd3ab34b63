/**
 * Programs with options whose value is a command, and what takes commands in other ways.
 *
 * @module
 */

import type { ProgramEntry } from "./program_entry.ts";

const HELP = "--help! --version!";

function carrier(options: string): ProgramEntry {
  return { options: `${HELP} ${options}`, mixed: true };
}

const TAR = carrier(
  "-I$ -F@ -f= -C= -T= -X= -b= -g= -K= -N= -V= -H= -L= --use-compress-program$ --to-command@ --rsh-command$ " +
    "--rmt-command$ --info-script@ --new-volume-script@ --checkpoint~ --checkpoint-action= --file= " +
    "--directory= --files-from= --exclude= --exclude-from= --transform= --xform= --owner= --group= " +
    "--mode= --mtime= --format= --newer= --strip-components= --wildcards --totals",
);
const PAGER_VALUE =
  "-P$ -H~ --pager$ --html~ -M= -C= -L= -S= -s= -e= -m= -p= -r= -E= -R= --manpath= " +
  "--config-file= --locale= --sections= --prompt= --preprocessor=";
const NPM_EXEC: ProgramEntry = {
  options:
    `${HELP} -c@ -p= -y -q -w= --call@ --package= --yes --no --no-install --quiet --workspace= --workspaces`,
  runs: "argv",
};
const NPM: ProgramEntry = {
  options:
    `${HELP} --prefix= -C= --workspace= -w= --script-shell$ --loglevel= --silent -s -ws --workspaces ` +
    "--registry= --cache= --userconfig= --node-options?",
  subs: { exec: NPM_EXEC, x: NPM_EXEC },
  again: true,
};
const PNPM_EXEC: ProgramEntry = {
  options: `${HELP} -c -r --shell-mode --recursive --parallel`,
  runs: "argv",
};

/** Name → entry. */
export const CARRIERS: { readonly [name: string]: ProgramEntry } = {
  tar: TAR,
  gtar: TAR,
  bsdtar: carrier("--use-compress-program$ -f= -C= -T= -X= --exclude="),
  rsync: carrier(
    "-e$ -f= -B= -T= -M? --rsh$ --rsync-path@ --exclude= --include= --exclude-from= --include-from= --files-from= " +
      "--filter= --log-file= --partial-dir= --temp-dir= --compare-dest= --copy-dest= --link-dest= --port= " +
      "--password-file= --bwlimit= --timeout= --chmod= --chown= --out-format= --max-size= --min-size= " +
      "--remote-option? --early-input= --backup-dir= --suffix=",
  ),
  scp: carrier("-S? -F? -D? -o= -i= -J= -P= -l= -c= -X="),
  sftp: carrier("-S? -F? -D? -b# -o= -i= -J= -P= -l= -c= -B= -R= -s="),
  "ssh-copy-id": carrier("-i= -p= -o= -t= -F?"),
  "ssh-keygen": carrier("-D? -w? -f= -t= -b= -C= -N= -P="),
  "ssh-add": carrier("-s? -S?"),
  rg: carrier(
    "--pre$ --hostname-bin$ -e= -f= -g= -t= -T= -A= -B= -C= -m= -j= -r= --pre-glob= --glob= --type= --regexp=",
  ),
  sort: carrier("--compress-program$ -k= -o= -S= -t= -T= --output= --key= --parallel="),
  fd: carrier(
    "-x^ -X^ --exec^ --exec-batch^ -d= -e= -E= -t= -c= -j= -S= -o= --extension= --exclude= --type= --max-depth= -C=",
  ),
  fdfind: carrier(
    "-x^ -X^ --exec^ --exec-batch^ -d= -e= -E= -t= -c= -j= -S= --extension= --exclude= --type=",
  ),
  fzf: carrier(
    "--preview@ --bind? -q= -f= -m~ --query= --filter= --height= --prompt= --header= --delimiter= --nth=",
  ),
  man: carrier(`${PAGER_VALUE} -k -f -a -w -K`),
  apropos: carrier("-C="),
  bat: carrier("--pager$ -l= --language= -r= --line-range= --theme= --style= --paging="),
  delta: carrier("--pager$"),
  less: carrier("+? -p= -b= -h= -j= -k= -P= -t= -T= -x= -y= -z= --lesskey-src? --lesskey-content?"),
  more: carrier("+?"),
  most: carrier("+?"),
  zip: carrier("-TT? -unzip-command? --unzip-command? -b= -i= -x= -n= -t= -tt="),
  wget: carrier(
    "--use-askpass? -e? --execute? --config? -O= -o= -a= -i= -P= -U= -t= -T= -w= -Q= -B= -D= -A= -R= -I= -X= -l= " +
      "--output-document= --output-file= --input-file= --directory-prefix= --header= --post-data= --post-file= " +
      "--body-data= --body-file= --method= --user= --password= --user-agent= --timeout= --tries=",
  ),
  helm: carrier(
    "--kubeconfig? --post-renderer$ -n= -f= --namespace= --kube-context= --values= --set=",
  ),
  curl: carrier(
    "-K? --config? --engine? -o= -d= -F= -H= -T= -X= -u= -A= -b= -c= -e= -m= -r= -w= -x= -y= -Y= -z= -C= -D= -E= -Q= -t= -U= " +
      "-P= --output= --data= --data-binary= --data-raw= --data-ascii= --data-urlencode= --json= --form= --form-string= " +
      "--header= --upload-file= --request= --user= --user-agent= --cookie= --cookie-jar= --referer= --max-time= " +
      "--write-out= --proxy= --url= --cacert= --cert= --key= --resolve= --connect-to= --output-dir= --retry= " +
      "--connect-timeout= --range= --dump-header= --interface= --limit-rate= --netrc-file= --oauth2-bearer=",
  ),
  aria2c: carrier(
    "--on-download-complete$ --on-download-error$ --on-download-start$ --on-download-stop$ --conf-path? -o= -d= -i= -x= -s=",
  ),
  openssl: carrier("-engine? -provider? -provider_path? -config? -in= -out= -key= -passin="),
  gcc: carrier("-wrapper= -fplugin? -specs? -o= -x= -I= -L= -D= -l="),
  "g++": carrier("-wrapper= -fplugin? -specs? -o= -x= -I= -L= -D= -l="),
  cc: carrier("-wrapper= -fplugin? -specs? -o= -x= -I= -L= -D= -l="),
  "c++": carrier("-wrapper= -fplugin? -specs? -o= -x= -I= -L= -D= -l="),
  clang: carrier("-fplugin? -load? -o= -x= -I= -L= -D= -l="),
  tcpdump: carrier("-z$ -i= -w= -r= -c= -C= -G= -s= -F= -W= -Z="),
  split: carrier("--filter@ -a= -b= -C= -l= -n= -t= --bytes= --lines= --number= --suffix-length="),
  csplit: carrier("-f= -b= -n="),
  ghostscript: carrier("-c?"),
  gs: carrier("-c? -sOutputFile="),
  logrotate: carrier("-s= -m$ --mail$ --state="),
  mail: carrier("-s= -a= -r= -c= -b="),
  mutt: carrier("-e? -F? -s= -a= -c= -b="),
  nmap: carrier("--script? --script-args= -p= -o= -iL= --datadir?"),
  zgrep: carrier("-e= -f="),
  ansible: carrier("-a? -m= -i= -u= -f= -e= -l= -M? --args? --module-name= --inventory="),
  "nix-shell": carrier("--run@ --command@ -p= -I= -A= --packages= -E? --expr?"),
  nix: {
    subs: {
      develop: { options: "-c^ --command^ --override-input= --profile= --impure", mixed: true },
      shell: { options: "-c^ --command^ --impure", mixed: true },
    },
  },
  npx: NPM_EXEC,
  npm: NPM,
  pnpm: {
    options:
      "-C= -F= -r -w --dir= --filter= --recursive --workspace-root --script-shell$ --silent -s",
    subs: { exec: PNPM_EXEC, dlx: PNPM_EXEC },
    again: true,
  },
  yarn: {
    options: "--cwd= --silent -s --script-shell$",
    subs: { exec: { options: "-q", runs: "argv" }, dlx: { options: "-p= -q", runs: "argv" } },
    again: true,
  },
  bunx: { options: `${HELP} -p= --bun --silent`, runs: "argv" },
  uvx: { options: `${HELP} --from= --with= -p= --python= -q`, runs: "argv" },
  pipx: {
    subs: {
      run: { options: `${HELP} --spec= --python= --pip-args= --no-cache --verbose`, runs: "argv" },
    },
  },
  corepack: { runs: "argv" },
  cargo: {
    options: "-q -v -C= -Z= --config? --manifest-path= --color=",
    subs: {
      watch: {
        options: "-s@ -x= -w= -i= -q -c -d= -C= --shell@ --exec= --why --clear --watch= --delay=",
        mixed: true,
      },
    },
  },
  tmux: {
    options: "-2 -C -D -l -N -u -v -V! -c@ -f? -L= -S= -T=",
    subs: Object.fromEntries(
      [
        "new",
        "new-session",
        "neww",
        "new-window",
        "splitw",
        "split-window",
        "respawnp",
        "respawn-pane",
        "respawnw",
        "respawn-window",
        "popup",
        "display-popup",
      ].map((name): [string, ProgramEntry] => [name, {
        options:
          "-A -D -E -P -X -d -k -S -a -b -h -v -f -Z -I -B -C -K -c= -e= -F= -n= -s= -t= -x= -y= -l= -T= -w= -H=",
        runs: "text",
      }]),
    ),
  },
  zellij: { subs: { run: { options: "-f -c -d= -n= --floating --cwd= --name=", runs: "argv" } } },
  cscope: carrier("-P= -F="),
  dpkg: carrier("--pre-invoke@ --post-invoke@ --admindir= --root="),
  apt: carrier("-o= -c? -t="),
  "apt-get": carrier("-o= -c? -t="),
};
