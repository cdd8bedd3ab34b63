import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ExeckitError } from "../../src/errors.ts";
import type { ScreenSnapshot } from "../../src/output/screen/live_screen.ts";
import type { SessionCommand } from "../../src/session/command/session_command.ts";
import type { Session } from "../../src/session/session.ts";
import type { ExecOptions } from "../../src/session/session_options.ts";
import { fakeToken } from "../support/fake_token.ts";
import {
  makeTestFolder,
  SHELLS,
  skipWithout,
  TERMINAL_SKIP,
  withSession,
} from "../support/open_session.ts";
import { waitFor } from "../support/wait_for.ts";

const [BASH] = SHELLS;

async function onBash(body: (session: Session) => Promise<void>): Promise<void> {
  assert.ok(BASH !== undefined);
  await withSession(BASH, {}, body);
}

/** Starts a full-screen program, and waits until its screen shows something. */
async function started(
  session: Session,
  command: string,
  shows: RegExp,
  options: ExecOptions = {},
): Promise<{ program: SessionCommand; screen: ScreenSnapshot }> {
  const { commandId } = await session.exec(command, { tty: true, waitMs: 0, ...options });
  const program = session.command(commandId);
  return { program, screen: await showing(program, shows) };
}

/** Waits until a screen shows something. */
async function showing(program: SessionCommand, shows: RegExp): Promise<ScreenSnapshot> {
  return await waitFor(`a screen with ${shows}`, async () => {
    const screen = await program.screen();
    return shows.test(screen.lines.join("\n")) ? screen : undefined;
  });
}

function needs(program: string): { readonly skip: string | false } {
  return { skip: TERMINAL_SKIP || skipWithout(program) };
}

