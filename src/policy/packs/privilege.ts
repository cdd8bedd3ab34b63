/**
 * Pack `privilege`: what gains rights, changes who has them, or changes the machine itself.
 *
 * @module
 */

import { safe } from "../../safe_text.ts";
import type { ArgumentsView } from "../arguments_view.ts";
import {
  always,
  asksForHelp,
  mayHave,
  normal,
  type Pack,
  type PackFinding,
  programJudges,
  subOf,
  surelyHas,
} from "./pack.ts";

const ROOT = normal(
  safe`become_other_user`,
  safe`Do it as the session's own user, or ask the operator`,
);
const ACCOUNTS = normal(safe`accounts`);
const KERNEL = normal(safe`kernel`);
const FIREWALL = normal(safe`firewall`);
const MOUNTS = normal(safe`mounts`);

function judgeChmod(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const isSetId = view.subject.args.some(({ shape }) =>
    /^0*[2-7][0-7]{3}$/.test(shape) || /^[ugoa,]*[+=][rwxXtugo]*s/.test(shape) ||
    /,[ugoa]*[+=]\w*s/.test(shape)
  );
  return isSetId ? normal(safe`setuid`) : undefined;
}

function judgeChown(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const owner = view.operands[0];
  const isRoot = owner === undefined || owner.value === undefined ||
    /^(?:root|0|\+0)?(?::.*)?$/.test(owner.value);
  return isRoot ? normal(safe`chown_root`) : undefined;
}

function judgeSysctl(view: ArgumentsView): PackFinding | undefined {
  const isSet = mayHave(view, "-w", "--write", "-p", "--load", "--system") ||
    view.operands.some(({ shape }) => shape.includes("="));
  return isSet ? KERNEL : undefined;
}

function judgeMount(view: ArgumentsView): PackFinding | undefined {
  return asksForHelp(view) || view.subject.args.length === 0 ||
      (view.operands.length === 0 && surelyHas(view, "-l", "-t") && !mayHave(view, "-a", "--all"))
    ? undefined
    : MOUNTS;
}

function judgeFirewall(view: ArgumentsView): PackFinding | undefined {
  const isReading = asksForHelp(view) ||
    surelyHas(view, "-L", "-S", "--list", "--list-rules", "--list-all", "--state") ||
    /^(?:status|list)$/.test(subOf(view));
  return isReading ? undefined : FIREWALL;
}

function judgeInterfaces(view: ArgumentsView): PackFinding | undefined {
  const words = view.operands.map(({ value }) => value ?? "");
  const isChange = view.program === "ip"
    ? words.some((word) =>
      /^(?:add|del|delete|set|flush|replace|change|append|exec|attach)$/.test(word)
    )
    : words.length > 1;
  return isChange ? normal(safe`interfaces`) : undefined;
}

const HOST_MOUNT =
  /^(?:\/|\/(?:etc|root|home|usr|var|bin|sbin|lib|boot|dev|proc|sys|run)(?:\/.*)?|~\/?|\0.*)$/;

function judgeContainer(view: ArgumentsView): PackFinding | undefined {
  const isRun = view.operands.slice(0, 3).some(({ value }) =>
    /^(?:run|create|exec)$/.test(value ?? "")
  );
  if (!isRun && !mayHave(view, "--privileged")) return undefined;
  const { args } = view.subject;
  const found = args.some(({ shape }, index) => {
    const next = args[index + 1]?.shape ?? "";
    if (/^--privileged(?:=true)?$/.test(shape)) return true;
    const option = /^(--?[a-z-]+)(?:=(.*))?$/s.exec(shape);
    const name = option?.[1];
    const value = option?.[2] ?? (/^-[vu]./.test(shape) ? shape.slice(2) : next);
    return isHostOption(name === undefined ? shape.slice(0, 2) : name, value);
  });
  return found
    ? normal(
      safe`container_escape`,
      safe`Run it without the host's folders, namespaces and capabilities`,
    )
    : undefined;
}

function isHostOption(name: string, value: string): boolean {
  if (name === "-v" || name === "--volume") {
    return HOST_MOUNT.test(value.split(":")[0] ?? "") || value.includes("docker.sock");
  }
  if (name === "--mount") {
    const source = /(?:^|,)(?:src|source)=([^,]*)/.exec(value)?.[1];
    return value.includes("docker.sock") || (source !== undefined && HOST_MOUNT.test(source));
  }
  if (/^--(?:pid|net|network|ipc|uts|userns|cgroupns)$/.test(name)) return value === "host";
  if (name === "--security-opt") return /unconfined|disable|no-new-privileges[:=]false/.test(value);
  return name === "--cap-add" || name === "--device";
}

function judgeSystemdRun(view: ArgumentsView): PackFinding | undefined {
  return asksForHelp(view) || surelyHas(view, "--user") ? undefined : ROOT;
}

function judgeSystemctl(view: ArgumentsView): PackFinding | undefined {
  if (surelyHas(view, "--user")) return undefined;
  return /^(?:edit|enable|link|set-property|daemon-reexec|set-default|import-environment|set-environment)$/
      .test(subOf(view))
    ? normal(safe`services`)
    : undefined;
}

function judgeAny(finding: PackFinding) {
  return (view: ArgumentsView): PackFinding | undefined =>
    asksForHelp(view) || view.subject.args.length === 0 ? undefined : finding;
}

/** The pack. */
export const PRIVILEGE: Pack = {
  programs: programJudges([
    [
      always(ROOT),
      "sudo sudoedit su doas pkexec runuser visudo gosu su-exec run0 sg newgrp login super please",
    ],
    [judgeChmod, "chmod"],
    [judgeChown, "chown"],
    [always(normal(safe`capabilities`)), "setcap capsh setpriv"],
    [
      always(ACCOUNTS),
      "useradd userdel usermod adduser deluser groupadd groupdel groupmod addgroup delgroup passwd chpasswd " +
      "gpasswd chage vipw vigr chsh chfn newusers pwconv grpconv htpasswd dscl",
    ],
    [always(KERNEL), "insmod modprobe rmmod depmod kexec bpftool setenforce auditctl"],
    [judgeSysctl, "sysctl"],
    [
      judgeFirewall,
      "iptables ip6tables nft ufw firewall-cmd ebtables arptables ipset iptables-restore tc",
    ],
    [judgeMount, "mount umount losetup"],
    [judgeInterfaces, "ip ifconfig route brctl nmcli"],
    [
      judgeAny(normal(safe`namespaces`)),
      "nsenter chroot unshare pivot_root systemd-nspawn machinectl",
    ],
    [judgeContainer, "docker podman nerdctl docker-compose podman-compose"],
    [judgeSystemdRun, "systemd-run"],
    [judgeSystemctl, "systemctl"],
    [
      judgeAny(normal(safe`machine_settings`)),
      "hostnamectl timedatectl localectl update-alternatives dpkg-reconfigure grub-install update-grub efibootmgr",
    ],
  ]),
};
