import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { hostKeyError, openKnownHosts } from "../../../../src/transports/ssh/known_hosts.ts";
import type { SshHost } from "../../../../src/transports/ssh/ssh_host.ts";
import { failure, makeKey, optionsIn, plainHost, run, TestDirectory } from "./ssh_files.ts";

/** A user id that owns nothing. */
const NOBODY = 65534;

/** One directory with keys for all tests of this file: making keys takes most of their time. */
const keys = new TestDirectory();
const FIRST = makeKey(keys, "first");
const SECOND = makeKey(keys, "second");
const ECDSA = makeKey(keys, "ecdsa", "ecdsa");
const RSA = makeKey(keys, "rsa", "rsa");
keys[Symbol.dispose]();

function line(names: string, key = FIRST): string {
  return `${names} ${key.type} ${key.base64}\n`;
}

async function verdictOf(
  text: string,
  host: Partial<SshHost> = {},
  key = FIRST,
): Promise<string> {
  using directory = new TestDirectory();
  const files = [directory.write("known", text)];
  const options = optionsIn(directory, { knownHosts: { files, record: false } });
  return (await openKnownHosts(options, plainHost(host))).check(key.blob).kind;
}

describe("openKnownHosts() judges", () => {
  const rows: readonly (readonly [
    what: string,
    text: string,
    verdict: string,
    host?: Partial<SshHost>,
    key?: typeof FIRST,
  ])[] = [
    ["an empty file", "", "unknown"],
    ["the known key", line("example"), "known"],
    ["a name in other case", line("EXAMPLE"), "known", { hostName: "Example" }],
    ["another key", line("example", SECOND), "changed"],
    ["a key of another type", line("example", ECDSA), "changed"],
    ["one of several keys", line("example", ECDSA) + line("example"), "known"],
    ["another host's key", line("other"), "unknown"],
    ["a port of its own", line("[example]:2222"), "known", { port: 2222 }],
    ["another key at its port", line("[example]:2222", SECOND), "changed", { port: 2222 }],
    ["the same key without the port", line("example"), "known", { port: 2222 }],
    ["another key without the port", line("example", SECOND), "unknown", { port: 2222 }],
    ["a port for the usual one", line("[example]:22"), "unknown"],
    ["an alias for its key", line("alias"), "known", { hostKeyAlias: "Alias", port: 2222 }],
    ["an alias alone", line("example"), "unknown", { hostKeyAlias: "alias" }],
    ["IPv6", line("2001:db8::1"), "known", { hostName: "2001:db8::1" }],
    ["long IPv6", line("2001:db8::1"), "known", { hostName: "2001:0DB8:0:0::0001" }],
    ["IPv6 with a port", line("[2001:db8::1]:2222"), "known", {
      hostName: "2001:db8::1",
      port: 2222,
    }],
    ["another key of long IPv6", line("2001:db8::1", SECOND), "changed", {
      hostName: "2001:db8:0::1",
    }],
    ["a revoked key", `@revoked * ${FIRST.type} ${FIRST.base64}\n${line("example")}`, "revoked"],
    ["a key revoked after it", `${line("example")}@revoked example ${line("").trim()}`, "revoked"],
    ["a key revoked without the port", `@revoked ${line("example")}`, "revoked", { port: 2222 }],
    ["another revoked key", `@revoked ${line("*", SECOND)}${line("example")}`, "known"],
    ["an authority's key as the host's", `@cert-authority ${line("example")}`, "refused"],
    ["an authority alone", `@cert-authority ${line("*", SECOND)}`, "refused"],
    ["an authority of others", `@cert-authority ${line("*.org", SECOND)}`, "unknown"],
    ["an authority and the key", `@cert-authority ${line("*", SECOND)}${line("example")}`, "known"],
    ["upstream's line", `example ${FIRST.fingerprint}\n`, "known"],
    ["upstream's line of another key", `example ${SECOND.fingerprint}\n`, "changed"],
    ["upstream's line with a port", `[example]:2222 ${FIRST.fingerprint}\n`, "known", {
      port: 2222,
    }],
  ];
  for (const [what, text, verdict, host, key] of rows) {
    it(`${what} as ${verdict}`, async () => {
      assert.equal(await verdictOf(text, host, key), verdict);
    });
  }

  it("a hashed name as known", async () => {
    using directory = new TestDirectory();
    const file = directory.write("known", line("[example]:2222"));
    run("ssh-keygen", ["-q", "-H", "-f", file]);
    assert.equal(await verdictOf(readFileSync(file, "utf8"), { port: 2222 }), "known");
    assert.equal(await verdictOf(readFileSync(file, "utf8"), { port: 2222 }, SECOND), "changed");
  });

  it("a malformed key and a certificate as refused, even for an unknown host", async () => {
    const certificate = new TextEncoder().encode("ssh-ed25519-cert-v01@openssh.com");
    const blob = Uint8Array.from([0, 0, 0, certificate.length, ...certificate, 0]);
    assert.equal(await verdictOf("", {}, { ...FIRST, blob }), "refused");
    assert.equal(await verdictOf("", {}, { ...FIRST, blob: blob.subarray(0, 9) }), "refused");
  });

  it("by a pinned fingerprint alone, without reading a file", async () => {
    using directory = new TestDirectory();
    const files = [directory.write("known", line("example", SECOND), 0o600)];
    mkdirSync(directory.at("unreadable"));
    const options = optionsIn(directory, {
      fingerprint: FIRST.fingerprint,
      knownHosts: { files: [...files, directory.at("unreadable")] },
    });
    const lookup = await openKnownHosts(options, plainHost());
    assert.equal(lookup.check(FIRST.blob).kind, "known");
    assert.equal(lookup.check(SECOND.blob).kind, "pinned_mismatch");
    assert.equal(lookup.mayRecord, false);
    await assert.rejects(lookup.record(SECOND.blob), failure("host_key_unknown", /example/));
  });

  it("nothing when any key is to be accepted", async () => {
    using directory = new TestDirectory();
    const files = [directory.write("known", line("example", SECOND))];
    const options = optionsIn(directory, {
      insecureAcceptAnyHostKey: true,
      knownHosts: { files, record: directory.at("record") },
    });
    const lookup = await openKnownHosts(options, plainHost());
    assert.equal(lookup.check(FIRST.blob).kind, "known");
    assert.equal(lookup.mayRecord, false);
  });
});

