/**
 * Programs that read code of their own language: what is inline is not readable here.
 *
 * @module
 */

import type { ProgramEntry } from "./program_entry.ts";

const HELP = "--help! --version!";

function interpreter(language: string, options: string): ProgramEntry {
  return { options: `${HELP} ${options}`, runs: "script", language };
}

const PYTHON = interpreter(
  "python",
  "-h! -V! -c? -m& -b -B -d -E -i -I -O -P -q -s -S -u -v -x -W= -X= --check-hash-based-pycs=",
);
const NODE = interpreter(
  "javascript",
  "-h! -v! -e? -p? -pe? -i? --eval? --print? --interactive? -r= -C= --require= --import= --loader= " +
    "--experimental-loader= --input-type= --env-file= --max-old-space-size= -c --check --test& --run& " +
    "--inspect~ --inspect-brk~ --watch --watch-path= --title= --trace-warnings --no-warnings --prof",
);
const PERL = interpreter(
  "perl",
  "-h! -v! -V! -e? -E? -a -c -f -F= -i~ -0~ -l~ -m= -M= -n -p -s -S -t -T -u -U -w -W -X -I= -x~ -C~ -D~",
);
const VIM: ProgramEntry = {
  options:
    `${HELP} -h! -c? -S# +? --cmd? -e -E -s -n -R -Z -N -O~ -o~ -p~ -b -d -i= -u? -U? -t= -T= -w= -W= ` +
    "--noplugin --clean --startuptime= --remote-send? --remote-expr? -es -Es",
  mixed: true,
  language: "vim",
};

/** Name → entry. */
export const INTERPRETERS: { readonly [name: string]: ProgramEntry } = {
  python: PYTHON,
  pypy: PYTHON,
  ipython: interpreter("python", "-c? -m& -i -h! --quick --simple-prompt"),
  node: NODE,
  nodejs: NODE,
  bun: {
    options: `${HELP} -v! -h! -e? -p? --eval? --print?`,
    subs: { x: { options: "--bun -p= --package= --silent", runs: "argv" } },
    language: "javascript",
    mixed: true,
  },
  deno: {
    options: `${HELP} -V! -h!`,
    subs: {
      eval: { runs: "each", language: "javascript" },
      repl: { runs: "input", language: "javascript" },
    },
  },
  tsx: interpreter("javascript", "-e? -p? --eval? --print? -v! -h! --tsconfig= --watch"),
  "ts-node": interpreter("javascript", "-e? -p? --eval? --print? -v! -h! -P= -T -r="),
  perl: PERL,
  ruby: interpreter(
    "ruby",
    "-h! -v! -e? -a -c -l -n -p -s -S -w -W~ -x~ -0~ -C= -E= -F= -i~ -I= -K= -r= -T~",
  ),
  jruby: interpreter("ruby", "-e? -h! -v! -S -r= -I="),
  irb: interpreter("ruby", "-f -r= -I= -h! -v!"),
  php: interpreter(
    "php",
    "-h! -v! -i! -m! -r? -R? -B? -E? -F# -f# -a? -c= -d= -l -n -q -s -w -z= -S& -t=",
  ),
  lua: interpreter("lua", "-v! -e? -i -l= -E -W"),
  luajit: interpreter("lua", "-v! -e? -i -l= -b= -j= -O~"),
  osascript: interpreter("applescript", "-e? -l= -i -s="),
  tclsh: interpreter("tcl", "-encoding="),
  wish: interpreter("tcl", ""),
  expect: interpreter("expect", "-v! -c? -f# -b# -d -i -n -N -D="),
  R: {
    options:
      `${HELP} -e? -f# --file# -g= --args^ --no-save --vanilla --slave --quiet -q -s --no-restore`,
    runs: "input",
    language: "r",
  },
  Rscript: interpreter("r", "-e? --vanilla --default-packages= --verbose"),
  julia: interpreter(
    "julia",
    "-h! -v! -e? -E? -i -q -L# -p= -t= -J= -O~ -g~ --eval? --print? --load# --project~ --threads= --startup-file=",
  ),
  octave: interpreter("octave", "--eval? -q -f --no-gui --silent"),
  matlab: interpreter("matlab", "-r? -batch? -nodisplay -nosplash -nodesktop"),
  ghc: { options: `${HELP} -e? -o= -O~ -v~`, language: "haskell", mixed: true },
  ghci: interpreter("haskell", "-e? -package="),
  runghc: interpreter("haskell", ""),
  erl: {
    options: "-eval? -s? -run? -noshell -noinput -pa= -sname= -name= -version!",
    runs: "input",
    language: "erlang",
    mixed: true,
  },
  elixir: interpreter("elixir", "-e? -v! -h! -r= -S& --eval? --sname= --name="),
  iex: interpreter("elixir", "-e? -S& --eval?"),
  scala: interpreter("scala", "-e? -version! -help! -cp= -classpath="),
  groovy: interpreter("groovy", "-e? -v! -h! -cp="),
  clojure: interpreter("clojure", "-e? -M? -X? -h!"),
  clj: interpreter("clojure", "-e? -M? -X? -h!"),
  bb: interpreter("clojure", "-e? -m& -x&"),
  racket: interpreter("racket", "-e? -f# -l= -t# -r#"),
  guile: interpreter("scheme", "-c? -s# -l# -e= -L="),
  sbcl: interpreter(
    "lisp",
    "--eval? --load# --script# --non-interactive --no-userinit --noinform --quit",
  ),
  clisp: interpreter("lisp", "-x? -i# -q"),
  ocaml: interpreter("ocaml", "-e? -I= -init#"),
  swift: interpreter("swift", "-e?"),
  emacs: {
    options:
      `${HELP} -q -Q -nw --batch -batch --eval? -eval? --execute? -l# --load# --script# -f? --funcall? +`,
    mixed: true,
    language: "lisp",
  },
  vim: VIM,
  vi: VIM,
  nvim: { ...VIM, options: `${VIM.options} --headless -l#` },
  gvim: VIM,
  view: VIM,
  vimdiff: VIM,
  rvim: VIM,
  ex: { ...VIM, runs: "input" },
  ed: { options: `${HELP} -E -G -l -r -s -v -p=`, runs: "input", language: "ed" },
  red: { options: `${HELP} -s -p=`, runs: "input", language: "ed" },
  gnuplot: interpreter("gnuplot", "-e? -c# -p -d"),
  powershell: interpreter(
    "powershell",
    "-Command? -c? -EncodedCommand? -e? -ec? -File# -f# -NoProfile -NonInteractive -NoLogo",
  ),
  pwsh: interpreter(
    "powershell",
    "-Command? -c? -EncodedCommand? -e? -ec? -File# -f# -NoProfile -NonInteractive -NoLogo",
  ),
  fish: interpreter("fish", "-c? -C? -i -l -n -N -p -P -v! -h! --command? --init-command? --login"),
  csh: interpreter("csh", "-c? -b -e -f -i -n -s -t -v -V -x -X"),
  tcsh: interpreter("csh", "-c? -b -e -f -i -n -s -t -v -V -x -X -l"),
  nu: interpreter("nu", "-c? -e? --commands? --execute? -n"),
  elvish: interpreter("elvish", "-c?"),
  xonsh: interpreter("xonsh", "-c?"),
};
