import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Session, type SessionCommand } from "../../mod.ts";
import { sleepMs } from "../../src/clock.ts";
import { fakeToken } from "../support/fake_token.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { withinTime } from "../support/wait_for.ts";

/**
 * Characters of a token that may be seen: its public first letters are those of any word, and a
 * redactor that held back every one of them would hold back all text.
 */
const PREFIX_CHARS = 4;

type Reader = (command: SessionCommand, since: string) => Promise<unknown>;

/** Every way to read a part of the output. */
const READERS: readonly Reader[] = [
  (command) => command.read({ stream: "both", from: 1, lines: 1000 }),
  (command) => command.read({ stream: "stdout", from: 1, lines: 1, maxChars: 100 }),
  (command) => command.read({ stream: "stdout", from: 1, fromByte: 3, lines: 10 }),
  (command) => command.read({ stream: "stderr", from: -2 }),
  (command) => command.read({ stream: "both", tail: 1 }),
  (command) => command.read({ stream: "stdout", tail: 2, maxChars: 50 }),
  (command, since) => command.read({ stream: "stdout", since }),
  (command) => command.search({ stream: "both", pattern: ".", context: 2, maxMatches: 1000 }),
  (command) => command.search({ stream: "stdout", pattern: "gh|p_|[A-Za-z0-9_]{5}" }),
];

/** Every way to have the result so far. */
const RESULTS: readonly Reader[] = [
  (command) => command.wait({ waitMs: 0, interleave: true }),
  (command) => command.wait({ waitMs: 5, budget: { keep: { mode: "tail", n: 1 } } }),
  (command) => command.wait({ waitMs: 0, budget: { maxChars: 60 } }),
  (command) => command.explain(),
];

/** Rounds that every reader makes while the command runs. */
const ROUNDS_MIN = 3;

/** A command that writes, and ends when it is told that it was read often enough. */
interface Written {
  readonly command: SessionCommand;
  readonly goOn: () => void;
}

/**
 * Reads in all of some ways, again and again, until the command has ended, and once more.
 *
 * @returns All that was seen in each round.
 */
async function readOn(
  command: SessionCommand,
  readers: readonly Reader[],
  onEnough: () => void,
): Promise<string[]> {
  const rounds: string[] = [];
  let { cursor } = await command.read({ stream: "stdout" });
  for (let isLast = false; !isLast;) {
    isLast = command.isOver;
    const [news, ...answers] = await Promise.all([
      command.read({ stream: "stdout", since: cursor }),
      ...readers.map((reader) => reader(command, cursor)),
    ]);
    cursor = news.cursor;
    rounds.push(JSON.stringify([news, answers]));
    if (rounds.length === ROUNDS_MIN) onEnough();
    // Reads from memory never leave it to others to run.
    await sleepMs(0);
  }
  return rounds;
}

/** Reads and asks at the same time, several times at least. */
async function watch({ command, goOn }: Written): Promise<string[]> {
  let reading = 2;
  const onEnough = () => {
    reading -= 1;
    if (reading === 0) goOn();
  };
  const watching = Promise.all([
    readOn(command, READERS, onEnough),
    readOn(command, RESULTS, onEnough),
  ]);
  const [reads, results] = await withinTime("the command", watching);
  assert.ok(reads.length >= ROUNDS_MIN, `${reads.length} rounds`);
  return [...reads, ...results];
}

/** Fails when more of a secret than its public beginning is in what was seen. */
function assertHidden(seen: readonly string[], secret: string): void {
  for (let at = 0; at + PREFIX_CHARS < secret.length; at++) {
    const part = secret.slice(at, at + PREFIX_CHARS + 1);
    const where = seen.find((text) => text.includes(part));
    assert.equal(
      where,
      undefined,
      `characters ${at} to ${at + PREFIX_CHARS} of the secret are shown`,
    );
  }
}