describe("a command's screen", { skip: TERMINAL_SKIP }, () => {
  it(
    "screen() shows top, and what it left after its end",
    needs("top"),
    () =>
      onBash(async (session) => {
        const { program, screen } = await started(session, "top -d 0.3", /PID .*USER/);
        assert.match(screen.lines[0] ?? "", /^top - \d\d:\d\d:\d\d up/);
        assert.deepEqual([screen.rows, screen.cols, screen.lines.length], [40, 120, 40]);
        await program.input({ text: "q" });
        await program.wait();
        assert.match((await program.screen()).lines.join("\n"), /PID .*USER/);
      }),
  );

  it(
    "screen() shows vim while text is typed, and the shell's screen after it",
    needs("vim"),
    () =>
      onBash(async (session) => {
        using folder = makeTestFolder();
        // Its locale says what bytes are letters; a swap file would make the next run ask.
        const vim = `LC_ALL=C.UTF-8 vim -u NONE -i NONE -n -N ${join(folder.path, "new.txt")}`;
        const { program } = await started(session, vim, /~\n~\n~/);
        await program.input({ text: "ihello 中😀 world" });
        const { lines, alternate, cursor } = await showing(program, /world/);
        assert.deepEqual([lines[0], alternate], ["hello 中😀 world", true]);
        assert.deepEqual(cursor, { row: 0, col: 16 });
        await program.input({ keys: ["escape"] });
        await program.input({ text: ":q!\r" });
        await program.wait();
        assert.equal((await program.screen()).alternate, false);
      }),
  );

  it(
    "screen() shows less, page by page, in the size that was asked for",
    needs("less"),
    () =>
      onBash(async (session) => {
        const { program, screen } = await started(session, "seq 100 | less", /^1\n/, {
          ttySize: { rows: 10, cols: 40 },
        });
        assert.deepEqual(screen.lines, ["1", "2", "3", "4", "5", "6", "7", "8", "9", ":"]);
        await program.input({ text: " " });
        assert.equal((await showing(program, /^10\n/)).lines[8], "18");
        await program.input({ text: "q" });
        await program.wait();
      }),
  );

  it("screen() shows a program of curses", needs("python3"), () =>
    onBash(async (session) => {
      using folder = makeTestFolder();
      const script = join(folder.path, "draw.py");
      writeFileSync(
        script,
        `import curses
def main(screen):
    curses.curs_set(0)
    for step in range(1, 51):
        screen.erase()
        screen.border()
        screen.addstr(2, 4, "step %d" % step)
        screen.addstr(3, 4, "below")
        screen.addstr(5, 4, "size %dx%d" % screen.getmaxyx())
        screen.refresh()
    screen.getch()
curses.wrapper(main)
`,
      );
      const { program, screen } = await started(session, `python3 ${script}`, /step 50/, {
        ttySize: { rows: 12, cols: 50 },
      });
      assert.equal(screen.lines[2]?.slice(4, -1).trim(), "step 50");
      assert.equal(screen.lines[3]?.slice(4, -1).trim(), "below");
      assert.equal(screen.lines[5]?.slice(4, -1).trim(), "size 12x50");
      await program.input({ text: "x" });
      await program.wait();
    }));

  it("screen() hides a secret in every row that it covers", () =>
    onBash(async (session) => {
      const token = fakeToken(21);
      using folder = makeTestFolder();
      const file = join(folder.path, "token");
      writeFileSync(file, `${"a".repeat(28)} ${token} end\n`);
      const { commandId } = await session.exec(`cat ${file}`, {
        tty: true,
        ttySize: { rows: 5, cols: 40 },
      });
      const { lines } = await session.command(commandId).screen();
      assert.match(lines.join(""), /^a{28} \*{11}\[REDACTED:github-token#1\]\*+ end$/);
      for (let at = 4; at + 6 <= token.length; at++) {
        assert.ok(!lines.join("").includes(token.slice(at, at + 6)), JSON.stringify(lines));
      }
    }));

  it("screen() fails with unsupported when the command runs on no terminal", () =>
    onBash(async (session) => {
      const { commandId } = await session.exec("echo hi");
      await assert.rejects(
        session.command(commandId).screen(),
        (error) => error instanceof ExeckitError && error.code === "unsupported",
      );
    }));

  for (const shell of SHELLS) {
    it(`exec() gives a command the size of ttySize, and the next one the usual, in ${shell.name}`, {
      skip: TERMINAL_SKIP || shell.skip,
    }, () =>
      withSession(shell, {}, async (session) => {
        const size = { rows: 24, cols: 80 };
        const small = await session.exec("(exit 3); stty size", { tty: true, ttySize: size });
        assert.equal(small.stdout, "24 80\n");
        assert.equal((await session.exec("(exit 7)", { tty: true, ttySize: size })).exitCode, 7);
        assert.equal(
          (await session.exec("echo $?; stty size", { tty: true })).stdout,
          "7\n40 120\n",
        );
      }));
  }

  it("exec() puts the size back after a command that had to be interrupted", () =>
    onBash(async (session) => {
      const ttySize = { rows: 11, cols: 22 };
      await session.exec("sleep 600", { tty: true, ttySize, timeoutMs: 200 });
      assert.equal((await session.exec("stty size", { tty: true })).stdout, "40 120\n");
    }));

  it("exec() refuses a ttySize that is none", () =>
    onBash(async (session) => {
      const wrong: unknown[] = [
        { tty: true, ttySize: { rows: 0, cols: 80 } },
        { tty: true, ttySize: { rows: 24, cols: 1001 } },
        { tty: true, ttySize: { rows: 501, cols: 80 } },
        { tty: true, ttySize: { rows: 2.5, cols: 80 } },
        { tty: true, ttySize: { rows: 24 } },
        { tty: true, ttySize: { rows: 24, cols: 80, depth: 1 } },
        { tty: true, ttySize: "24x80" },
        { tty: true, ttySize: null },
        { ttySize: { rows: 24, cols: 80 } },
      ];
      for (const options of wrong) {
        await assert.rejects(
          // What a caller without types may give.
          session.exec("true", options as ExecOptions),
          (error) => error instanceof ExeckitError && error.code === "invalid_argument",
          JSON.stringify(options),
        );
      }
    }));
});

describe("redraws in a result", () => {
  it("exec() shows how progress bars ended, and read() all of what they drew", () =>
    onBash(async (session) => {
      const bar = "for i in $(seq 0 10 100); do printf '\\r\\033[K%s%% done' $i; done; echo";
      const result = await session.exec(`${bar}; echo end`);
      assert.equal(result.stdout, "100% done\nend\n");
      const command = session.command(result.commandId);
      assert.equal((await command.read()).text, "100% done\nend\n");
      assert.match((await command.read({ raw: true })).text, /\r10% done\r20% done\r/);
    }));

  it("exec() shows rows that are drawn over as docker and npm draw them", () =>
    onBash(async (session) => {
      const rows = "printf 'a: 0\\nb: 0\\n'; for i in 1 2 3; do " +
        "printf '\\033[2A\\033[2K\\ra: %s\\n\\033[2K\\rb: %s\\n' $i $i; done; echo end";
      assert.equal((await session.exec(rows)).stdout, "a: 3\nb: 3\nend\n");
    }));

  it("exec() shows no secret that was put together by drawing", () =>
    onBash(async (session) => {
      const token = fakeToken(22);
      const { stdout } = await session.exec(
        `printf 'XX%s\\r%s\\n' ${token.slice(2)} ${token.slice(0, 2)}`,
      );
      assert.match(stdout, /^\[REDACTED:[^\]]+\]\n$/);
    }));

  it("wait() sees a pattern that was drawn over since", () =>
    onBash(async (session) => {
      const started = await session.exec("printf 'ready'; printf '\\rbusy '; sleep 600", {
        waitMs: 20_000,
        until: { pattern: "ready" },
      });
      assert.equal(started.untilMet, "pattern");
      const command = session.command(started.commandId);
      command.interrupt();
      await command.wait();
    }));
});
