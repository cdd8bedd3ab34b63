import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { InputEvidence, WaitingForInput } from "../../src/shell/probe/waiting_judge.ts";
import { quoteForShell } from "../../src/shell_text/quote.ts";
import { makeTestFolder, SHELLS, TERMINAL_SKIP } from "../support/open_session.ts";
import { BASH, ProbedShell } from "../support/probed_shell.ts";
import { skipWithout } from "../support/processes.ts";
import { waitFor } from "../support/wait_for.ts";

/** Asks on /dev/tty with echo off, as sudo and ssh do. */
const ASK_ON_TERMINAL = `import os, termios
fd = os.open('/dev/tty', os.O_RDWR)
modes = termios.tcgetattr(fd)
modes[3] &= ~termios.ECHO
termios.tcsetattr(fd, termios.TCSADRAIN, modes)
os.write(fd, b'Key of the vault, please: ')
print(os.read(fd, 100))`;

interface Question {
  readonly what: string;
  readonly command: string;
  readonly streams?: "pipes";
  readonly needs?: string;
  readonly kind: WaitingForInput["kind"];
  readonly prompt?: string;
  readonly evidence?: InputEvidence;
  /** Keys that end it. */
  readonly answer: string;
}

const QUESTIONS: readonly Question[] = [
  {
    what: "the shell's own read",
    command: "printf 'Name: '; read x; printf 'got %s' \"$x\"",
    kind: "unknown",
    prompt: "Name: ",
    answer: "me\n",
  },
  {
    what: "the shell's own read without a prompt",
    command: "read x",
    kind: "unknown",
    prompt: "",
    evidence: "terminal_read",
    answer: "me\n",
  },
  {
    what: "a subshell's read without a prompt, on pipes",
    command: "(read x </dev/tty)",
    streams: "pipes",
    kind: "unknown",
    prompt: "",
    evidence: "terminal_read",
    answer: "me\n",
  },
  {
    what: "a read of the terminal by a command on pipes",
    command: "printf 'Do you want to continue? [Y/n] ' >/dev/tty; read x </dev/tty",
    streams: "pipes",
    kind: "confirmation",
    prompt: "Do you want to continue? [Y/n] ",
    answer: "y\n",
  },
  {
    what: "read -s",
    command: "bash -c 'read -s -p \"Word> \" x'",
    needs: "bash",
    kind: "password",
    prompt: "Word> ",
    evidence: "terminal_read",
    answer: "x\n",
  },
  {
    what: "getpass",
    command: "python3 -c 'import getpass; getpass.getpass()'",
    needs: "python3",
    kind: "password",
    prompt: "Password: ",
    evidence: "terminal_read",
    answer: "x\n",
  },
  {
    what: "a question on /dev/tty without echo",
    command: `python3 -c ${quoteForShell(ASK_ON_TERMINAL)}`,
    streams: "pipes",
    needs: "python3",
    kind: "password",
    prompt: "Key of the vault, please: ",
    evidence: "terminal_read",
    answer: "x\n",
  },
  {
    what: "the python REPL",
    command: "python3",
    needs: "python3",
    kind: "repl",
    prompt: ">>> ",
    evidence: "terminal_read",
    answer: "exit()\n",
  },
  {
    what: "the node REPL",
    command: "node",
    needs: "node",
    kind: "repl",
    prompt: "> ",
    evidence: "terminal_read",
    answer: ".exit\r",
  },
  {
    what: "less",
    command: "seq 1000 | less",
    needs: "less",
    kind: "pager",
    evidence: "terminal_read",
    answer: "q",
  },
  {
    what: "vim",
    command: "vim -u NONE -N",
    needs: "vim",
    kind: "editor",
    prompt: "",
    evidence: "terminal_read",
    answer: ":q!\r",
  },
  { what: "top", command: "top", needs: "top", kind: "pager", answer: "q" },
  {
    what: "cat without input",
    command: "cat",
    kind: "unknown",
    prompt: "",
    evidence: "terminal_read",
    answer: "x\n\x04",
  },
  {
    what: "a shell in a terminal of its own",
    command: "script -qc \"bash -c 'read -p Inner: x'\" /dev/null",
    needs: "bash",
    kind: "unknown",
    prompt: "Inner:",
    evidence: "terminal_read",
    answer: "x\n",
  },
];

