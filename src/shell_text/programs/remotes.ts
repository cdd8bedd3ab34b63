/**
 * Programs that run others elsewhere: on another host, in a container, in a pod.
 *
 * @module
 */

import type { ProgramEntry } from "./program_entry.ts";

const HELP = "--help! --version!";
const REMOTE_ARGV = { runs: "argv", remote: true } as const;

const DOCKER_RUN =
  `${HELP} -d -i -t -q -P --detach --interactive --tty --rm --init --privileged --read-only --quiet ` +
  "--publish-all --no-healthcheck --oom-kill-disable --sig-proxy~ --disable-content-trust~ --replace " +
  "--entrypoint$ -a= -c= -e= -h= -l= -m= -p= -u= -v= -w= --add-host= --annotation= --attach= --arch= " +
  "--blkio-weight= --cap-add= --cap-drop= --cgroup-parent= --cgroupns= --cidfile= --cpu-period= " +
  "--cpu-quota= --cpu-shares= --cpus= --cpuset-cpus= --device= --dns= --dns-search= --domainname= " +
  "--env= --env-file= --expose= --gpus= --group-add= --health-cmd@ --hostname= --ip= --ipc= " +
  "--isolation= --label= --label-file= --link= --log-driver= --log-opt= --mac-address= --memory= " +
  "--memory-swap= --mount= --name= --net= --network= --network-alias= --oom-score-adj= --os= --pid= " +
  "--pids-limit= --platform= --pod= --publish= --pull= --restart= --runtime= --security-opt= " +
  "--shm-size= --stop-signal= --stop-timeout= --storage-opt= --sysctl= --tmpfs= --ulimit= --user= " +
  "--userns= --uts= --volume= --volume-driver= --volumes-from= --workdir=";
const DOCKER_EXEC =
  `${HELP} -d -i -t --detach --interactive --tty --privileged --latest -l -e= -u= ` +
  "-w= --detach-keys= --env= --env-file= --user= --workdir= --preserve-fds=";
const COMPOSE_EXEC =
  `${HELP} -d -T -i -t --detach --no-TTY --interactive --tty --privileged -e= -u= -w= --env= ` +
  "--index= --user= --workdir= --rm --no-deps --build --quiet-pull --service-ports --use-aliases " +
  "--remove-orphans -P --entrypoint$ -l= -p= -v= --name= --label= --publish= --volume= --pull=";
const COMPOSE: ProgramEntry = {
  options: `${HELP} -f= -p= --file= --project-name= --project-directory= --profile= --env-file= ` +
    "--ansi= --progress= --parallel= --compatibility --dry-run --all-resources",
  subs: {
    exec: { ...REMOTE_ARGV, options: COMPOSE_EXEC, skip: 1 },
    run: { ...REMOTE_ARGV, options: COMPOSE_EXEC, skip: 1 },
  },
};
const DOCKER: ProgramEntry = {
  options:
    `${HELP} -D -H= -c= -l= --config? --context= --debug --host= --log-level= --tls --tlsverify ` +
    "--tlscacert= --tlscert= --tlskey= --url= --connection= --remote -r",
  subs: {
    run: { ...REMOTE_ARGV, options: DOCKER_RUN, skip: 1 },
    create: { ...REMOTE_ARGV, options: DOCKER_RUN, skip: 1 },
    exec: { ...REMOTE_ARGV, options: DOCKER_EXEC, skip: 1 },
    "container run": { ...REMOTE_ARGV, options: DOCKER_RUN, skip: 1 },
    "container create": { ...REMOTE_ARGV, options: DOCKER_RUN, skip: 1 },
    "container exec": { ...REMOTE_ARGV, options: DOCKER_EXEC, skip: 1 },
    compose: COMPOSE,
    unshare: { options: `${HELP} --rootless-netns`, runs: "argv", shell: true },
    "machine ssh": { runs: "text", remote: true, language: "remote" },
  },
};
const KUBE_GLOBAL =
  "-n= -s= -v= --namespace= --context= --cluster= --kubeconfig? --user= --server= " +
  "--token= --as= --as-group= --request-timeout= --cache-dir= --certificate-authority= " +
  "--client-certificate= --client-key= --insecure-skip-tls-verify --tls-server-name= --loglevel=";
const KUBE_EXEC: ProgramEntry = {
  ...REMOTE_ARGV,
  options:
    `${HELP} ${KUBE_GLOBAL} -i -t -q -it -c= -f= --container= --filename= --stdin --tty --quiet ` +
    "--pod-running-timeout=",
  skip: 1,
  mixed: true,
};
const KUBECTL: ProgramEntry = {
  options: `${HELP} ${KUBE_GLOBAL}`,
  subs: {
    exec: KUBE_EXEC,
    rsh: KUBE_EXEC,
    debug: KUBE_EXEC,
    run: {
      ...REMOTE_ARGV,
      options:
        `${HELP} ${KUBE_GLOBAL} -i -t -it -l= --stdin --tty --rm --command --attach --quiet ` +
        "--image= --restart= --env= --labels= --overrides= --port= --expose --dry-run= -o=",
      skip: 1,
      mixed: true,
    },
  },
};

