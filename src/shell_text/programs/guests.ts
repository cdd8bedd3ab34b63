/**
 * More programs that run others in a container, a virtual machine, on a device or another host.
 *
 * @module
 */

import type { ProgramEntry } from "./program_entry.ts";

const HELP = "--help! --version!";

function guest(options: string, skip = 0): ProgramEntry {
  return {
    options: `${HELP} ${options}`,
    runs: "argv",
    remote: true,
    ...(skip === 0 ? {} : { skip }),
  };
}

/** Words that are joined for a shell behind a host. */
function login(options: string, skip = 1): ProgramEntry {
  return {
    options: `${HELP} ${options}`,
    runs: "text",
    again: true,
    remote: true,
    shell: true,
    ...(skip === 0 ? {} : { skip }),
  };
}

/** A host, and a command in an option. */
function console(options: string): ProgramEntry {
  return { options: `${HELP} ${options}`, mixed: true, remote: true, shell: true };
}

const CTR_EXEC = guest(
  "--exec-id= --user= --cwd= --log-uri= --fifo-dir= --detach -d --tty -t",
  1,
);
const APPTAINER: ProgramEntry = {
  options: `${HELP} -d -q -s -v`,
  subs: {
    exec: guest(
      "-B= --bind= -e -c -C --nv --rocm --pwd= --cwd= --env= --env-file= -H= --home= -S= -W= -w -u -f -p -i -n " +
        "--writable-tmpfs --overlay= --mount= --network= --app=",
      1,
    ),
    shell: { options: "-s$ --shell$ -B= --bind=", mixed: true, remote: true, shell: true },
  },
};
const RUNC: ProgramEntry = {
  options: `${HELP} --root= --log= --log-format= --debug`,
  subs: {
    exec: guest(
      "-e= -u= -g= -p= -d -t --env= --user= --cwd= --process# --pid-file= --console-socket=",
      1,
    ),
  },
};
const ARCH_CHROOT: ProgramEntry = {
  options: "-h! -N -r -u=",
  runs: "argv",
  skip: 1,
  shell: true,
};

/** Name → entry. */
export const GUESTS: { readonly [name: string]: ProgramEntry } = {
  ctr: {
    options: `${HELP} -n= -a= --namespace= --address= --debug --timeout= --connect-timeout=`,
    subs: {
      "tasks exec": CTR_EXEC,
      "task exec": CTR_EXEC,
      "t exec": CTR_EXEC,
      run: guest("--rm -t -d --tty --detach --null-io --net-host --env= --mount= --user=", 2),
    },
  },
  runc: RUNC,
  crun: RUNC,
  apptainer: APPTAINER,
  singularity: APPTAINER,
  buildah: {
    options: `${HELP} --root= --storage-driver=`,
    subs: {
      run: guest("-v= --volume= -t --tty --user= --env= -e= --mount= --network= --workingdir=", 1),
      unshare: { options: "-m= --mount=", runs: "argv", shell: true },
    },
  },
  rootlesskit: { options: `${HELP} --net= --copy-up= --port-driver= --state-dir=`, runs: "argv" },
  schroot: {
    options:
      `${HELP} -c= --chroot= -u= --user= -d= --directory= -s$ --shell$ -o= -p -q -v -a -b! -e! -l! -i! -r ` +
      "--run-session --begin-session! --end-session! --list! --info! --preserve-environment --all",
    runs: "argv",
    shell: true,
  },
  "arch-chroot": ARCH_CHROOT,
  "artix-chroot": ARCH_CHROOT,
  "manjaro-chroot": ARCH_CHROOT,
  multipass: {
    options: HELP,
    subs: { exec: guest("-n -d= --working-directory= --no-map-working-directory", 1) },
  },
  limactl: { options: HELP, subs: { shell: guest("--workdir= --shell= --debug --reconnect", 1) } },
  lima: guest(""),
  colima: { options: `${HELP} -p= --profile=`, subs: { ssh: guest("--layer= -p= --profile=") } },
  orb: guest("-m= -u= -p -w= --machine= --user= --path --workdir="),
  orbctl: { subs: { run: guest("-m= -u= -p -w=") } },
  wsl: guest(
    "-e^ --exec^ -l! --list! --shutdown! --status! --install! --update! -d= --distribution= -u= --user= --cd= " +
      "--shell-type= --system",
  ),
  toolbox: {
    options: `${HELP} -v -y`,
    subs: { run: guest("-c= -d= -r= --container= --distro= --release= --preserve-fds=") },
  },
  distrobox: {
    subs: {
      enter: { ...guest("-e^ -n= --name= -a= -r -T -nw -v", 1), behind: "--" },
      "host-exec": { options: HELP, runs: "argv" },
    },
  },
  "distrobox-enter": { ...guest("-e^ -n= --name= -a= -r -T -nw -v", 1), behind: "--" },
  "distrobox-host-exec": { options: HELP, runs: "argv" },
  flatpak: {
    options: HELP,
    subs: {
      run: {
        options: "--command$ --branch= --arch= --runtime= --env= --filesystem= --cwd= --devel -d",
        mixed: true,
      },
    },
  },
  "flatpak-spawn": {
    options: `${HELP} -v --host --clear-env --watch-bus --sandbox --latest-version --no-network ` +
      "--env= --directory= --forward-fd= --unset-env=",
    runs: "argv",
  },
  snap: {
    options: HELP,
    subs: {
      run: { options: "--shell% -r= --hook= --command= --trace-exec --strace~", runs: "argv" },
    },
  },
  waydroid: { subs: { shell: guest("-u= -g= -s= -c= -L -l") } },
  adb: {
    options: `${HELP} -a -d -e -s= -t= -H= -P= -L=`,
    subs: { shell: login("-n -t -T -x -e=", 0), "exec-out": login("", 0), "exec-in": login("", 0) },
  },
  nomad: {
    subs: {
      "alloc exec": guest(
        "-i~ -t~ -job -e= -task= -namespace= -region= -address= -token=",
        1,
      ),
      exec: guest("-i~ -t~ -job -e= -task= -namespace= -region= -address= -token=", 1),
    },
  },
  "docker-machine": { options: HELP, subs: { ssh: login("") } },
  hcloud: { options: HELP, subs: { "server ssh": login("-u= -p= -6") } },
  tsh: { options: `${HELP} --proxy= --user= -d`, subs: { ssh: login("-l= -p= -A -t -L= -o= -N") } },
  doctl: {
    subs: { "compute ssh": console("--ssh-command@ --ssh-user= --ssh-port= --ssh-key-path=") },
  },
  eb: { subs: { ssh: console("-c@ --command@ -e= -n= -i= --custom=") } },
  cf: { subs: { ssh: console("-c@ --command@ -i= -L= -t -T -N -k") } },
  pct: { subs: { exec: guest("", 1) } },
  qm: { subs: { "guest exec": guest("--timeout= --synchronous=", 1) } },
  "lxc-execute": guest("-n= -f= -s= -o= -l= -q --name= --rcfile="),
  dsh: { options: "-a -M -c -w -i -q -v -m= -g= -f= -r= -o= -n=", runs: "text", remote: true },
  rootsh: { shell: true, mixed: true },
};
