/**
 * Pack `git-history`: what rewrites history, or discards work that is not committed.
 *
 * @module
 */

import { safe, type SafeText } from "../../safe_text.ts";
import type { Argument } from "../../shell_text/argument.ts";
import type { ArgumentsView } from "../arguments_view.ts";
import { hasOption } from "../arguments_view.ts";
import {
  asksForHelp,
  mayHave,
  mild,
  normal,
  type Pack,
  type PackFinding,
  programJudges,
  surelyHas,
} from "./pack.ts";

const KEEP =
  safe`Keep history and work as they are: commit or stash first, and ask before rewriting`;

function rewrite(rule: SafeText): PackFinding {
  return normal(rule, KEEP);
}

/** The rest of a git command, behind its subcommand. */
interface GitCommand {
  readonly view: ArgumentsView;
  readonly rest: readonly Argument[];
  readonly words: readonly string[];
}

type GitJudge = (git: GitCommand) => PackFinding | undefined;

const JUDGES: { readonly [sub: string]: GitJudge } = {
  push: ({ view, rest }) => {
    if (
      mayHaveSurely(
        view,
        "-f",
        "--force*",
        "--mirror",
        "--delete",
        "-d",
        "--prune",
        "--force-with-lease*",
      )
    ) {
      return rewrite(safe`force_push`);
    }
    if (rest.some(({ shape }) => /^[+:]./.test(shape))) return rewrite(safe`force_push`);
    return rest.some(({ value, shape }) => value === undefined && shape.startsWith("\0"))
      ? mild(safe`unknown_push`, KEEP)
      : undefined;
  },
  reset: ({ view }) =>
    mayHave(view, "--hard", "--merge", "--keep") ? rewrite(safe`reset_hard`) : undefined,
  clean: ({ view, words }) =>
    surelyHas(view, "-n", "--dry-run") || words.includes("-h") ? undefined : rewrite(safe`clean`),
  checkout: ({ view, rest, words }) => {
    if (mayHaveSurely(view, "-f", "--force", "-B", "--ours", "--theirs", "-m")) {
      return rewrite(safe`checkout_force`);
    }
    const hasPaths = view.subject.args.some(({ value }) => value === "--");
    const isEverything = words.some((word) =>
      /^(?:\.{1,2}|:\/?|\*)\/?$/.test(word) || word.startsWith("./")
    );
    if (
      hasPaths || isEverything ||
      (rest.length > 1 && !mayHave(view, "-b", "--orphan", "-t", "--track"))
    ) {
      return rewrite(safe`discard_changes`);
    }
    return undefined;
  },
  restore: ({ view }) =>
    surelyHas(view, "--staged", "-S") && !mayHave(view, "--worktree", "-W")
      ? undefined
      : rewrite(safe`discard_changes`),
  switch: ({ view }) =>
    mayHaveSurely(view, "-f", "--force", "--discard-changes", "-C", "--force-create")
      ? rewrite(safe`discard_changes`)
      : undefined,
  branch: ({ view }) => {
    if (mayHaveSurely(view, "-D", "-M", "-f", "--force", "-C")) return rewrite(safe`branch_force`);
    return surelyHas(view, "-d", "--delete") ? mild(safe`branch_delete`, KEEP) : undefined;
  },
  tag: ({ view }) =>
    mayHaveSurely(view, "-d", "--delete", "-f", "--force") ? rewrite(safe`tag_rewrite`) : undefined,
  stash: ({ words }) =>
    /^(?:drop|clear)$/.test(words[0] ?? "") ? rewrite(safe`stash_drop`) : undefined,
  reflog: ({ words }) =>
    /^(?:expire|delete|drop)$/.test(words[0] ?? "") ? rewrite(safe`reflog`) : undefined,
  gc: ({ view }) =>
    view.options.some(({ text }) => /^--(?:prune|aggressive)/.test(text))
      ? rewrite(safe`prune`)
      : undefined,
  prune: () => rewrite(safe`prune`),
  "filter-branch": () => rewrite(safe`rewrite_history`),
  "filter-repo": () => rewrite(safe`rewrite_history`),
  rebase: ({ view }) =>
    surelyHas(
        view,
        "--abort",
        "--continue",
        "--skip",
        "--quit",
        "--show-current-patch",
        "--edit-todo",
      )
      ? undefined
      : rewrite(safe`rebase`),
  commit: ({ view }) => mayHaveSurely(view, "--amend") ? rewrite(safe`amend`) : undefined,
  pull: ({ view }) =>
    view.options.some(({ text }) => /^(?:--rebase|-r|--force|-f)$/.test(text))
      ? mild(safe`rebase`, KEEP)
      : undefined,
  fetch: ({ view, rest }) =>
    surelyHas(view, "-f", "--force", "--prune", "-p", "-P", "--prune-tags") ||
      rest.some(({ shape }) => shape.startsWith("+"))
      ? mild(safe`fetch_force`, KEEP)
      : undefined,
  "update-ref": () => rewrite(safe`update_ref`),
  "symbolic-ref": ({ rest }) => rest.length > 1 ? rewrite(safe`update_ref`) : undefined,
  replace: ({ rest }) => rest.length > 0 ? rewrite(safe`rewrite_history`) : undefined,
  "read-tree": ({ view }) =>
    mayHave(view, "--reset", "-u") ? rewrite(safe`discard_changes`) : undefined,
  "checkout-index": ({ view }) =>
    mayHave(view, "-f", "--force") ? rewrite(safe`discard_changes`) : undefined,
  worktree: ({ words, view }) =>
    words[0] === "remove"
      ? (mayHave(view, "-f", "--force")
        ? rewrite(safe`worktree_remove`)
        : mild(safe`worktree_remove`, KEEP))
      : undefined,
  submodule: ({ words, view }) =>
    words[0] === "deinit" && mayHave(view, "-f", "--force", "--all")
      ? rewrite(safe`discard_changes`)
      : undefined,
  remote: ({ words }) =>
    /^(?:rm|remove|prune)$/.test(words[0] ?? "") ? mild(safe`remote_remove`, KEEP) : undefined,
  rm: ({ view }) =>
    surelyHas(view, "--cached")
      ? undefined
      : mayHaveSurely(view, "-f", "--force")
      ? rewrite(safe`discard_changes`)
      : undefined,
  notes: ({ words }) =>
    /^(?:remove|prune)$/.test(words[0] ?? "") ? mild(safe`notes`, KEEP) : undefined,
  lfs: ({ words }) => words[0] === "migrate" ? rewrite(safe`rewrite_history`) : undefined,
};

/** Given, or possibly given in a word that starts as one: an unknown operand is not enough. */
function mayHaveSurely(view: ArgumentsView, ...names: readonly string[]): boolean {
  const certainty = hasOption({ ...view, mayHaveMore: false }, ...names);
  if (certainty !== "no") return true;
  // Unquoted, it may be several words, and one of them an option.
  return view.subject.args.some(({ many, shape }) => many && shape.startsWith("\0"));
}

function judgeGit(view: ArgumentsView): PackFinding | undefined {
  if (asksForHelp(view)) return undefined;
  const [sub, ...rest] = view.operands;
  if (sub === undefined) return undefined;
  if (sub.value === undefined) return rewrite(safe`unknown_subcommand`);
  const words = rest.map(({ value }) => value ?? "");
  const judge = Object.hasOwn(JUDGES, sub.value) ? JUDGES[sub.value] : undefined;
  if (judge !== undefined) return judge({ view, rest, words });
  return undefined;
}

/** The pack. */
export const GIT_HISTORY: Pack = {
  programs: programJudges([
    [judgeGit, "git"],
    [() => rewrite(safe`rewrite_history`), "git-filter-repo bfg git-filter-branch"],
  ]),
};
