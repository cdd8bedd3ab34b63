/**
 * Pack `network`: what talks to other machines. Fetching code to run it at once, and sending files
 * away, are grave.
 *
 * @module
 */

import { safe } from "../../safe_text.ts";
import type { Argument } from "../../shell_text/argument.ts";
import { programsIn } from "../../shell_text/input_flow.ts";
import { innerParts } from "../../shell_text/shell_tree.ts";
import type { ArgumentsView } from "../arguments_view.ts";
import { isConnection } from "../paths.ts";
import {
  always,
  asksForHelp,
  grave,
  mayHave,
  normal,
  type Pack,
  type PackFinding,
  programJudges,
  subIs,
  subOf,
  surelyHas,
} from "./pack.ts";

const ACCESS = normal(safe`access`);
const UPLOAD = grave(
  safe`upload`,
  safe`Do not send files away; show the operator what is needed and why`,
);
const FETCH_AND_RUN = grave(
  safe`fetch_and_run`,
  safe`Save it to a file and show it before it is run`,
);
const REMOTE_SHELL = grave(safe`remote_shell`);

const READERS =
  /^(?:cat|tac|head|tail|base64|base32|xxd|od|hexdump|tar|gzip|bzip2|xz|zip|zstd|openssl|gpg|env|printenv|set|export|declare|grep|egrep|rg|awk|sed|jq|find|ls|less|more|strings|pg_dump|mysqldump|sqlite3|mongodump|dd|cpio|git|history|security|pass|op|aws|kubectl|docker)$/;
const SECRET_FILE =
  /(?:^|\/)(?:\.ssh|\.aws|\.gnupg|\.kube|\.docker|\.netrc|\.npmrc|\.pypirc|\.env(?:\.\w+)?|id_(?:rsa|dsa|ecdsa|ed25519)|shadow|gshadow|passwd|credentials|\.git-credentials|\.pgpass|\.config\/gh|.*\.(?:pem|key|p12|pfx|kdbx))(?:\/|$)/;

/** True when a file's content, or what reads files, goes to the program's input. */
function isFedFiles({ subject }: ArgumentsView): boolean {
  const { input } = subject;
  if (input.kind === "file") return input.path.shape !== "/dev/null";
  return input.kind === "pipe" && input.from.some((name) => READERS.test(name) || name === "");
}

function hasReader(args: readonly Argument[]): boolean {
  return args.some(({ word }) =>
    word !== undefined &&
    programsIn(innerParts(word).bodies.flat()).some((name) => READERS.test(name))
  );
}

function judgeCurl(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const sends = view.values.some(({ option, value }) => isFileSent(option, value, view));
  if (sends || hasReader(view.subject.args)) return UPLOAD;
  return ACCESS;
}

function isFileSent(option: string, value: Argument, view: ArgumentsView): boolean {
  if (/^(?:-T|--upload-file|--post-file|--body-file)$/.test(option)) return true;
  const isData = /^(?:-d|--data|--data-ascii|--data-binary|--data-urlencode|--json|-F|--form)$/
    .test(option);
  if (!isData) return false;
  const { shape } = value;
  if (shape === "@-" || /=[@<]-$/.test(shape)) {
    return isFedFiles(view) || view.subject.input.kind === "none";
  }
  return /^@|=[@<]|^[\w-]+@/.test(shape) && !/^\{/.test(shape);
}

function judgeStream(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const runs =
    mayHave(view, "-e", "-c", "--exec", "--sh-exec", "--lua-exec") && view.program !== "telnet" ||
    view.operands.some(({ shape }) => /^(?:exec|system|shell):/i.test(shape));
  if (runs && view.program !== "socat") return REMOTE_SHELL;
  if (view.operands.some(({ shape }) => /(?:exec|system|shell):/i.test(shape))) return REMOTE_SHELL;
  if (isFedFiles(view)) return UPLOAD;
  return ACCESS;
}

function judgeSsh(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view) || surelyHas(view, "-V", "-Q", "-G")) return undefined;
  return isFedFiles(view) ? UPLOAD : ACCESS;
}

function judgeCopy(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const isRemote = ({ shape }: Argument) => /^[^/]*:|^rsync:\/\/|^\0/.test(shape);
  if (!view.operands.some(isRemote)) return view.program === "rsync" ? undefined : ACCESS;
  const target = view.operands.at(-1);
  const sources = view.operands.slice(0, -1);
  const sendsSecret = target !== undefined && isRemote(target) &&
    sources.some(({ shape }) => SECRET_FILE.test(shape));
  return sendsSecret ? UPLOAD : ACCESS;
}