/** Name → entry. */
export const REMOTES: { readonly [name: string]: ProgramEntry } = {
  ssh: {
    options:
      "-4 -6 -A -a -C -f -G -g -K -k -M -N! -n -q -s -T -t -V! -v -X -x -Y -y -B= -b= -c= -D= -E= -e= -F? -I? -i= -J= " +
      "-L= -l= -m= -O! -o= -P= -p= -Q! -R= -S= -W! -w=",
    runs: "text",
    skip: 1,
    again: true,
    remote: true,
    shell: true,
  },
  mosh: {
    options: `${HELP} --ssh@ --server@ --client@ --predict= -a -n -p= -4 -6`,
    runs: "argv",
    skip: 1,
    remote: true,
    shell: true,
  },
  sshpass: { options: "-e -h! -V! -v -f= -d= -p= -P=", runs: "argv" },
  autossh: {
    options:
      "-V! -M= -f -4 -6 -A -a -C -g -k -M= -N! -n -q -T -t -v -D= -i= -J= -L= -l= -o= -p= -R=",
    runs: "text",
    skip: 1,
    again: true,
    remote: true,
    shell: true,
  },
  rsh: { options: "-d -n -l=", runs: "text", skip: 1, remote: true, shell: true },
  pdsh: {
    options: "-a -A -q! -V! -b -N -S -w= -x= -g= -X= -f= -t= -u= -l= -R= -o=",
    runs: "text",
    remote: true,
  },
  clush: {
    options: "-a -q -v -b -B -L -S -w= -g= -x= -X= -l= -f= -o=",
    runs: "text",
    remote: true,
  },
  pssh: { options: "-v -A -i -P -h= -H= -l= -p= -o= -e= -t= -O= -x=", runs: "text", remote: true },
  docker: DOCKER,
  podman: DOCKER,
  nerdctl: DOCKER,
  "docker-compose": COMPOSE,
  "podman-compose": COMPOSE,
  kubectl: KUBECTL,
  oc: KUBECTL,
  k3s: { subs: { kubectl: KUBECTL } },
  minikube: { subs: { kubectl: KUBECTL, ssh: { runs: "text", remote: true, shell: true } } },
  microk8s: { subs: { kubectl: KUBECTL } },
  crictl: { subs: { exec: { ...REMOTE_ARGV, options: "-i -t -s --sync --timeout=", skip: 1 } } },
  lxc: {
    subs: {
      exec: {
        ...REMOTE_ARGV,
        options: "-t -T -n --env= --cwd= --user= --group= --mode=",
        skip: 1,
        mixed: true,
      },
    },
  },
  incus: {
    subs: {
      exec: {
        ...REMOTE_ARGV,
        options: "-t -T -n --env= --cwd= --user= --group=",
        skip: 1,
        mixed: true,
      },
    },
  },
  "lxc-attach": {
    ...REMOTE_ARGV,
    options: "-n= -v= -s= -P= --name= --clear-env --keep-env",
    shell: true,
  },
  vagrant: {
    subs: {
      ssh: {
        options: "-c@ --command@ -p --plain -t --tty",
        remote: true,
        shell: true,
        mixed: true,
      },
    },
  },
  flyctl: {
    subs: {
      "ssh console": {
        options: "-C@ -a= --command@ --app= -s -u=",
        remote: true,
        shell: true,
        mixed: true,
      },
    },
  },
  fly: {
    subs: {
      "ssh console": {
        options: "-C@ -a= --command@ --app= -s -u=",
        remote: true,
        shell: true,
        mixed: true,
      },
    },
  },
  heroku: {
    subs: {
      run: {
        ...REMOTE_ARGV,
        options: "-a= -s= -e= -r= --app= --size= --env= --remote= --no-tty -x",
      },
      "run:detached": { ...REMOTE_ARGV, options: "-a= --app=" },
    },
  },
  gcloud: {
    options: "--project= --account= --configuration= --quiet -q --verbosity= --format=",
    subs: {
      "compute ssh": {
        options:
          "--command@ --zone= --project= --ssh-flag= --ssh-key-file= --tunnel-through-iap --internal-ip --strict-host-key-checking= --dry-run --container= --quiet -q",
        runs: "argv",
        skip: 1,
        mixed: true,
        remote: true,
        shell: true,
      },
    },
  },
};