describe("openKnownHosts()", () => {
  it("asks for the types that are known first, RSA with SHA-2", async () => {
    using directory = new TestDirectory();
    const text = line("example", RSA) + line("example", ECDSA) + line("other");
    const files = [directory.write("known", text)];
    const options = optionsIn(directory, { knownHosts: { files, record: false } });
    const types = async (host: Partial<SshHost>) =>
      (await openKnownHosts(options, plainHost(host))).wantedKeyTypes;
    const wanted = ["rsa-sha2-512", "rsa-sha2-256", "ecdsa-sha2-nistp256"];
    assert.deepEqual(await types({}), wanted);
    assert.deepEqual(await types({ port: 2222 }), wanted);
    assert.deepEqual(await types({ hostName: "new" }), []);
  });

  it("looks in the file that is recorded in besides the named ones", async () => {
    using directory = new TestDirectory();
    const record = directory.write("record", line("example", SECOND));
    const options = optionsIn(directory, { knownHosts: { files: [], record } });
    const lookup = await openKnownHosts(options, plainHost());
    assert.equal(lookup.check(FIRST.blob).kind, "changed");
  });

  it("looks where the client configuration says, unless files are named", async () => {
    using directory = new TestDirectory();
    const configured = directory.write("configured", line("example"));
    const host = plainHost({ userKnownHostsFiles: [configured], globalKnownHostsFiles: [] });
    const own = optionsIn(directory, { knownHosts: { record: false } });
    assert.equal((await openKnownHosts(own, host)).check(FIRST.blob).kind, "known");
    const named = optionsIn(directory, { knownHosts: { files: [], record: false } });
    assert.equal((await openKnownHosts(named, host)).check(FIRST.blob).kind, "unknown");
  });

  const broken: readonly (readonly [
    what: string,
    make: (directory: TestDirectory) => string,
    message: RegExp,
  ])[] = [
    ["a directory", (directory) => {
      mkdirSync(directory.at("known"));
      return directory.at("known");
    }, /not a regular file/],
    ["a named pipe", (directory) => {
      run("mkfifo", [directory.at("known")]);
      return directory.at("known");
    }, /not a regular file/],
    ["bytes that are no text", (directory) => {
      return directory.write("known", Uint8Array.from([0x61, 0xff, 0xfe]));
    }, /not UTF-8/],
    ["text in UTF-16", (directory) => {
      return directory.write("known", new Uint8Array(new Uint16Array([0x61, 0x62]).buffer));
    }, /not text/],
    ["more than 16 MiB", (directory) => {
      return directory.write("known", new Uint8Array(16 * 1024 * 1024 + 1).fill(0x23));
    }, /more than/],
    ["a broken revocation", (directory) => {
      return directory.write("known", `${line("example")}@revoked * ssh-ed25519 AAA\n`);
    }, /line 2/],
    ["a link in circles", (directory) => {
      symlinkSync(directory.at("known"), directory.at("known"));
      return directory.at("known");
    }, /known hosts/],
  ];
  for (const [what, make, message] of broken) {
    it(`fails closed for ${what}`, async () => {
      using directory = new TestDirectory();
      const options = optionsIn(directory, {
        knownHosts: { files: [make(directory)], record: false },
      });
      await assert.rejects(
        openKnownHosts(options, plainHost()),
        failure("host_key_refused", message),
      );
    });
  }

  it("fails closed for a file that may not be read", async () => {
    using directory = new TestDirectory();
    const files = [directory.write("known", line("example"), 0)];
    const options = optionsIn(directory, { knownHosts: { files, record: false } });
    chmodSync(directory.path, 0o755);
    // Root may read every file, so that the look is somebody else's.
    const user = process.geteuid?.();
    if (user === 0) process.seteuid?.(NOBODY);
    try {
      await assert.rejects(
        openKnownHosts(options, plainHost()),
        failure("host_key_refused", /may not/),
      );
    } finally {
      if (user === 0) process.seteuid?.(user);
    }
  });

  it("fails closed when others can write what is recorded in", async () => {
    using directory = new TestDirectory();
    const record = directory.write("record", line("example"), 0o620);
    const options = optionsIn(directory, { knownHosts: { files: [], record } });
    await assert.rejects(
      openKnownHosts(options, plainHost()),
      failure("host_key_refused", /chmod/),
    );
    chmodSync(record, 0o600);
    await openKnownHosts(options, plainHost());
    chmodSync(directory.path, 0o777);
    await assert.rejects(
      openKnownHosts(options, plainHost()),
      failure("host_key_refused", /chmod/),
    );
  });
});

