import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { type ExecResult, Session } from "../../mod.ts";
import { TRACES_COMMAND, tracesFrom } from "../support/driven_sessions.ts";
import { processesInSession, skipWithout } from "../support/processes.ts";
import { untilBegun } from "../support/until_begun.ts";
import { waitFor, withinTime } from "../support/wait_for.ts";

/** A command that does not end by itself. */
interface LadderCase {
  readonly name: string;
  /** Says "begun" itself where it {@linkcode endsShell}: only then is that certain. */
  readonly command: string;
  /** Runs on the terminal, and needs one. */
  readonly tty?: true;
  /** Reads from the terminal although its own streams are pipes. */
  readonly needsTerminal?: true;
  /** Only the end of the shell ends it. */
  readonly endsShell?: true;
  /** A program that it needs. */
  readonly needs?: string;
}

const IGNORES_INT = `python3 -c '
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
time.sleep(600)'`;

const CASES: readonly LadderCase[] = [
  { name: "sleep", command: "sleep 600" },
  { name: "a list after sleep", command: "sleep 600; echo after" },
  { name: "a loop of builtins", command: "while :; do :; done" },
  { name: "a pipeline", command: "sleep 600 | cat | cat" },
  { name: "yes", command: "yes" },
  { name: "a function that calls a function", command: "f() { g; }; g() { sleep 600; }; f" },
  { name: "a loop that starts children", command: "f() { while :; do sleep 0.05; done; }; f" },
  { name: "a command substitution", command: "x=$(sleep 600)" },
  { name: "cat on the terminal", command: "cat", tty: true },
  { name: "read from /dev/tty", command: "read x </dev/tty", needsTerminal: true },
  {
    name: "a terminal without ISIG",
    command: "stty -isig </dev/tty; sleep 600",
    needsTerminal: true,
  },
  { name: "a subshell that ignores INT", command: "(trap '' INT; sleep 600)" },
  { name: "a child that inherits ignored INT", command: "trap '' INT; sleep 600; trap - INT" },
  {
    name: "a script that ignores INT and TERM",
    command: `sh -c "trap '' INT TERM; while :; do sleep 1; done"`,
  },
  { name: "python that ignores INT", command: IGNORES_INT, needs: "python3" },
  { name: "vim on the terminal", command: "vim -u NONE", tty: true, needs: "vim" },
  { name: "vim on pipes", command: "vim -u NONE", needs: "vim" },
  { name: "less", command: "less /etc/passwd", tty: true, needs: "less" },
  { name: "a shell that stops itself", command: "kill -s STOP $$" },
  { name: "a shell that goes on after it", command: "kill -s STOP $$; sleep 600" },
  { name: "exec", command: `exec sh -c "echo begun; exec sleep 600"`, endsShell: true },
  {
    name: "a shell that ignores INT",
    command: "trap '' INT; echo begun; while :; do :; done",
    endsShell: true,
  },
];

const SET_UP = "cd /usr; v=1; export E=2; fn() { echo fn; }; sleep 600 & B=$!";
const STATE = 'echo "$v $E $(fn) $PWD"; sh -c "echo \\$E"';
const JOB_LIVES = 'kill -0 "$B" && echo lives';
/** More at once would starve each other on a small machine, and the ladder climb for nothing. */
const AT_ONCE = 6;

interface LadderRun {
  readonly result: ExecResult;
  readonly state: ExecResult;
  readonly job: ExecResult;
}

async function runCase(
  where: { readonly shell: string; readonly terminal: "auto" | "none" },
  { command, tty, endsShell }: LadderCase,
  timeoutMs: number,
): Promise<LadderRun> {
  await using session = await Session.open({ transport: "local", ...where });
  await session.exec(SET_UP);
  const job = (await session.exec('echo "$B"')).stdout.trim();
  const result = await session.exec(endsShell ? command : `echo begun; ${command}`, {
    timeoutMs,
    tty: tty ?? false,
  });
  const { sessionId } = tracesFrom(await session.exec(TRACES_COMMAND));
  const known = [session.shell.pid, Number(job)];
  const left = async () =>
    (await processesInSession(sessionId)).filter(({ pid }) => !known.includes(pid));
  // A child that a loop starts in the moment of its end may outlive it, and then ends by itself.
  await waitFor(
    "the end of the command's processes",
    async () => (await left()).length === 0 ? true : undefined,
  );
  return {
    result,
    state: await session.exec(STATE),
    job: await session.exec(JOB_LIVES),
  };
}

/** Starts all cases, a few at once; each test then waits for its own. */
function startAll(
  cases: readonly LadderCase[],
  run: (one: LadderCase) => Promise<LadderRun>,
): Map<string, Promise<LadderRun>> {
  const waiting: (() => void)[] = [];
  let free = AT_ONCE;
  async function runInTurn(one: LadderCase): Promise<LadderRun> {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await run(one);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  }
  const runs = cases.map((one): [string, Promise<LadderRun>] => [one.name, runInTurn(one)]);
  // A failure is reported by the test that waits for it.
  for (const [, running] of runs) running.catch(() => undefined);
  return new Map(runs);
}

const CONFIGURATIONS = [
  ["bash", "auto"],
  ["zsh", "auto"],
  ["dash", "auto"],
  ["busybox", "auto"],
  ["bash", "none"],
] as const;

for (const [shell, terminal] of CONFIGURATIONS) {
  const shellMissing = skipWithout(shell, ...(terminal === "auto" ? ["script"] : []));
  const cases = CASES.filter(({ tty, needsTerminal }) =>
    terminal === "auto" || !(tty || needsTerminal)
  );
  describe(`the ladder in ${shell}, terminal ${terminal}`, () => {
    let runs = new Map<string, Promise<LadderRun>>();
    before(() => {
      if (shellMissing !== false) return;
      const possible = cases.filter(({ needs }) => needs === undefined || !skipWithout(needs));
      runs = startAll(possible, (one) =>
        untilBegun(
          (timeoutMs) => runCase({ shell, terminal }, one, timeoutMs),
          ({ result }) => result.stdout.includes("begun"),
        ));
    });

    for (const { name, endsShell, needs } of cases) {
      const skip = shellMissing || (needs === undefined ? false : skipWithout(needs));
      it(`gives the session back from ${name}`, { skip }, async () => {
        const run = runs.get(name);
        assert.ok(run !== undefined);
        const { result, state, job } = await withinTime(name, run);
        assert.equal(result.status, "timed_out");
        assert.equal(result.exitCode, 124);
        assert.equal(state.status, "exited");
        if (endsShell) {
          assert.deepEqual(result.shellReplaced, { reason: "unresponsive", stateKept: false });
          assert.match(result.note ?? "", /variables, functions, .*are gone/);
          assert.equal(state.cwd, "/usr");
          assert.match(state.stdout, /^ {2} ?\/usr\n\n$/);
          return;
        }
        assert.equal(result.shellReplaced, undefined);
        assert.equal(result.cwd, "/usr");
        assert.equal(state.stdout, "1 2 fn /usr\n2\n");
        assert.equal(job.stdout, "lives\n", "background jobs of earlier commands live on");
      });
    }
  });
}
