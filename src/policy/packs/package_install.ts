/**
 * Pack `package-install`: what brings in, removes or runs packages from registries.
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
  type ProgramJudge,
  programJudges,
  subIs,
  subOf,
  surelyHas,
} from "./pack.ts";

const INSTALL = normal(safe`install`);
const RUN = normal(safe`run_package`);

function subs(names: string, finding: PackFinding = INSTALL): ProgramJudge {
  return (view) => {
    if (asksForHelp(view) || subIs(view, names) === "no") return undefined;
    return finding;
  };
}

/** Two words, as in `tool install`. */
function pairs(pattern: RegExp): ProgramJudge {
  return (view) => {
    if (asksForHelp(view)) return undefined;
    return pattern.test(`${subOf(view)} ${subOf(view, 1)}`) ? INSTALL : undefined;
  };
}

function judgePython(view: ArgumentsView): PackFinding | undefined {
  const at = view.subject.args.findIndex(({ value }) => value === "-m" || value === "-mpip");
  const [module, sub] = view.subject.args.slice(view.subject.args[at]?.value === "-m" ? at + 1 : at)
    .filter(({ value }) => !/^-(?!m)/.test(value ?? "")).map(({ value }) => value);
  if (
    at < 0 ||
    !/^(?:-m)?(?:pip|pipx|ensurepip|easy_install|uv|conda|poetry|pipenv)$/.test(module ?? "")
  ) return undefined;
  return /^(?:list|show|freeze|check|config|help|debug|--version|-V)$/.test(sub ?? "")
    ? undefined
    : INSTALL;
}

function judgeYarn(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view) || surelyHas(view, "--version", "-v")) return undefined;
  if (view.operands.length === 0) return INSTALL;
  return subs("add install up upgrade upgrade-interactive remove dlx create global import set")(
    view,
  );
}

function judgePacman(view: ArgumentsView): PackFinding | undefined {
  return mayHave(view, "-S", "-U", "-R", "--sync", "--upgrade", "--remove") &&
      !view.options.some(({ text }) => /^-S[sigl]+$/.test(text))
    ? INSTALL
    : undefined;
}

function judgeDpkg(view: ArgumentsView): PackFinding | undefined {
  return mayHave(
      view,
      "-i",
      "--install",
      "-r",
      "--remove",
      "-P",
      "--purge",
      "-U",
      "-F",
      "-e",
      "--unpack",
      "--configure",
    )
    ? INSTALL
    : undefined;
}

function judgeMake(view: ArgumentsView): PackFinding | undefined {
  const installs = view.operands.some(({ value, shape }) =>
    value === undefined ? shape.startsWith("\0") : /^(?:un)?install(?:-\w+)?$/.test(value)
  );
  return installs && !mayHave(view, "-n", "--dry-run") ? INSTALL : undefined;
}

function judgeNix(view: ArgumentsView): PackFinding | undefined {
  if (view.program === "nix-env") {
    return mayHave(view, "-i", "-e", "-u", "--install", "--upgrade", "--uninstall")
      ? INSTALL
      : undefined;
  }
  if (view.program === "nix-shell") return mayHave(view, "-p", "--packages") ? INSTALL : undefined;
  return subs("profile run shell develop")(view);
}

/** The pack. */
export const PACKAGE_INSTALL: Pack = {
  programs: programJudges([
    [
      subs(
        "i in ins inst insta instal install isnt isnta isntal isntall add ci clean-install ic install-clean install-test it cit install-ci-test " +
          "update up upgrade udpate uninstall un unlink remove rm r link ln rebuild rb exec x init create innit dedupe ddp audit-fix prune",
      ),
      "npm cnpm",
    ],
    [
      subs(
        "i install add up update upgrade dlx create exec-env import link remove rm un uninstall fetch patch-commit prune rebuild self-update",
      ),
      "pnpm",
    ],
    [judgeYarn, "yarn yarnpkg"],
    [always(RUN), "npx bunx pnpx uvx easy_install cpan cpanm pear pecl"],
    [subs("install download wheel uninstall"), "pip"],
    [judgePython, "python pypy"],
    [subs("add remove sync lock pip tool self publish python"), "uv"],
    [subs("install run upgrade upgrade-all inject uninstall reinstall ensurepath"), "pipx"],
    [
      subs(
        "install upgrade full-upgrade dist-upgrade remove purge autoremove reinstall update source build-dep satisfy",
      ),
      "apt apt-get aptitude",
    ],
    [judgeDpkg, "dpkg rpm"],
    [
      subs(
        "install in upgrade update up remove erase rm reinstall localinstall groupinstall downgrade distro-sync autoremove swap module patch dup",
      ),
      "dnf yum zypper microdnf tdnf",
    ],
    [judgePacman, "pacman yay paru"],
    [subs("add del upgrade update fix"), "apk"],
    [
      subs("install upgrade uninstall remove tap untap reinstall update link cleanup bundle cask"),
      "brew port",
    ],
    [subs("install remove refresh"), "snap"],
    [
      subs("install update uninstall"),
      "flatpak choco scoop winget conan luarocks opam stack cabal raco",
    ],
    [subs("install add update uninstall remove binstall upgrade"), "cargo"],
    [subs("install get"), "go"],
    [subs("install update uninstall"), "gem"],
    [subs("install update add remove"), "bundle bundler"],
    [subs("install add remove uninstall upgrade update i"), "deno"],
    [subs("install i add a update remove rm x create upgrade link"), "bun"],
    [subs("require install update create-project global remove upgrade reinstall"), "composer"],
    [subs("add install update remove self lock sync"), "poetry pdm pipenv rye"],
    [subs("install create update remove upgrade"), "conda mamba micromamba"],
    [judgeNix, "nix nix-env nix-shell"],
    [judgeMake, "make gmake"],
    [
      pairs(/^(?:toolchain (?:install|add)|component add|target add|update |install |self update)/),
      "rustup",
    ],
    [
      pairs(
        /^(?:add package|tool install|tool update|workload install|restore |new (?:install|-i))/,
      ),
      "dotnet",
    ],
    [
      pairs(/^(?:install |use |plugin (?:add|install)|upgrade |local |global )/),
      "asdf mise nvm fnm volta pyenv rbenv nodenv sdk",
    ],
    [pairs(/^extension (?:install|upgrade)/), "gh az"],
    [pairs(/^(?:krew install|plugin install)/), "kubectl helm"],
    [pairs(/^install /), "playwright code vcpkg"],
    [pairs(/^(?:enable|prepare|use|up|install) /), "corepack"],
  ]),
};