describe("hostKeyError()", () => {
  it("names the host, both fingerprints, and where the old one stands", async () => {
    using directory = new TestDirectory();
    const files = [directory.write("known", `# first\n${line("[example]:2222", SECOND)}`)];
    const options = optionsIn(directory, { knownHosts: { files, record: false } });
    const host = plainHost({ port: 2222 });
    const lookup = await openKnownHosts(options, host);
    const { code, message } = hostKeyError(lookup.check(FIRST.blob), FIRST.blob, host);
    assert.equal(code, "host_key_changed");
    for (const part of ["[example]:2222", FIRST.fingerprint, SECOND.fingerprint, `${files[0]}:2`]) {
      assert.ok(message.includes(part), `${message} lacks ${part}`);
    }
  });

  it("says why an authority does not help", () => {
    const error = hostKeyError({ kind: "refused", reason: "authority" }, FIRST.blob, plainHost());
    assert.equal(error.code, "host_key_refused");
    assert.match(error.message, /authority.*cannot be verified/);
  });

  it("has both fingerprints of a pin that does not fit", async () => {
    using directory = new TestDirectory();
    const options = optionsIn(directory, { fingerprint: SECOND.fingerprint });
    const lookup = await openKnownHosts(options, plainHost());
    const error = hostKeyError(lookup.check(FIRST.blob), FIRST.blob, plainHost());
    assert.equal(error.code, "host_key_changed");
    assert.ok(error.message.includes(FIRST.fingerprint));
    assert.ok(error.message.includes(SECOND.fingerprint));
  });
});
