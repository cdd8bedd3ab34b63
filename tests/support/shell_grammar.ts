/**
 * A grammar of harmless bash commands, for tests that compare two ways of running them.
 *
 * @module
 */

import type { Random } from "./random.ts";

type Makers = [() => string, ...(() => string)[]];

/** Makes commands that end by themselves and touch nothing outside of `$ROOT`. */
export class ShellGrammar {
  readonly #random: Random;

  /**
   * Starts a sequence of commands.
   *
   * @param random What they follow from.
   */
  constructor(random: Random) {
    this.#random = random;
  }

  /** A command that leaves the shell alive in any bash. */
  command(): string {
    return this.#make([
      () => this.#list(2),
      () => this.#list(2),
      () => this.#state(),
      () => `echo "before: $?"; ${this.#list(1)}`,
      () => `${this.#state()}\n${this.#list(1)}\n# done; false\n${this.#show()}`,
    ]);
  }

  /**
   * A command that a plain bash does not outlive, and whether its words are the same in a session.
   * Left out is what bash itself answers differently at a prompt: `set -u` and an unclosed `$(`.
   */
  fatal(): { text: string; isSameText: boolean } {
    const known = this.#random.below(3) > 0;
    const rest = `${this.#quiet()}; echo "not reached"`;
    const end = known
      ? this.#make([
        () => `exit ${this.#random.below(256)}; ${rest}`,
        () => `{ echo "q $((${this.#number()} / 0))"; ${rest}; }`,
        () => `set -e; ${this.#quiet()}; (exit ${1 + this.#random.below(200)}); ${rest}`,
        () => `f9() { exit 4; }; f9; ${rest}`,
        () => `(readonly r9=1; r9=2; ${rest})`,
      ])
      : this.#make([
        () => "if true; then",
        () => "echo 'open",
        () => "echo )",
        () => "for in do",
      ]);
    return { text: `${this.#quiet()}\n${end}`, isSameText: known };
  }

  #make(makers: Makers): string {
    return this.#random.make(makers);
  }

  #variable(): string {
    return `v${this.#random.below(4)}`;
  }

  #integer(): string {
    return `n${this.#random.below(3)}`;
  }

  #number(): number {
    return this.#random.below(40);
  }

  #file(): string {
    const name = `f${this.#random.below(5)}`;
    return this.#make([() => name, () => `"$ROOT/a/${name}"`, () => `"$ROOT/${name} x"`]);
  }

  #folder(): string {
    return this.#random.pick(['"$ROOT"', '"$ROOT/a"', '"$ROOT/a/b c"', "a", '"b c"', "$ROOT/é"]);
  }

  #arithmetic(): string {
    const [left, right] = [this.#integer(), this.#number()];
    return this.#make([
      () => `${left} + ${right}`,
      () => `(${left} * ${right}) % 13`,
      () => `${left} > ${right} ? ${left} : -${right}`,
      () => `(1 << ${right % 9}) | ${left}`,
      () => `${left} % 2 == 0 && ${right} > 7`,
    ]);
  }

  #word(): string {
    const v = this.#variable();
    return this.#make([
      () => this.#random.pick(["plain", "-n", "a#b", "''", "é日本😀", "x=y", "{", "50%", "~+"]),
      () => this.#random.pick(["'a  b'", "'it'\\''s'", "'$v0 `x` \\n'", "'two\nlines'", "'#'"]),
      () => this.#random.pick(["a\\ b", "\\$v0", "\\'", "c\\\nd", '"\\$v0 \\" \\\\ \\` !"', "\\*"]),
      () => this.#random.pick(["$'t\\tn\\n\\x41\\u00e9\\''", "$'\\\\'", "$'\\141'"]),
      () =>
        this.#random.pick(["{x,y}{1..3}", "pre{a,b}post", "{c..a}", "*", "f?", "[ab]*", "f[!1]"]),
      () => `$${v}`,
      () => `"$${v}"`,
      () => this.#random.pick([`"\${${v}:-none}"`, `"\${#${v}}"`, `\${${v}%%?}`, `"\${${v}^^}"`]),
      () =>
        this.#random.pick([
          `"\${${v}//a/<b>}"`,
          `"\${${v}:1:3}"`,
          `"\${${v}@Q}"`,
          `"\${${v}+set}"`,
        ]),
      () => this.#random.pick(['"$#"', '"$*"', '"${a0[*]}"', '"${#a0[@]}"', '"${1-}"', '"${!v*}"']),
      () => `$((${this.#arithmetic()}))`,
      () => `"$(${this.#quiet()})"`,
      () => `$(${this.#quiet()})`,
      () => `"\`echo in $((${this.#arithmetic()}))\`"`,
    ]);
  }

  #words(): string {
    return Array.from({ length: 1 + this.#random.below(3) }, () => this.#word()).join(" ");
  }

  /** What writes nothing to stderr and starts no other shell. */
  #quiet(): string {
    return this.#make([
      () => `echo ${this.#number()} "$${this.#variable()}"`,
      () => `printf '%s\\n' 'c b' a "$${this.#integer()}"`,
      () => `printf '%03d|%-5s|%x\\n' ${this.#number()} ab ${this.#number()}`,
      () => "seq 3",
      () => "pwd",
      () => "echo -e 'a\\tb\\\\c'",
      () => "cat <<<'here string'",
      () => "echo -n 'no line end'",
    ]);
  }

  #filter(): string {
    return this.#random.pick(["cat", "sort", "tr a-z A-Z", "sed -n 1,2p", "wc -l", "cat -A"]);
  }

  #pipeline(): string {
    const sink = this.#random.pick(["cat", "grep -c .", 'while read -r l; do echo "<$l>"; done']);
    return `${this.#quiet()} | ${this.#filter()} | ${sink}`;
  }

  #simple(): string {
    return this.#make([
      () => `echo ${this.#words()}`,
      () => `printf '<%s>\\n' ${this.#words()}`,
      () => this.#pipeline(),
      () => this.#files(),
      () => this.#texts(),
      () => this.#random.pick(["true", "false", "f0 x 'y z'", "f1", "g0 a", 'f2 "$v0"', ":"]),
      () => `(exit ${this.#random.below(256)})`,
      () => `[[ "$${this.#variable()}" == *a* ]]`,
      () => `[ "$${this.#integer()}" -gt ${this.#number()} ]`,
      () => `((${this.#arithmetic()}))`,
      () => `${this.#variable()}=once sh -c 'echo "$v0/$v1/$v2"; exit ${this.#random.below(9)}'`,
      () =>
        this.#random.pick(["nosuch_program", "./nosuch", "echo to stderr >&2", "cat nosuch_file"]),
    ]);
  }

  #files(): string {
    const file = this.#file();
    return this.#make([
      () => `echo ${this.#words()} >${file}`,
      () => `${this.#quiet()} >>${file}; cat <${file}`,
      () => `cat <${file} | ${this.#filter()}`,
      () => `rm -f ${file}; [ -e ${file} ] || echo gone`,
      () => `{ ${this.#quiet()}; echo err >&2; } >${file} 2>&1; cat ${file}`,
      () => `exec 3>>${file}; echo by 3 >&3; exec 3>&-; wc -l <${file}`,
      () => `echo lost 2>/dev/null >&2; ls ${this.#folder()}`,
    ]);
  }

  #texts(): string {
    const body = `$v0 \\$v1 $((${this.#arithmetic()}))\n\ttab "quoted" 'it' \`echo sub\``;
    return this.#make([
      () => `{ cat <<E\n${body}\nE\n}`,
      () => `{ cat <<'E'; echo after\n${body}\nE\n}`,
      () => `{ cat <<-E | ${this.#filter()}\n\t${body}\n\tE\n}`,
      () => `{ cat <<A - <<B\nfirst\nA\nsecond\nB\n}`,
      () => `cat <<<${this.#word().replaceAll("*", "s").replaceAll(/[{[?]/g, "")}`,
      () => `while IFS= read -r l; do echo "[$l]"; done < <(${this.#quiet()})`,
      () => `mapfile -t a0 < <(seq ${this.#number() % 5}); echo "\${a0[@]}"`,
      () => `eval 'echo "$v0"; echo '"'in eval'"`,
    ]);
  }

  /** What the next commands can see. */
  #state(): string {
    const [v, n] = [this.#variable(), this.#integer()];
    return this.#make([
      () => `${v}=${this.#word()}; ${v}="\${${v}:0:24}"`,
      () => `${n}=$(( (${this.#arithmetic()}) % 97 ))`,
      () => `(( ${n}++ ))`,
      () => `export ${v}; sh -c 'echo "$${v}"'`,
      () => `unset ${v}`,
      () => `cd ${this.#folder()}`,
      () => `cd ${this.#folder()} && cd -`,
      () => `pushd ${this.#folder()} >/dev/null && popd`,
      () =>
        `f${
          this.#random.below(3)
        }() { local v3=in; echo "$FUNCNAME $# $1"; ${this.#quiet()}; return ${this.#number()}; }`,
      () => `function f1 {\n  case $# in 0) echo none ;; *) echo "$@" | cat ;; esac\n}`,
      () => `alias g0='echo alias ${this.#number()}'`,
      () => `a0=(${this.#words()}); a0+=(more)`,
      () => `set -- ${this.#words()}; shift; echo "$#"`,
      () =>
        this.#random.pick([
          "IFS=,",
          "IFS=$' \\t\\n'",
          "IFS=",
          "unset IFS",
          "umask 027",
          "umask 022",
        ]),
      () =>
        this.#random.pick([
          "set -f",
          "set +f",
          "set -C",
          "set +C",
          "set -o pipefail",
          "set +o pipefail",
        ]),
      () =>
        this.#random.pick(["shopt -s nullglob", "shopt -u nullglob", "shopt -s extglob", "set -T"]),
      () => `read -r v0 v1 <<<${this.#word().replaceAll("*", "s").replaceAll(/[{[?]/g, "")}`,
    ]);
  }

  #show(): string {
    return this.#random.pick([
      "declare -p v0 n0 a0",
      "declare -f f0 f1",
      "alias",
      "umask; echo $-|tr -d imsBHc",
      'dirs; echo "$PWD ${OLDPWD-}"',
      'printf "%q " "$IFS" "$@"',
    ]);
  }

  #list(depth: number): string {
    const next = () => this.#compound(depth);
    const join = this.#random.pick([" && ", " || ", "; ", "\n", " # comment ' \"\n"]);
    return this.#make([next, next, () => `${next()}${join}${next()}`]);
  }

  #compound(depth: number): string {
    if (depth === 0) return this.#simple();
    const inner = () => this.#list(depth - 1);
    return this.#make([
      () => this.#simple(),
      () => this.#simple(),
      () => this.#simple(),
      () => `(\n${inner()}\n)`,
      () => `{ ${inner()}\n}`,
      () => `! { ${inner()}\n}`,
      () => `( cd ${this.#folder()}; ${inner()}\n); pwd`,
      () => `(set -e; ${this.#quiet()}; ${this.#simple()}\necho alive)`,
      () => `(trap 'echo bye' EXIT; ${inner()}\n)`,
      () => `( { ${this.#quiet()}; } & wait; echo waited)`,
      () => `(set -x; echo traced ${this.#number()} >/dev/null)`,
      () => `if ${inner()}\nthen ${inner()}\nelse ${inner()}\nfi`,
      () => `for i in ${this.#words()}; do echo "$i"; ${inner()}\nbreak; done`,
      () => `for ((i = 0; i < 3; i++)); do ((i == 1)) && continue; echo $i; done`,
      () => `k${depth}=0; while ((k${depth}++ < 2)); do ${inner()}\ndone`,
      () => `until [ -n "$u0" ]; do ${inner()}\nu0=set; done; unset u0`,
      () => `case ${this.#word()} in (a*|x) ${inner()}\n;; *) echo other;& z) echo fell;; esac`,
      () => `(exit 3) | (exit ${this.#number()}) | cat; echo "\${PIPESTATUS[@]}"`,
    ]);
  }
}
