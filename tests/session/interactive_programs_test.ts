import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  type CommandInput,
  type ExecOptions,
  type ExecResult,
  memoryAudit,
  Session,
} from "../../mod.ts";
import { makeTestFolder, openSession, SHELLS, TERMINAL_SKIP } from "../support/open_session.ts";
import { killProcess, skipWithout } from "../support/processes.ts";
import { SSHD_USERS_SKIP, TestSshd } from "../support/sshd.ts";
import { withinTime } from "../support/wait_for.ts";

/** Milliseconds that are more than enough for what is waited for. */
const LONG_MS = 20_000;
/** Milliseconds in which a watch looks at a quiet command several times. */
const SEVERAL_LOOKS_MS = 2000;

const ENTER = ["enter"] as const;

/** Starts a command that asks, and expects what it asks for. */
async function asks(
  session: Session,
  command: string,
  { kind, prompt, ...options }: ExecOptions & { kind: string; prompt?: RegExp },
): Promise<ExecResult> {
  const result = await session.exec(command, { ...options, waitMs: LONG_MS });
  assertAsks(result, kind, prompt);
  return result;
}

function assertAsks(result: ExecResult, kind: string, prompt = /(?:)/): void {
  const shown = JSON.stringify(result);
  assert.deepEqual([result.status, result.inputWanted?.kind], ["waiting_for_input", kind], shown);
  assert.match(result.inputWanted?.prompt ?? "", prompt);
}

/** Gives input, and tells what came of it. */
async function answer(
  session: Session,
  { commandId }: ExecResult,
  input: CommandInput,
): Promise<ExecResult> {
  const command = session.command(commandId);
  await command.input(input);
  return await command.wait({ waitMs: LONG_MS });
}

/** A program that reads a password as sudo does, three times at most, and then runs a command. */
const SUDO = `
import getpass, subprocess, sys
for attempt in range(3):
    if getpass.getpass("[sudo] password for somebody: ") == open(sys.argv[1]).read():
        sys.exit(subprocess.call(sys.argv[2:]))
    print("Sorry, try again.", file=sys.stderr)
sys.exit(1)
`;

for (const shell of SHELLS) {
  describe(`a prompt in ${shell.name}`, { skip: shell.skip || TERMINAL_SKIP }, () => {
    it("of read is answered, and asked again after a wrong answer", async () => {
      await using session = await openSession(shell);
      const loop = 'while printf "Do you want to continue? [Y/n] "; do read -r x </dev/tty; ' +
        'case $x in [Yy]*) break ;; esac; echo "What is $x?"; done; echo installed';
      const first = await asks(session, loop, { kind: "confirmation", prompt: /\[Y\/n\] $/ });
      const second = await answer(session, first, { text: "maybe", keys: ENTER });
      assertAsks(second, "confirmation", /\[Y\/n\] $/);
      assert.match(second.stdout, /What is maybe\?/);
      const last = await answer(session, second, { text: "Y", keys: ENTER });
      assert.deepEqual([last.status, last.exitCode], ["exited", 0]);
      assert.match(last.stdout, /installed\n$/);
      assert.match((await session.exec("echo next")).stdout, /^next\n$/);
    });

    it("of a program on the terminal is answered", async () => {
      await using session = await openSession(shell);
      const asked = await asks(session, `sh -c 'printf "Name: "; read x; echo "got $x"'`, {
        tty: true,
        kind: "unknown",
        prompt: /^Name: $/,
      });
      assert.match((await answer(session, asked, { text: "you", keys: ENTER })).stdout, /got you/);
    });

    it("for a password as sudo asks is answered wrongly, then rightly", {
      skip: skipWithout("python3"),
    }, async () => {
      using folder = makeTestFolder();
      const [program, secret] = [join(folder.path, "sudo"), join(folder.path, "secret")];
      const password = randomBytes(9).toString("hex");
      writeFileSync(program, SUDO);
      writeFileSync(secret, password);
      await using session = await openSession(shell);
      const prompt = /^\[sudo\] password for somebody: $/;
      const command = `python3 ${program} ${secret} echo as root`;
      const first = await asks(session, command, { kind: "password", prompt });
      const second = await answer(session, first, { text: "not-this-one", keys: ENTER });
      assertAsks(second, "password", prompt);
      const last = await answer(session, second, { text: password, keys: ENTER });
      assert.deepEqual([last.status, last.stdout], ["exited", "as root\n"]);
      assert.match(last.stderr, /Sorry, try again\./);
      assert.ok(!JSON.stringify(last).includes(password));
    });
  });
}

