import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { describe, it } from "node:test";
import { openKnownHosts } from "../../../../src/transports/ssh/known_hosts.ts";
import type { SshHost } from "../../../../src/transports/ssh/ssh_host.ts";
import type { SshOptions } from "../../../../src/transports/ssh/ssh_options.ts";
import { failure, makeKey, optionsIn, plainHost, run, TestDirectory } from "./ssh_files.ts";

/** One directory with keys for all tests of this file: making keys takes most of their time. */
const keys = new TestDirectory();
const FIRST = makeKey(keys, "first");
const SECOND = makeKey(keys, "second");
keys[Symbol.dispose]();

function line(names: string, key = FIRST): string {
  return `${names} ${key.type} ${key.base64}\n`;
}

describe("record()", () => {
  async function lookupIn(
    directory: TestDirectory,
    host: Partial<SshHost> = {},
    more: Partial<SshOptions> = {},
  ) {
    return await openKnownHosts(optionsIn(directory, more), plainHost(host));
  }

  it("makes directory and file for this user only, in a form that ssh-keygen reads", async () => {
    using directory = new TestDirectory();
    const path = directory.at("record/known_hosts");
    for (const host of [{ port: 2222 }, { hostName: "2001:db8::1", port: 2222 }, {}]) {
      const lookup = await lookupIn(directory, host);
      assert.equal(lookup.check(FIRST.blob).kind, "unknown");
      await lookup.record(FIRST.blob);
    }
    assert.equal(statSync(directory.at("record")).mode & 0o777, 0o700);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    for (const name of ["example", "[example]:2222", "[2001:db8::1]:2222"]) {
      assert.ok(run("ssh-keygen", ["-l", "-F", name, "-f", path]).includes(FIRST.fingerprint));
    }
    assert.equal((await lookupIn(directory)).check(FIRST.blob).kind, "known");
    assert.equal((await lookupIn(directory)).check(SECOND.blob).kind, "changed");
    assert.deepEqual(readdirSync(directory.at("record")), ["known_hosts"]);
  });

  it("hashes names where the configuration asks for it", async () => {
    using directory = new TestDirectory();
    await (await lookupIn(directory, { hashKnownHosts: true })).record(FIRST.blob);
    const path = directory.at("record/known_hosts");
    assert.match(readFileSync(path, "utf8"), /^\|1\|/);
    assert.ok(run("ssh-keygen", ["-F", "example", "-f", path]).includes("found: line 1"));
  });

  it("writes a key once", async () => {
    using directory = new TestDirectory();
    const lookups = [await lookupIn(directory), await lookupIn(directory)];
    for (const lookup of lookups) await lookup.record(FIRST.blob);
    assert.equal(readFileSync(directory.at("record/known_hosts"), "utf8"), line("example"));
  });

  it("keeps what was there, and a torn line apart", async () => {
    using directory = new TestDirectory();
    const torn = `other ${FIRST.type} AAAA`;
    const path = directory.write("record/known_hosts", `# mine\n${torn}`);
    await (await lookupIn(directory)).record(FIRST.blob);
    assert.equal(readFileSync(path, "utf8"), `# mine\n${torn}\n${line("example")}`);
  });

  it("lets only one of two keys in when many connections are the first", async () => {
    using directory = new TestDirectory();
    const lookups = await Promise.all(Array.from({ length: 8 }, () => lookupIn(directory)));
    const outcomes = await Promise.allSettled(
      lookups.map((lookup, index) => lookup.record((index % 2 === 0 ? FIRST : SECOND).blob)),
    );
    const text = readFileSync(directory.at("record/known_hosts"), "utf8");
    const winner = text === line("example", FIRST) ? 0 : 1;
    assert.equal(text, line("example", winner === 0 ? FIRST : SECOND));
    outcomes.forEach((outcome, index) => {
      assert.equal(outcome.status, index % 2 === winner ? "fulfilled" : "rejected");
      if (outcome.status === "rejected") {
        failure("host_key_changed", /SHA256:.*SHA256:/)(outcome.reason);
      }
    });
  });

  it("waits for another process, and sees the key that it wrote meanwhile", async () => {
    using directory = new TestDirectory();
    const path = directory.write("record/known_hosts", "");
    const lookup = await lookupIn(directory);
    const script = 'set -C; echo other >"$1.lock"; echo; read go; ' +
      'printf "%s\\n" "$2" >>"$1"; rm "$1.lock"';
    const known = line("example", SECOND).trim();
    const other = spawn("sh", ["-c", script, "sh", path, known], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const ended = once(other, "exit");
    await once(other.stdout, "data");
    const recorded = lookup.record(FIRST.blob);
    const refusal = assert.rejects(recorded, failure("host_key_changed", /another one is known/));
    other.stdin.end("go\n");
    await Promise.all([refusal, ended]);
    assert.equal(readFileSync(path, "utf8"), `${known}\n`);
  });

  it("is not disturbed by another process that appends meanwhile", async () => {
    using directory = new TestDirectory();
    const path = directory.write("record/known_hosts", line("first.example"));
    // Half of it is written before the second look, however fast the other one is.
    const script = 'n=0; while [ $n -lt 20000 ]; do echo "h$n $2"; n=$((n+1)); ' +
      '[ $n != 10000 ] || read go; done >>"$1"; exit 0';
    const key = `${FIRST.type} ${FIRST.base64}`;
    const other = spawn("sh", ["-c", script, "sh", path, key], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    const ended = once(other, "exit").then(() => true);
    let looks = 0;
    do {
      const lookup = await lookupIn(directory, { hostName: "first.example" });
      assert.equal(lookup.check(FIRST.blob).kind, "known");
      looks += 1;
      if (looks === 2) other.stdin.end("go\n");
    } while (!(await Promise.race([ended, Promise.resolve(false)])));
    assert.ok(looks > 1);
    const last = await lookupIn(directory, { hostName: "h19999" });
    assert.equal(last.check(FIRST.blob).kind, "known");
  });

  it("takes over the lock of a process that died", async () => {
    using directory = new TestDirectory();
    const lock = directory.write("record/known_hosts.lock", "dead");
    const longAgo = new Date(Date.now() - 120_000);
    utimesSync(lock, longAgo, longAgo);
    await (await lookupIn(directory)).record(FIRST.blob);
    assert.equal(existsSync(lock), false);
  });

  it("refuses to write where others can", async () => {
    using directory = new TestDirectory();
    mkdirSync(directory.at("record"));
    chmodSync(directory.at("record"), 0o777);
    const lookup = await lookupIn(directory);
    await assert.rejects(lookup.record(FIRST.blob), failure("host_key_refused", /others/));
    assert.deepEqual(readdirSync(directory.at("record")), []);
  });

  it("refuses when the directory cannot be made", async () => {
    using directory = new TestDirectory();
    writeFileSync(directory.at("record"), "a file");
    await assert.rejects(
      async () => await (await lookupIn(directory)).record(FIRST.blob),
      failure("host_key_refused", /known/),
    );
  });

  it("is refused where recording is off", async () => {
    using directory = new TestDirectory();
    for (
      const lookup of [
        await lookupIn(directory, {}, { knownHosts: { files: [], record: false } }),
        await lookupIn(directory, { strictHostKeys: true }),
      ]
    ) {
      assert.equal(lookup.mayRecord, false);
      await assert.rejects(lookup.record(FIRST.blob), failure("host_key_unknown", /SHA256:/));
    }
    assert.equal(existsSync(directory.at("record")), false);
  });

  it("never writes over a changed or revoked key", async () => {
    using directory = new TestDirectory();
    const text = `${line("example", SECOND)}@revoked ${line("r.example")}`;
    const path = directory.write("record/known_hosts", text);
    await assert.rejects(
      (await lookupIn(directory)).record(FIRST.blob),
      failure("host_key_changed", /another one/),
    );
    await assert.rejects(
      (await lookupIn(directory, { hostName: "r.example" })).record(FIRST.blob),
      failure("host_key_refused", /revoked/),
    );
    assert.equal(readFileSync(path, "utf8"), text);
  });
});