function judgeOpenssl(view: ArgumentsView): PackFinding | undefined {
  return /^(?:s_client|s_server|s_time|ocsp)$/.test(subOf(view))
    ? (isFedFiles(view) ? UPLOAD : ACCESS)
    : undefined;
}

const GIT_REMOTE =
  "push pull fetch clone ls-remote fetch-pack send-pack http-push http-fetch svn send-email request-pull";

function judgeGit(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  if (subIs(view, GIT_REMOTE) !== "no") return ACCESS;
  const words = `${subOf(view)} ${subOf(view, 1)}`;
  const isRemote =
    /^(?:remote (?:update|show|prune)|submodule (?:update|add)|lfs (?:push|pull|fetch))$/.test(
      words,
    ) ||
    (subOf(view) === "archive" && mayHave(view, "--remote")) || subOf(view) === "bundle-uri";
  return isRemote ? ACCESS : undefined;
}

function judgeServers(view: ArgumentsView): PackFinding | undefined {
  const modules = view.values.filter(({ option }) => option === "-m").map(({ value }) =>
    value.value ?? ""
  );
  if (modules.some((name) => /^(?:http\.server|SimpleHTTPServer|smtpd|pyftpdlib)$/.test(name))) {
    return normal(safe`serve`);
  }
  const serves = view.program === "php" && view.options.some(({ text }) => text === "-S");
  return serves ? normal(safe`serve`) : undefined;
}

function judgeImages(view: ArgumentsView): PackFinding | undefined {
  const sub = subOf(view) === "image" || subOf(view) === "compose" ? subOf(view, 1) : subOf(view);
  return /^(?:pull|push|login|search)$/.test(sub) ? ACCESS : undefined;
}

function judgeObjects(view: ArgumentsView): PackFinding | undefined {
  const words = view.operands.map(({ value }) => value ?? "");
  const isCopy = words[0] === "s3"
    ? /^(?:cp|mv|sync)$/.test(words[1] ?? "")
    : /^(?:cp|mv|rsync|copy|sync)$/.test(words[0] ?? "");
  return isCopy ? ACCESS : undefined;
}

function judgeGh(view: ArgumentsView): PackFinding | undefined {
  const words = `${subOf(view)} ${subOf(view, 1)}`;
  return /^(?:gist create|release upload|repo (?:clone|sync))$/.test(words) ? ACCESS : undefined;
}

/** The pack. */
export const NETWORK: Pack = {
  programs: programJudges([
    [judgeCurl, "curl wget http https xh httpie aria2c axel fetch curlie wget2"],
    [
      judgeStream,
      "nc ncat netcat nc.traditional nc.openbsd socat telnet ftp tftp lftp websocat wscat",
    ],
    [judgeSsh, "ssh mosh autossh rsh pdsh pssh clush sshpass"],
    [judgeCopy, "scp sftp rsync rcp sshfs ssh-copy-id croc"],
    [judgeOpenssl, "openssl"],
    [judgeGit, "git"],
    [judgeServers, "python pypy php"],
    [judgeImages, "docker podman nerdctl skopeo crane buildah"],
    [judgeObjects, "aws gsutil rclone s3cmd mc azcopy"],
    [judgeGh, "gh glab"],
    [
      always(ACCESS),
      "dig nslookup host whois ping ping6 traceroute tracepath mtr nmap masscan arp-scan lynx links elinks w3m " +
      "yt-dlp youtube-dl ngrok cloudflared localtunnel tailscale wg wg-quick openvpn tcpdump tshark mail mailx sendmail mutt msmtp swaks " +
      "ssh-keyscan drill kdig delv dog doggo iperf iperf3 hping3 rdesktop xfreerdp vncviewer torsocks torify proxychains proxychains4 " +
      "transmission-cli btdownload wormhole magic-wormhole irssi",
    ],
  ]),
  redirect: ({ path, program }) => {
    if (!isConnection(path)) return undefined;
    const isShell = /^(?:ba|da|z|k|a)?sh$/.test(program ?? "");
    return isShell ? REMOTE_SHELL : ACCESS;
  },
  code: ({ fetched }) => fetched ? FETCH_AND_RUN : undefined,
};
