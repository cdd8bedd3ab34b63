import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  fingerprintOf,
  hostKeyAlgorithmsOf,
  isCertificateType,
  keyTypeOf,
} from "../../../../src/transports/ssh/host_key.ts";
import { matchesPattern } from "../../../../src/transports/ssh/host_patterns.ts";
import {
  formatKnownHostsLine,
  hashName,
  namesInclude,
  parseKnownHosts,
} from "../../../../src/transports/ssh/known_hosts_file.ts";
import { Random } from "../../../support/random.ts";
import { failure, makeKey, run, TestDirectory, type TestKey } from "./ssh_files.ts";

const NAMES = [
  "one.example",
  "two.example",
  "[one.example]:2222",
  "192.0.2.1",
  "2001:db8::1",
  "[2001:db8::1]:2222",
  "web1",
  "web12",
] as const;

/** The lines of a file that ssh-keygen finds a name in. */
function foundBySshKeygen(file: string, name: string): readonly number[] {
  const done = spawnSync("ssh-keygen", ["-F", name, "-f", file], { encoding: "utf8" });
  return [...done.stdout.matchAll(/found: line (\d+)/g)].map((match) => Number(match[1]));
}

function foundHere(file: string, name: string): readonly number[] {
  return parseKnownHosts(readFileSync(file, "utf8")).lines
    .filter(({ names }) => namesInclude(names, name))
    .map(({ number }) => number);
}

function withKey(names: readonly string[], key: TestKey): string {
  return names.map((name) => `${name} ${key.type} ${key.base64}\n`).join("");
}

describe("fingerprintOf() and keyTypeOf()", () => {
  it("say what ssh-keygen says of every type of key", () => {
    using directory = new TestDirectory();
    for (const kind of ["ed25519", "ecdsa", "rsa"]) {
      const key = makeKey(directory, kind, kind);
      assert.equal(fingerprintOf(key.blob), key.fingerprint);
      assert.equal(keyTypeOf(key.blob), key.type);
    }
  });

  it("refuse keys whose lengths lie", () => {
    for (
      const bytes of [
        [],
        [0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 4, 97],
        [255, 255, 255, 255, 97, 97],
        [0, 0, 0, 3, 97, 32, 97, 1],
        [0, 0, 0, 2, 97, 97],
      ]
    ) {
      assert.throws(
        () => keyTypeOf(Uint8Array.from(bytes)),
        failure("host_key_refused", /malformed/),
      );
    }
  });

  it("read a key that is a part of a larger buffer", () => {
    using directory = new TestDirectory();
    const { blob, type } = makeKey(directory, "k");
    const larger = Uint8Array.from([9, 9, 9, ...blob]);
    assert.equal(keyTypeOf(larger.subarray(3)), type);
  });

  it("ask for SHA-2 signatures of RSA keys only", () => {
    assert.deepEqual(hostKeyAlgorithmsOf("ssh-rsa"), ["rsa-sha2-512", "rsa-sha2-256"]);
    assert.deepEqual(hostKeyAlgorithmsOf("ssh-ed25519"), ["ssh-ed25519"]);
    assert.ok(isCertificateType("ssh-ed25519-cert-v01@openssh.com"));
    assert.ok(!isCertificateType("ssh-ed25519"));
  });
});

