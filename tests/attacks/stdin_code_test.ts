import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createDenyListPolicy, type Policy, Session } from "../../mod.ts";
import { makeTestFolder } from "../support/open_session.ts";

/** Ways to run `touch made` under a deny list that names `touch`: a command and its input. */
const WAYS: readonly (readonly [command: string, stdin?: string])[] = [
  ["sh", "touch made\n"],
  ["bash -s", "t''ouch made"],
  ["bash", "tou\0ch made"],
  ["bash /dev/stdin", "touch made"],
  [". /dev/stdin", "touch made"],
  ["cat | sh", "touch made"],
  ["cat <(sh)", "touch made"],
  ["f() { sh; }; f", "touch made"],
  ["sh </dev/stdin", "touch made"],
  ["python3 -", "import os; os.system('touch made')"],
  ["perl", "system 'touch made'"],
  ["make -f -", "x:\n\ttouch made\n"],
  ["make --file /dev/stdin", "x:\n\ttouch made\n"],
  ["sed -f - /etc/hostname", "1e touch made\n"],
  ["sed -f/dev/stdin /etc/hostname", "1e touch made\n"],
  ["sed --file=- /etc/hostname", "1w made\n"],
  ["s=-; sed -f $s /etc/hostname", "1e touch made\n"],
  ["printf '1e touch made\\n' | sed -f - /etc/hostname"],
  ["sed -f - /etc/hostname <<E\n1e touch made\nE"],
  ["sed -f <(echo '1e touch made') /etc/hostname"],
  ["sed -f /dev/fd/3 /etc/hostname 3<<E\n1e touch made\nE"],
  ["awk -f -", 'BEGIN { system("touch made") }'],
  ["awk -f /dev/stdin", 'BEGIN { system("touch made") }'],
  ["awk -f /proc/self/fd/0 <<'E'\nBEGIN { system(\"touch made\") }\nE"],
  ["sqlite3", ".shell touch made\n"],
  ["sqlite3", ".sh touch made\n"],
  ["sqlite3 -init /dev/stdin :memory: .quit", ".system touch made\n"],
  ["printf '.shell touch made\\n' | tr X x | sqlite3"],
  ["printf '.shell touch made\\n' | rev | rev | sqlite3 -batch"],
  ["exec 3<<E\n.shell touch made\nE\nsqlite3 <&3"],
  ["f() { sqlite3; }; cat | f", ".shell touch made\n"],
  ["find / -maxdepth 0 -exec sqlite3 \\;", ".shell touch made\n"],
  ["sqlite3 :memory: \"select edit('', 'touch made;:')\""],
  ["psql -o '|touch made' -c 'select 1'"],
  ["printf '%s\\n' -c \"'touch made'\" | xargs sh"],
  ["gdb -q -x -", "shell touch made\n"],
  ["gdb -q", "!touch made\n"],
  ["vim -es", "!touch made\nq!\n"],
  ["ed", "!touch made\nq\n"],
];

/** What an agent gives programs all day. */
const HARMLESS: readonly (readonly [command: string, stdin: string, stdout: string])[] = [
  ["cat", "touch made\n", "touch made\n"],
  ["grep -c touch -", "touch made\n", "1\n"],
  ["wc -l", "touch\nmade\n", "2\n"],
  ["sort", "touch\nmade\n", "made\ntouch\n"],
  ["sed -f <(echo s/touch/made/)", "touch\n", "made\n"],
  ["sh", "echo 'touch made'\n", "touch made\n"],
];

/** Runs each way in a session of its own and gives those after which the file is there. */
async function successes(policy?: Policy): Promise<readonly string[]> {
  using folder = makeTestFolder();
  const file = join(folder.path, "made");
  const made: string[] = [];
  for (const [command, stdin] of WAYS) {
    await using session = await Session.open({
      transport: "local",
      shell: "bash",
      cwd: folder.path,
      ...(policy === undefined ? {} : { policy }),
    });
    const options = stdin === undefined ? {} : { stdin };
    const { status } = await session.exec(command, { ...options, timeoutMs: 20_000 });
    if (policy !== undefined && status !== "blocked") made.push(`${command} was not refused`);
    if (existsSync(file)) made.push(command);
    rmSync(file, { force: true });
  }
  return made;
}

describe("code on standard input", () => {
  const policy = createDenyListPolicy({ deny: ["touch"] });

  it("does not pass a deny list, as `stdin`, pipe, heredoc or script file", async () => {
    assert.deepEqual(await successes(policy), []);
  });

  it("would run without it", async () => {
    const made = await successes();
    // What is not installed here, or does not work in every version, is no proof against it.
    assert.ok(made.length > WAYS.length * 0.6, `${made.length} of ${WAYS.length}: ${made}`);
  });

  it("is not what data and harmless programs are taken for", async () => {
    await using session = await Session.open({ transport: "local", shell: "bash", policy });
    for (const [command, stdin, stdout] of HARMLESS) {
      const result = await session.exec(command, { stdin });
      assert.deepEqual([result.status, result.stdout], ["exited", stdout], command);
    }
  });
});