/** Writes pieces with a pause behind each, from a file: the command's own text has none of them. */
async function writePieces(
  session: Session,
  folder: string,
  pieces: readonly (readonly [text: string, stream: 1 | 2])[],
): Promise<Written> {
  const go = join(folder, "go");
  const steps = pieces.map(([text, stream]) => `printf %s '${text}' >&${stream}; sleep 0.005\n`);
  steps.push(`until [ -e ${go} ]; do sleep 0.005; done\n`);
  const path = join(folder, "pieces.sh");
  writeFileSync(path, `${steps.join("")}echo; echo end\n`);
  const { commandId } = await session.exec(`sh ${path}`, { waitMs: 0 });
  return { command: session.command(commandId), goOn: () => writeFileSync(go, "") };
}

describe("a reader of a command that writes a secret slowly", () => {
  const token = fakeToken(11);

  it("never sees a part of a token that comes byte by byte", async () => {
    using folder = makeTestFolder();
    await using session = await Session.open({ transport: "local", shell: "dash" });
    const letters = Array.from(`a word ${token} and more`, (letter) => [letter, 1] as const);
    const written = await writePieces(session, folder.path, letters);
    const seen = await watch(written);
    assertHidden(seen, token);
    // A machine that stands still behind one of the first letters lets these out.
    const { text } = await written.command.read({ stream: "stdout" });
    assert.match(text, /a word (g|gh|ghp)?\[REDACTED.*\] and more/);
  });

  it("never sees a part of a token that is cut in two at any byte", async () => {
    using folder = makeTestFolder();
    await using session = await Session.open({ transport: "local", shell: "dash" });
    const cuts = Array.from({ length: token.length - 1 }, (_, index) => index + 1);
    const pieces = cuts.flatMap((cut) => [
      [`at ${token.slice(0, cut)}`, 1] as const,
      [`${token.slice(cut)} `, 1] as const,
    ]);
    const written = await writePieces(session, folder.path, pieces);
    const seen = await watch(written);
    assertHidden(seen, token);
    const { text } = await written.command.read({ stream: "stdout" });
    assert.equal(text.match(/\[REDACTED/g)?.length, cuts.length);
  });

  it("never sees a part of a registered value, nor of what both streams write in turns", async () => {
    const value = `long-winded-${"value"}-of-no-form`;
    using folder = makeTestFolder();
    await using session = await Session.open({
      transport: "local",
      shell: "dash",
      secrets: [value],
    });
    const pieces = Array.from(value, (letter, index) =>
      [
        [letter, 1],
        ...(index % 5 === 0 ? [["x", 2]] as const : []),
      ] as const).flat();
    const written = await writePieces(session, folder.path, pieces);
    const seen = await watch(written);
    assertHidden(seen, value);
    assert.match((await written.command.read({ stream: "stdout" })).text, /\[REDACTED/);
  });
});

/** Draws a token letter by letter, each from the line's start. */
function drawn(token: string): string {
  return Array.from(token, (letter, at) => `\r${at === 0 ? "" : `\x1b[${at}C`}${letter}`).join("");
}

describe("a reader of a line that draws a secret", () => {
  const token = fakeToken(12);

  it("never sees it by a cut, nor as it was written", async () => {
    using folder = makeTestFolder();
    await using session = await Session.open({ transport: "local", shell: "dash" });
    const path = join(folder.path, "drawn.txt");
    const late = `XXXX${token.slice(4)}\r${token.slice(0, 4)}`;
    writeFileSync(path, `first\n${drawn(token)}\n${late}\nlast ${drawn(token)}`);
    const result = await session.exec(`cat ${path}`);
    const command = session.command(result.commandId);
    const seen = [JSON.stringify(result)];
    const read = async (options: Parameters<SessionCommand["read"]>[0]) => {
      seen.push((await command.read(options)).text);
    };
    for (let byte = 0; byte < 100; byte++) {
      for (const from of [2, 3, 4]) {
        await read({ stream: "stdout", from, fromByte: byte });
        await read({ stream: "both", from, fromByte: byte, maxChars: 16 });
        await read({ stream: "stdout", from, fromByte: byte, raw: true });
      }
      await read({ stream: "stdout", tail: 1, maxChars: 16 + byte });
      await read({ stream: "stdout", since: `o${byte}e0` });
      await read({ stream: "both", since: `o${byte}e0`, raw: true });
    }
    seen.push((await command.search({ pattern: ".", raw: true })).text);
    // What was moved to its place is between the letters of it, if it is there at all.
    assertHidden(seen.map((text) => text.replaceAll(/[\r\n]/g, "")), token);
    assert.match((await command.read({ from: 2 })).text, /^\[REDACTED.*\]\n\[REDACTED/);
  });

  it("sees other lines by a cut, and as they were written", async () => {
    await using session = await Session.open({ transport: "local", shell: "dash" });
    const { commandId } = await session.exec(`printf 'load 10%%\\rload 20%%\\nplain text\\n'`);
    const command = session.command(commandId);
    const text = async (options: Parameters<SessionCommand["read"]>[0]) =>
      (await command.read({ stream: "stdout", ...options })).text;
    assert.equal(await text({ raw: true }), "load 10%\rload 20%\nplain text\n");
    assert.equal(await text({ from: 1, fromByte: 5 }), "20%\nplain text\n");
    assert.equal(await text({ from: 1, fromByte: 5, raw: true }), "10%\rload 20%\nplain text\n");
    assert.equal(await text({ from: 2, fromByte: 6 }), "text\n");
  });
});

describe("a reader of a command that waits within a secret", () => {
  const value = `Qx${fakeToken(13).slice(4, 24)}`;
  const begun = value.slice(0, -3);

  it("sees no more of it on the screen than in the output", async () => {
    using folder = makeTestFolder();
    await using session = await Session.open({
      transport: "local",
      shell: "dash",
      secrets: [value],
    });
    const path = join(folder.path, "begun.txt");
    for (
      const text of [
        `key is ${begun}`,
        `key is ${Array.from(begun, (one) => `*\b${one}`).join("")}`,
      ]
    ) {
      writeFileSync(path, text);
      const { commandId } = await session.exec(
        `cat ${path}; echo x >${folder.path}/done; sleep 600`,
        {
          tty: true,
          waitMs: 20_000,
          until: { pattern: "key is" },
        },
      );
      const command = session.command(commandId);
      const seen: string[] = [];
      for (let round = 0; round < 10; round++) {
        const { lines } = await command.screen();
        const page = await command.read({ stream: "stdout" });
        const raw = await command.read({ stream: "stdout", raw: true });
        const now = await command.wait({ waitMs: 50, interleave: true });
        seen.push(lines.join("\n"), page.text, raw.text, JSON.stringify(now));
      }
      assert.match(seen.join("\n"), /key is/);
      assertHidden(seen.map((text) => text.replaceAll("*", "")), begun);
      await command.interrupt();
      await command.wait();
    }
  });

  it("has no answer from 'until' about it, but about the words of a last line", async () => {
    using folder = makeTestFolder();
    await using session = await Session.open({
      transport: "local",
      shell: "dash",
      secrets: [value, `stop${value}`, `y\n${value}`],
    });
    const waitFor = async (text: string, pattern: string, waitMs: number) => {
      const path = join(folder.path, "line.txt");
      writeFileSync(path, text);
      const { commandId, untilMet } = await session.exec(`cat ${path}; sleep 600`, {
        waitMs,
        until: { pattern },
      });
      const command = session.command(commandId);
      await command.interrupt();
      await command.wait();
      return untilMet;
    };
    for (const text of ["Server ready", "Server ready\n", "Use Control-C to go\n"]) {
      assert.equal(await waitFor(text, `${text.trim()}$`, 20_000), "pattern");
    }
    for (const pattern of [begun, begun.slice(0, 5), "^.{20,}", "Qx"]) {
      assert.equal(await waitFor(`\n${begun}`, pattern, 700), undefined);
      assert.equal(await waitFor(`\n${begun}\n`, pattern, 700), undefined);
    }
  });
});