describe("judgeWaiting() on real programs", { skip: TERMINAL_SKIP }, () => {
  for (const shell of SHELLS) {
    it(
      `knows what asks in ${shell.name}, and typing answers it`,
      { skip: shell.skip },
      async (t) => {
        await using probed = await ProbedShell.open(shell);
        for (const question of QUESTIONS) {
          const skip = skipWithout(question.needs ?? "sh");
          await t.test(question.what, { skip }, () => ask(probed, question));
        }
      },
    );
  }

  async function ask(probed: ProbedShell, question: Question): Promise<void> {
    const running = probed.start(question.command, question.streams);
    try {
      const { kind, evidence, pid } = await running.waiting(question.prompt);
      assert.equal(kind, question.kind);
      if (question.evidence !== undefined) assert.equal(evidence, question.evidence);
      assert.ok(pid !== undefined && pid > 1);
      await running.type(question.answer);
      assert.equal(await running.ended(), 0, running.output());
    } finally {
      await running.stop();
    }
  }
});

/** Commands that wait for nobody to type; each is judged once it is in the state that is named. */
const QUIET: readonly (readonly [string, string, RegExp, "pipes"?])[] = [
  ["sleep behind a prompt-like line", "printf 'Password: '; sleep 600", /^sleep$/],
  ["a progress bar", "printf 'Fetching: 40%%'; sleep 600", /^sleep$/],
  ["a busy loop", "printf 'Go on? '; while :; do :; done", /^running$/],
  ["cat on a pipe", "printf 'Name: '; sleep 600 | cat", /^pipe_read$/],
  ["cat on a pipe without terminal", "printf 'Name: '; sleep 600 | cat", /^pipe_read$/, "pipes"],
  ["tail -f", "printf 'x: ' >x; tail -f x", /^(terminal_event|sleep)$/],
  ["a server", "python3 -u -m http.server 0 --bind 127.0.0.1", /^terminal_event$/],
  [
    "the shell's own read of a FIFO",
    "rm -f f; mkfifo f; read x <>f",
    /^(pipe_read|terminal_event|event)$/,
  ],
  ["a FIFO", "printf 'Name: '; rm -f f; mkfifo f; cat f", /^pipe_read$/],
];

describe("judgeWaiting() without a false alarm", { skip: TERMINAL_SKIP }, () => {
  for (const shell of SHELLS) {
    it(`stays calm in ${shell.name}`, { skip: shell.skip }, async (t) => {
      using folder = makeTestFolder();
      await using probed = await ProbedShell.open(shell);
      await probed.run(`cd ${quoteForShell(folder.path)}`);
      for (const [what, command, kind, streams] of QUIET) {
        await t.test(what, async () => {
          const running = probed.start(command, streams);
          await running.seen(
            String(kind),
            ({ foreground }) => foreground.some(({ wait }) => kind.test(wait.kind)),
          );
          if (/printf '(\w+)/.test(command) && !command.includes(">x")) {
            await waitFor("the line", () => running.output() === "" ? undefined : true);
          }
          assert.deepEqual(await running.judge(), { waiting: false });
          await running.stop();
        });
      }
    });
  }

  it("does not take the shell that waits for its children", { skip: BASH.skip }, async () => {
    await using probed = await ProbedShell.open(BASH);
    const running = probed.start("printf 'Name: '; sleep 600 & wait");
    await running.seen("the sleep", ({ background }) => background.length > 0);
    assert.deepEqual(await running.judge(), { waiting: false });
    await running.stop();
  });
});