describe("namesInclude() finds the lines that ssh-keygen -F finds", () => {
  it("in plain lists, with wildcards and negation", () => {
    using directory = new TestDirectory();
    const key = makeKey(directory, "k");
    const file = directory.write(
      "known",
      withKey([
        "one.example",
        "One.Example,two.example",
        "*.example",
        "*.example,!two.example",
        "!one.example",
        "web?",
        "[one.example]:2222",
        "[*]:2222",
        "192.0.2.*",
        "2001:db8::1,[2001:db8::1]:2222",
        "*",
      ], key),
    );
    for (const name of NAMES) {
      assert.deepEqual(foundHere(file, name), foundBySshKeygen(file, name), name);
    }
  });

  it("in files that ssh-keygen -H has hashed", () => {
    using directory = new TestDirectory();
    const key = makeKey(directory, "k");
    const file = directory.write("known", withKey(NAMES, key));
    run("ssh-keygen", ["-q", "-H", "-f", file]);
    assert.match(readFileSync(file, "utf8"), /^\|1\|/);
    NAMES.forEach((name, index) => {
      assert.deepEqual(foundHere(file, name), [index + 1]);
      assert.deepEqual(foundBySshKeygen(file, name), [index + 1]);
    });
  });

  it("in lines that execkit writes, hashed or not", () => {
    using directory = new TestDirectory();
    const { type, blob, base64 } = makeKey(directory, "k");
    const salt = Uint8Array.from({ length: 20 }, (_, index) => index * 7);
    const lines = NAMES.flatMap((name) => [
      formatKnownHostsLine(name, type, blob),
      formatKnownHostsLine(hashName(name, salt), type, blob),
    ]);
    assert.ok(lines.every((line) => line.endsWith(base64)));
    const file = directory.write("known", `${lines.join("\n")}\n`);
    NAMES.forEach((name, index) => {
      assert.deepEqual(foundBySshKeygen(file, name), [index * 2 + 1, index * 2 + 2], name);
    });
  });

  it("in random patterns", () => {
    using directory = new TestDirectory();
    const key = makeKey(directory, "k");
    const random = new Random(20_260_711);
    const piece = () => random.pick(["a", "b", "ab", "*", "?", "**", ".", "a*b"] as const);
    const patterns = Array.from({ length: 200 }, () => {
      const parts = Array.from({ length: 1 + random.below(4) }, piece).join("");
      return random.below(5) === 0 ? `a*,!${parts}` : parts;
    });
    const file = directory.write("known", withKey(patterns, key));
    for (const name of ["a", "ab", "abab", "a.b", "b.ab", "aab", "x"]) {
      assert.deepEqual(foundHere(file, name), foundBySshKeygen(file, name), name);
    }
  });
});

describe("matchesPattern()", () => {
  it("answers at once for patterns that make others go back and forth", () => {
    assert.equal(matchesPattern("*a".repeat(2000), "a".repeat(4000) + "b"), false);
    assert.equal(matchesPattern("*a".repeat(2000), "a".repeat(4000)), true);
  });
});

describe("parseKnownHosts()", () => {
  it("reads markers, comments, line ends of Windows and broken lines as OpenSSH does", () => {
    using directory = new TestDirectory();
    const { type, base64, fingerprint } = makeKey(directory, "k");
    const text = [
      "# comment",
      "",
      `  a ${type} ${base64} a comment\r`,
      `\tb\t${type}\t${base64}`,
      `@cert-authority *.example ${type} ${base64}`,
      `@revoked * ${type} ${base64}`,
      `@unknown c ${type} ${base64}`,
      `d ${type}`,
      `d ${type} ${base64.slice(0, 40)}`,
      `d ssh-rsa ${base64}`,
      `d ${type} not*base64`,
      "d",
      `e ${type} ${base64}`,
    ].join("\n");
    const { lines, brokenRevocation } = parseKnownHosts(text);
    assert.deepEqual(lines.map(({ number, marker, names }) => [number, marker, names]), [
      [3, "host", "a"],
      [4, "host", "b"],
      [5, "authority", "*.example"],
      [6, "revoked", "*"],
      [13, "host", "e"],
    ]);
    assert.ok(lines.every((line) => line.fingerprint === fingerprint));
    assert.equal(brokenRevocation, undefined);
  });

  it("reads upstream's own lines", () => {
    const pin = `SHA256:${"A".repeat(43)}`;
    const { lines } = parseKnownHosts(`h ${pin}\n[h]:2222 ${pin}=\nx SHA256:short\n`);
    assert.deepEqual(
      lines.map(({ names, fingerprint, keyType }) => [names, fingerprint, keyType]),
      [
        ["h", pin, undefined],
        ["[h]:2222", pin, undefined],
      ],
    );
  });

  it("tells of a revocation that cannot be read", () => {
    for (
      const line of ["@revoked", "@revoked *", "@revoked * ssh-rsa", "@Revoked * ssh-rsa AAAA"]
    ) {
      assert.equal(parseKnownHosts(`# first\n${line}\n`).brokenRevocation, 2, line);
    }
  });
});