describe("a prompt of bash", { skip: TERMINAL_SKIP }, () => {
  it("of read -p and read -s is recognised", async () => {
    await using session = await Session.open({ transport: "local", shell: "bash" });
    const name = `read -p "Your name: " x </dev/tty; read -s -p "Your code: " y </dev/tty; echo $x`;
    const first = await asks(session, name, { kind: "unknown", prompt: /^Your name: $/ });
    const second = await answer(session, first, { text: "me", keys: ENTER });
    assertAsks(second, "password", /Your code: $/);
    const last = await answer(session, second, { text: "open-sesame", keys: ENTER });
    assert.equal(last.stdout, "me\n");
  });
});

describe("a password for another machine", { skip: TERMINAL_SKIP }, () => {
  it("is given to ssh, after its host key", { skip: SSHD_USERS_SKIP }, async () => {
    await using server = await TestSshd.start({ users: [{ name: "ek-bob", shell: "/bin/sh" }] });
    const command = `ssh -F none -p ${server.port} -o PubkeyAuthentication=no ` +
      `-o UserKnownHostsFile=${server.path}/known_by_ssh ek-bob@127.0.0.1 echo far away`;
    await using session = await Session.open({ transport: "local" });
    const host = await asks(session, command, { kind: "confirmation", prompt: /yes\/no/ });
    const first = await answer(session, host, { text: "yes", keys: ENTER });
    assertAsks(first, "password", /assword: $/);
    const second = await answer(session, first, { text: "not-this-one", keys: ENTER });
    assertAsks(second, "password", /assword: $/);
    const last = await answer(session, second, { text: server.password, keys: ENTER });
    assert.deepEqual([last.status, last.exitCode], ["exited", 0], JSON.stringify(last));
    assert.match(last.stdout, /far away\n$/);
  });

  it("is given to git over http", { skip: skipWithout("git") }, async () => {
    const password = randomBytes(9).toString("hex");
    const expected = `Basic ${btoa(`bob:${password}`)}`;
    const id = "1".repeat(40);
    const server = createServer((request, response) => {
      const isKnown = request.headers.authorization === expected;
      response.writeHead(isKnown ? 200 : 401, { "www-authenticate": 'Basic realm="test"' });
      response.end(request.url?.includes("info/refs") ? `${id}\trefs/heads/main\n` : `${id}\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      await using session = await Session.open({
        transport: "local",
        env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", GIT_ASKPASS: "" },
      });
      const command = `git -c credential.helper= ls-remote http://127.0.0.1:${port}/x.git`;
      const user = await asks(session, command, { kind: "unknown", prompt: /^Username for / });
      const pass = await answer(session, user, { text: "bob", keys: ENTER });
      assertAsks(pass, "password", /Password for 'http:\/\/bob@/);
      const last = await answer(session, pass, { text: password, keys: ENTER });
      assert.deepEqual([last.status, last.exitCode], ["exited", 0], JSON.stringify(last));
      assert.match(last.stdout, /refs\/heads\/main/);
      assert.ok(!JSON.stringify(last).includes(password));
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe("a program that is used through input", { skip: TERMINAL_SKIP }, () => {
  const repls = [
    { program: "python3", prompt: /^>>> $/, quit: "exit()" },
    { program: "node", prompt: /^> $/, quit: ".exit" },
  ];
  for (const { program, prompt, quit } of repls) {
    it(`${program} takes lines and is left`, { skip: skipWithout(program) }, async () => {
      await using session = await Session.open({ transport: "local" });
      const first = await asks(session, program, { tty: true, kind: "repl", prompt });
      const second = await answer(session, first, { text: "6*7", keys: ENTER });
      assertAsks(second, "repl", prompt);
      assert.match(second.stdout, /42/);
      const third = await answer(session, second, { text: "6*" });
      assert.equal(third.status, "waiting_for_input");
      // With the text still unread, readline can wait for the key that ^C has made the terminal drop.
      const fourth = await answer(session, third, { keys: ["ctrl_c"] });
      assert.equal(fourth.status, "waiting_for_input");
      const last = await answer(session, fourth, { text: quit, keys: ENTER });
      assert.deepEqual([last.status, last.exitCode], ["exited", 0], JSON.stringify(last));
    });
  }

  it("less shows pages and is quit", { skip: skipWithout("less") }, async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "pages");
    writeFileSync(path, Array.from({ length: 500 }, (_, index) => `row ${index + 1}\n`).join(""));
    await using session = await Session.open({ transport: "local" });
    const shown = await asks(session, `less ${path}`, { tty: true, kind: "pager" });
    assert.ok(!shown.stdout.includes("row 500"));
    const end = await answer(session, shown, { text: "G" });
    assertAsks(end, "pager");
    assert.match(end.stdout, /row 500/);
    assert.equal((await answer(session, end, { text: "q" })).status, "exited");
  });

  it("vim edits a file, and is left without saving", { skip: skipWithout("vim") }, async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "text");
    writeFileSync(path, "old\n");
    await using session = await Session.open({ transport: "local" });
    const vim = `vim -u NONE -i NONE -n ${path}`;
    const opened = await asks(session, vim, { tty: true, kind: "editor", prompt: /^$/ });
    const written = await answer(session, opened, { text: "cwnew", keys: ["escape"] });
    assertAsks(written, "editor");
    assert.equal((await answer(session, written, { text: ":wq", keys: ENTER })).exitCode, 0);
    assert.equal(readFileSync(path, "utf8"), "new\n");
    const again = await asks(session, vim, { tty: true, kind: "editor" });
    const wrong = await answer(session, again, { text: "dd", keys: ENTER });
    assertAsks(wrong, "editor");
    assert.equal((await answer(session, wrong, { text: ":q!", keys: ENTER })).status, "exited");
    assert.equal(readFileSync(path, "utf8"), "new\n");
  });

  it("top is quit", { skip: skipWithout("top") }, async () => {
    await using session = await Session.open({ transport: "local" });
    const shown = await asks(session, "top", { tty: true, kind: "pager" });
    assert.equal((await answer(session, shown, { text: "q" })).status, "exited");
    assert.equal((await session.exec("echo next")).stdout, "next\n");
  });

  it("cat ends with the end of its input", async () => {
    await using session = await Session.open({ transport: "local" });
    const first = await asks(session, "cat", { tty: true, kind: "unknown" });
    const second = await answer(session, first, { text: "typed", keys: ENTER });
    assert.equal(second.status, "waiting_for_input");
    const last = await answer(session, second, { keys: ["ctrl_d"] });
    assert.deepEqual([last.status, last.exitCode], ["exited", 0]);
    assert.match(last.stdout, /typed/);
  });
});

describe("an answer that comes late", { skip: TERMINAL_SKIP }, () => {
  for (const shell of SHELLS) {
    it(`is not taken by the next command: ${shell.name}`, { skip: shell.skip }, async () => {
      using folder = makeTestFolder();
      const go = join(folder.path, "go");
      await using session = await openSession(shell);
      const deaf = `until [ -e ${go} ]; do sleep 0.02; done`;
      const running = await session.exec(deaf, { waitMs: 0 });
      const command = session.command(running.commandId);
      await command.input({ text: "for the one before", keys: ENTER });
      await command.input({ text: "half a line" });
      writeFileSync(go, "");
      assert.equal((await command.wait({ waitMs: LONG_MS })).status, "exited");
      const asked = await asks(session, 'printf "Name? "; read -r x </dev/tty; echo "got [$x]"', {
        kind: "unknown",
        prompt: /^Name\? $/,
      });
      const last = await answer(session, asked, { text: "mine", keys: ENTER });
      assert.match(last.stdout, /got \[mine\]\n$/);
    });
  }

  it("is refused when the command has given up by itself", async () => {
    await using session = await Session.open({ transport: "local", shell: "bash" });
    const command = `sh -c 'printf "Quick? " >/dev/tty; read x </dev/tty; :'; echo "went on [$x]"`;
    const asked = await asks(session, command, { kind: "unknown", prompt: /^Quick\? $/ });
    const held = session.command(asked.commandId);
    const { main } = await held.explain();
    assert.ok(main !== undefined);
    await killProcess(main.pid);
    const untilOver = async () => {
      let result = asked;
      while (result.status !== "exited") result = await held.wait({ waitMs: LONG_MS });
      return result;
    };
    const last = await withinTime("the end of a prompt", untilOver());
    assert.equal(last.stdout, "went on []\n");
    await assert.rejects(held.input({ text: "late", keys: ENTER }), { code: "busy" });
  });

  it("is hidden when it answers a password prompt that nobody has looked at", {
    skip: skipWithout("python3"),
  }, async () => {
    const audit = memoryAudit();
    await using session = await Session.open({ transport: "local", audit });
    const program = "import getpass; print(getpass.getpass('New password: ') != '')";
    const begun = await session.exec(`python3 -c "${program}"`, {
      waitMs: LONG_MS,
      until: { pattern: "New password:" },
    });
    const secret = `chosen-${randomBytes(6).toString("hex")}`;
    await session.command(begun.commandId).input({ text: secret, keys: ENTER });
    const last = await session.command(begun.commandId).wait({ waitMs: LONG_MS });
    assert.match(last.stdout, /True\n$/);
    assert.match((await session.exec(`echo ${secret}`)).stdout, /^\[REDACTED/);
    assert.ok(!JSON.stringify(audit.events).includes(secret));
  });
});

const NO_PROMPTS: readonly (readonly [name: string, command: string, options?: ExecOptions])[] = [
  ["sleep", "sleep 600"],
  ["a busy loop", "while :; do :; done"],
  ["a build that is quiet behind a colon", "printf 'Building part 1: '; sleep 600"],
  ["a question that nobody waits for", "printf 'Are you sure? [y/N] '; sleep 600", { tty: true }],
  ["cat on a pipe", "sleep 600 | cat"],
  ["wait", "sleep 600 & wait"],
  ["tail -f", "tail -f /dev/null"],
  ["tail -f on the terminal", "tail -f /dev/null", { tty: true }],
  ["a server", "python3 -m http.server --bind 127.0.0.1 0"],
  ["a server on the terminal", "python3 -m http.server --bind 127.0.0.1 0", { tty: true }],
  ["node with a timer on the terminal", "node -e 'setInterval(() => {}, 1000)'", { tty: true }],
  ["a password's words in a log", "echo 'Password: ok'; sleep 600", { tty: true }],
  ["a make that is quiet", "printf 'Password: '; sh -c 'sleep 600; :' | cat"],
];

describe("a command that asks nobody", { skip: TERMINAL_SKIP }, () => {
  it("stays running, however often somebody looks", async () => {
    await Promise.all(NO_PROMPTS.map(async ([name, command, options = {}]) => {
      await using session = await Session.open({ transport: "local" });
      const running = await session.exec(command, { ...options, waitMs: SEVERAL_LOOKS_MS });
      assert.equal(running.status, "running", `${name}: ${JSON.stringify(running)}`);
      const held = session.command(running.commandId);
      for (let look = 0; look < 3; look++) {
        assert.equal((await held.wait({ waitMs: 0 })).status, "running", name);
      }
      held.interrupt();
      assert.equal((await held.wait({ waitMs: LONG_MS })).status, "interrupted", name);
    }));
  });
});
