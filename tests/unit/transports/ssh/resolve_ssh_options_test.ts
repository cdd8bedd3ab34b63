import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  resolveSshOptions,
  SSH_OPTION_KEYS,
} from "../../../../src/transports/ssh/resolve_ssh_options.ts";
import type { SshOptions } from "../../../../src/transports/ssh/ssh_options.ts";
import { failure } from "./ssh_files.ts";

const PIN = `SHA256:${"A".repeat(43)}`;

/** Options of any type, as a caller without a type checker gives them. */
function given(options: object): SshOptions {
  return { host: "example", ...options };
}

describe("resolveSshOptions()", () => {
  it("fills in every default", () => {
    const resolved = resolveSshOptions({ host: "example" });
    const home = homedir();
    assert.deepEqual(resolved, {
      host: "example",
      keyDirectory: join(home, ".ssh"),
      configFile: join(home, ".ssh", "config"),
      knownHosts: { record: join(home, ".execkit", "known_hosts"), judgePinned: false },
      insecureAcceptAnyHostKey: false,
      connectTimeoutMs: 15_000,
      keepaliveIntervalMs: 5_000,
      given: new Set(["host"]),
    });
  });

  it("makes every path absolute", () => {
    const resolved = resolveSshOptions({
      host: "example",
      keyDirectory: "/srv/keys/",
      keyPath: "team/id",
      configFile: "~/ssh_config",
      agent: "~/agent.sock",
      knownHosts: { files: ["~/known", "/etc/../etc/known"], record: "~/new" },
    });
    assert.equal(resolved.keyDirectory, "/srv/keys");
    assert.equal(resolved.keyPath, "/srv/keys/team/id");
    assert.equal(resolved.configFile, join(homedir(), "ssh_config"));
    assert.equal(resolved.agent, join(homedir(), "agent.sock"));
    assert.deepEqual(resolved.knownHosts, {
      files: [join(homedir(), "known"), "/etc/known"],
      record: join(homedir(), "new"),
      judgePinned: false,
    });
  });

  it("keeps switched-off options apart from options that were left out", () => {
    const resolved = resolveSshOptions({
      host: "example",
      agent: false,
      configFile: false,
      jump: [],
      knownHosts: { record: false },
    });
    assert.equal(resolved.agent, false);
    assert.equal(resolved.configFile, false);
    assert.deepEqual(resolved.jump, []);
    assert.equal(resolved.knownHosts.record, false);
    assert.ok(resolved.given.has("jump"));
  });

  it("records nothing by itself when a fingerprint is pinned", () => {
    assert.equal(resolveSshOptions(given({ fingerprint: PIN })).knownHosts.record, false);
    const judged = resolveSshOptions(
      given({ fingerprint: PIN, knownHosts: { judgePinned: true } }),
    );
    assert.equal(judged.knownHosts.record, join(homedir(), ".execkit", "known_hosts"));
  });

  it("takes hosts as people write them", () => {
    for (
      const [written, host] of [
        ["web-1.example.com", "web-1.example.com"],
        ["my_alias", "my_alias"],
        ["192.0.2.7", "192.0.2.7"],
        ["2001:db8::7", "2001:db8::7"],
        ["[2001:db8::7]", "2001:db8::7"],
        ["fe80::1%eth0", "fe80::1%eth0"],
      ] as const
    ) {
      assert.equal(resolveSshOptions({ host: written }).host, host);
    }
  });

  it("takes jumps as ssh(1) does", () => {
    const { jump } = resolveSshOptions({
      host: "example",
      jump: ["a", "me@b:2222", "me@[2001:db8::1]:22", "ssh://me@c:23/", "you@dom@d", "::1"],
    });
    assert.deepEqual(jump, [
      { host: "a" },
      { host: "b", port: 2222, user: "me" },
      { host: "2001:db8::1", port: 22, user: "me" },
      { host: "c", port: 23, user: "me" },
      { host: "d", user: "you@dom" },
      { host: "::1" },
    ]);
  });

  const refusals: readonly (readonly [options: object, message: RegExp])[] = [
    [{ hots: "x" }, /unknown key in position 2/],
    [{ host: "" }, /'host'/],
    [{ host: 7 }, /'host'/],
    [{ host: "-oProxyCommand=x" }, /'host'/],
    [{ host: "a b" }, /'host'/],
    [{ host: "a\nb" }, /'host'/],
    [{ host: "me@a" }, /'host'.*Give the user as 'user'/],
    [{ host: "a:22" }, /'host'/],
    [{ host: "[a]" }, /'host'/],
    [{ host: "a".repeat(256) }, /'host'/],
    [{ port: 0 }, /'port'/],
    [{ port: 65_536 }, /'port'/],
    [{ port: 22.5 }, /'port'/],
    [{ port: "22" }, /'port'/],
    [{ user: "" }, /'user'/],
    [{ user: "-l" }, /'user'/],
    [{ user: "a b" }, /'user'/],
    [{ user: "a$(id)" }, /'user'/],
    [{ user: "a\u0007" }, /'user'/],
    [{ user: "a\\" }, /'user'/],
    [{ keyPath: "" }, /'keyPath' must not be empty/],
    [{ keyPath: "../id" }, /'keyPath' must not contain '..'/],
    [{ keyPath: "/keys/../id" }, /'keyPath' must not contain '..'/],
    [{ keyPath: "a\0b" }, /'keyPath'.*NUL/],
    [{ keyDirectory: "~other/keys" }, /'keyDirectory'.*user's name/],
    [{ keyDirectory: 1 }, /'keyDirectory'/],
    [{ passphrase: 1 }, /'passphrase'/],
    [{ password: "x".repeat(5000) }, /'password'/],
    [{ answerPrompts: "yes" }, /'answerPrompts'/],
    [{ agent: true }, /'agent'/],
    [{ configFile: true }, /'configFile'/],
    [{ jump: "a" }, /'jump'/],
    [{ jump: ["a", "b:x"] }, /'jump'.*position 2/],
    [{ jump: ["2001:db8::1:2222x"] }, /'jump'.*position 1/],
    [{ jump: ["-oX@b"] }, /'jump'/],
    [{ jump: ["ssh://me%40x@b"] }, /'jump'/],
    [{ jump: ["ssh://b/path"] }, /'jump'/],
    [{ jump: Array.from({ length: 9 }, () => "a") }, /'jump'.*at most 8/],
    [{ fingerprint: `MD5:${"00:".repeat(15)}00` }, /'fingerprint'.*MD5/],
    [{ fingerprint: "A".repeat(43) }, /'fingerprint'/],
    [{ fingerprint: `SHA256:${"A".repeat(42)}` }, /'fingerprint'/],
    [{ fingerprint: `${PIN}=` }, /'fingerprint'/],
    [{ fingerprint: `SHA256:${"A".repeat(42)}B` }, /'fingerprint'/],
    [{ fingerprint: PIN, insecureAcceptAnyHostKey: true }, /'fingerprint' cannot go with/],
    [{ knownHosts: [] }, /'knownHosts' must be an object/],
    [{ knownHosts: { file: "x" } }, /'knownHosts' must not have the unknown key in position 1/],
    [{ knownHosts: { files: "x" } }, /'knownHosts.files'/],
    [{ knownHosts: { record: true } }, /'knownHosts.record'/],
    [{ insecureAcceptAnyHostKey: 1 }, /'insecureAcceptAnyHostKey'/],
    [{ connectTimeoutMs: 0 }, /'connectTimeoutMs'/],
    [{ connectTimeoutMs: NaN }, /'connectTimeoutMs'/],
    [{ keepaliveIntervalMs: 10 }, /'keepaliveIntervalMs'/],
    [{ keepaliveIntervalMs: Infinity }, /'keepaliveIntervalMs'/],
  ];
  for (const [options, message] of refusals) {
    it(`refuses ${JSON.stringify(options).slice(0, 60)}`, () => {
      assert.throws(() => resolveSshOptions(given(options)), failure("invalid_argument", message));
    });
  }

  it("repeats nothing that the caller gave", () => {
    const value = "zq-no-echo zq";
    for (const key of SSH_OPTION_KEYS) {
      for (const wrong of [value, { [value]: value }, [value]]) {
        try {
          resolveSshOptions(given({ [key]: wrong }));
        } catch (error) {
          assert.ok(error instanceof Error);
          assert.doesNotMatch(error.message, /zq/, `${key} is repeated`);
        }
      }
    }
  });
});
