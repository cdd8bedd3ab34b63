import assert from "node:assert/strict";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { describe, it } from "node:test";
import { resolveHost, type SshHost } from "../../../../src/transports/ssh/ssh_config.ts";
import type { SshOptions } from "../../../../src/transports/ssh/ssh_options.ts";
import { failure, optionsIn, run, TestDirectory } from "./ssh_files.ts";

/** What both readers are compared by. */
interface Shared {
  readonly hostname: string | undefined;
  readonly user: string | undefined;
  readonly port: string | undefined;
  readonly identityfile: readonly string[];
  readonly identitiesonly: string | undefined;
  readonly proxyjump: string | undefined;
  readonly hostkeyalias: string | undefined;
  readonly userknownhostsfile: string | undefined;
}

/** What ssh(1) itself makes of a configuration. */
function asOpenSsh(file: string, alias: string, args: readonly string[]): Shared {
  const values = new Map<string, string[]>();
  for (const line of run("ssh", ["-G", "-F", file, ...args, alias]).split("\n")) {
    const space = line.indexOf(" ");
    const key = line.slice(0, space);
    values.set(key, [...values.get(key) ?? [], line.slice(space + 1)]);
  }
  const first = (key: string) => values.get(key)?.[0];
  return {
    hostname: first("hostname"),
    user: first("user"),
    port: first("port"),
    identityfile: (values.get("identityfile") ?? []).filter((path) => path.startsWith("/")),
    identitiesonly: first("identitiesonly"),
    proxyjump: first("proxyjump"),
    hostkeyalias: first("hostkeyalias"),
    userknownhostsfile: first("userknownhostsfile"),
  };
}

function asShared(host: SshHost): Shared {
  const jumps = host.jump.map(({ host, port, user }) =>
    `${user === undefined ? "" : `${user}@`}${host.includes(":") ? `[${host}]` : host}${
      port === undefined ? "" : `:${port}`
    }`
  );
  return {
    hostname: host.hostName,
    user: host.user,
    port: String(host.port),
    identityfile: host.identityFiles,
    identitiesonly: host.identitiesOnly ? "yes" : "no",
    proxyjump: jumps.length === 0 ? undefined : jumps.join(","),
    hostkeyalias: host.hostKeyAlias,
    userknownhostsfile: host.userKnownHostsFiles?.join(" "),
  };
}

async function resolve(
  directory: TestDirectory,
  alias: string,
  more: Partial<SshOptions> = {},
): Promise<SshHost> {
  const { user: _user, ...options } = optionsIn(directory, {
    configFile: directory.at("config"),
    ...more,
  });
  return await resolveHost(
    more.user === undefined ? options : { ...options, user: more.user },
    alias,
  );
}

/** Configurations, and the hosts that are looked up in each. `@` stands for the directory. */
const CONFIGURATIONS: readonly (readonly [config: string, aliases: readonly string[]])[] = [
  ["", ["plain", "UPPER", "192.0.2.1", "2001:db8::1"]],
  ["Host a\n  HostName one.example\n  HostName two.example\nHost *\n  User u\n", ["a", "b"]],
  ["User first\nHost a\n User second\n Port 2222\n", ["a", "b"]],
  ["Host *.example !db.example web?\n  User star\n  Port 2201\n", [
    "x.example",
    "db.example",
    "web1",
    "web",
    "web12",
  ]],
  ["Host !a *\n User notA\n", ["a", "b"]],
  ["Host !a\n User never\n", ["a", "b"]],
  ["host=a\nhostname = eq.example\n\tPORT\t=\t2022\n", ["a"]],
  ['Host "a" b\n User "quoted"\n HostName "q.example" # comment\n', ["a", "b"]],
  ["Host A\n User upper\nHost a\n User lower\n", ["a", "A"]],
  ["Host a b # c\n User u # not this\n", ["a", "b", "c"]],
  ["# comment\n\n   \nHost a\r\n  User crlf\r\n", ["a"]],
  ["Host a\n HostName %h.example\nHost b\n HostName %%h\n", ["a"]],
  ["Match host one.example\n User m\nHost a\n HostName one.example\n", ["a", "one.example"]],
  ["Host a\n HostName one.example\nMatch host one.example\n User m\n", ["a", "one.example"]],
  ["Host a\n HostName one.example\nMatch originalhost a host *.example\n User m\n", ["a", "b"]],
  ["Match originalhost a,b\n Port 1\nMatch originalhost *,!b\n Port 2\n", ["a", "b", "c"]],
  ["Host a\n User admin\nMatch user admin\n Port 99\n", ["a", "b"]],
  ["Match !user root host a\n Port 98\n", ["a", "b"]],
  ["Match localuser root,nobody\n Port 97\n", ["a"]],
  ["Match host exec\n Port 93\n", ["a", "exec"]],
  ["Match all\n User everyone\nHost a\n Port 96\n", ["a", "b"]],
  ["Host a\n HostName F.Example\nMatch final host f.example\n User fin\n Port 95\n", ["a", "b"]],
  ["Host f.example\n Port 94\nHost a\n HostName f.example\nMatch final all\n User fin\n", [
    "a",
    "b",
  ]],
  ["Match canonical\n User canon\n", ["a"]],
  ["Match canonical\n User canon\nMatch final\n Port 12\n", ["a"]],
  ["Include @/one\nUser outer\n", ["a", "b"]],
  ["Host a\n Include @/conf.d/*.conf\n User outer\nHost b\n Include @/conf.d/2*\n", [
    "a",
    "b",
    "c",
  ]],
  ["Include @/missing @/conf.d/1*.conf\n", ["a", "inner"]],
  ["Host a\nInclude @/inner\nPort 2\n", ["a", "b", "inner"]],
  ["Host a\n IdentityFile @/k1\n IdentityFile @/k2\nHost *\n IdentityFile @/k1\n", ["a", "b"]],
  ["IdentityFile none\n", ["a"]],
  ["Host a\n IdentitiesOnly yes\nHost *\n IdentitiesOnly no\n", ["a", "b"]],
  ["Host a\n ProxyJump j1,me@j2:2222\nHost b\n ProxyJump none\nHost *\n ProxyJump def\n", [
    "a",
    "b",
    "c",
  ]],
  ["Host a\n ProxyCommand none\nHost *\n ProxyJump def\n", ["a", "b"]],
  ["Host a\n ProxyJump j\nHost *\n ProxyCommand nc x\n", ["a"]],
  ["HostKeyAlias Known\nUserKnownHostsFile @/k1 @/k2\n", ["a"]],
  ["IgnoreUnknown Use*,Foo\nUseSomething yes\nFoo bar\nUser u\n", ["a"]],
  ['Host a\n LocalCommand echo "it\'s" # x\n SetEnv X="a b"\n RemoteForward 1 a:2\n User u\n', [
    "a",
  ]],
];

function writeConfigurations(directory: TestDirectory, config: string): void {
  directory.write("config", config.replaceAll("@/", `${directory.path}/`));
  directory.write("one", "User one\nHost a\n Port 11\n");
  directory.write("inner", "User u1\nHost inner\n User u2\nHost a\n HostName inner.example\n");
  directory.write("conf.d/1.conf", "Host inner\n User d1\nHost *\n Port 21\n");
  directory.write("conf.d/2.conf", "User d2\n");
  directory.write("conf.d/.hidden.conf", "User hidden\n");
}

describe("resolveHost() agrees with ssh -G on", () => {
  for (const [config, aliases] of CONFIGURATIONS) {
    it(JSON.stringify(config), async () => {
      using directory = new TestDirectory();
      writeConfigurations(directory, config);
      for (const alias of aliases) {
        const expected = asOpenSsh(directory.at("config"), alias, []);
        const host = asShared(await resolve(directory, alias));
        const configured = config.includes("UserKnownHostsFile");
        const { userknownhostsfile } = configured ? expected : host;
        assert.deepEqual(host, { ...expected, userknownhostsfile }, alias);
      }
    });
  }

  it("options, which win as those of the command line", async () => {
    using directory = new TestDirectory();
    directory.write(
      "config",
      "User c\nPort 1\nProxyJump x\nMatch user given\n HostName m.example\n",
    );
    const expected = asOpenSsh(directory.at("config"), "a", [
      "-l",
      "given",
      "-p",
      "77",
      "-J",
      "hop",
    ]);
    const host = await resolve(directory, "a", { user: "given", port: 77, jump: ["hop"] });
    assert.deepEqual(asShared(host), { ...expected, userknownhostsfile: undefined });
  });
});

describe("resolveHost()", () => {
  it("takes a missing file for none", async () => {
    using directory = new TestDirectory();
    const host = await resolve(directory, "a");
    assert.equal(host.hostName, "a");
    assert.deepEqual(host.notes, []);
  });

  it("never runs the program of a Match exec", async () => {
    using directory = new TestDirectory();
    const proof = directory.at("ran");
    const config = [
      `Match exec "touch ${proof}"`,
      " User exec",
      `Match host a !exec "touch ${proof}"`,
      " User exec",
      `Match host b exec "touch ${proof} && test 'x' = x"`,
      " User exec",
      "Match host a",
      " User plain",
      "CanonicalizeHostname no",
    ];
    directory.write("config", config.join("\n"));
    const host = await resolve(directory, "a");
    assert.equal(host.user, "plain");
    assert.match(host.notes.join(), /Match exec/);
    assert.equal(existsSync(proof), false);
    // The same file does run it under ssh(1), so that the proof would be there.
    run("ssh", ["-G", "-F", directory.at("config"), "b"]);
    assert.equal(existsSync(proof), true);
  });

  it("replaces tokens and variables in paths", async () => {
    using directory = new TestDirectory();
    const config = [
      "HostName %h.example",
      "Port 2200",
      "User me",
      `IdentityFile ${directory.path}/%h-%n-%p-%r-%%-%k`,
      "IdentityFile relative",
      `UserKnownHostsFile \${HOME}/k %d/k ~/k`,
      "IdentityAgent ~/agent",
    ];
    directory.write("config", config.join("\n"));
    const host = await resolve(directory, "a");
    assert.deepEqual(host.identityFiles, [
      directory.at("a.example-a-2200-me-%-a"),
      directory.at("relative"),
    ]);
    assert.equal(new Set(host.userKnownHostsFiles).size, 1);
    assert.match(String(host.identityAgent), /^\/.*\/agent$/);
  });

  it("lets no user's name choose a file", async () => {
    using directory = new TestDirectory();
    directory.write(
      "config",
      "UserKnownHostsFile /etc/known/%r/hosts\nHost b\n IdentityFile %%r\n",
    );
    for (const user of ["../../tmp/evil", "..", ".", "/etc"]) {
      await assert.rejects(resolve(directory, "a", { user }), failure("invalid_config", /%r/));
    }
    const host = await resolve(directory, "b", { user: "..me" });
    assert.deepEqual(host.userKnownHostsFiles, ["/etc/known/..me/hosts"]);
    assert.deepEqual(host.identityFiles, [directory.at("%r")]);
  });

  it("reads what else a connection needs", async () => {
    using directory = new TestDirectory();
    const config = [
      "ConnectTimeout 1m30s",
      "ServerAliveInterval 7",
      "ServerAliveCountMax 4",
      "StrictHostKeyChecking yes",
      "HashKnownHosts yes",
      "PasswordAuthentication no",
      "PreferredAuthentications publickey,password",
      "AddressFamily inet6",
      "IdentityAgent none",
      "GlobalKnownHostsFile none",
    ];
    directory.write("config", config.join("\n"));
    const host = await resolve(directory, "a");
    assert.equal(host.connectTimeoutMs, 90_000);
    assert.equal(host.keepaliveIntervalMs, 7_000);
    assert.equal(host.keepaliveMisses, 4);
    assert.equal(host.strictHostKeys, true);
    assert.equal(host.hashKnownHosts, true);
    assert.deepEqual([host.publicKeys, host.passwords, host.prompts], [true, false, false]);
    assert.equal(host.addressFamily, 6);
    assert.equal(host.identityAgent, false);
    assert.deepEqual(host.globalKnownHostsFiles, []);
    const own = await resolve(directory, "a", { connectTimeoutMs: 5, keepaliveIntervalMs: 500 });
    assert.equal(own.connectTimeoutMs, 5);
    assert.equal(own.keepaliveIntervalMs, 500);
  });

  it("never lets a wait be endless, nor the host check be off", async () => {
    using directory = new TestDirectory();
    directory.write(
      "config",
      "ConnectTimeout 0\nServerAliveInterval 0\nStrictHostKeyChecking no\n",
    );
    const host = await resolve(directory, "a");
    assert.equal(host.connectTimeoutMs, 15_000);
    assert.equal(host.keepaliveIntervalMs, 5_000);
    assert.equal(host.strictHostKeys, false);
    assert.match(host.notes.join(), /StrictHostKeyChecking/);
  });

  it("finds relative includes beside the configuration", async () => {
    using directory = new TestDirectory();
    directory.write("config", "Include more\n");
    directory.write("more", "User more\n");
    assert.equal((await resolve(directory, "a")).user, "more");
  });

  const unsupported: readonly (readonly [config: string, keyword: RegExp])[] = [
    ["ProxyCommand nc %h %p", /'ProxyCommand'/],
    ["ProxyUseFdpass yes", /'ProxyUseFdpass'/],
    ["CanonicalizeHostname yes", /'CanonicalizeHostname'/],
    ["BindAddress 127.0.0.1", /'BindAddress'/],
    ["RevokedHostKeys /etc/ssh/revoked", /'RevokedHostKeys'/],
  ];
  for (const [line, keyword] of unsupported) {
    it(`refuses ${line} where it applies, and only there`, async () => {
      using directory = new TestDirectory();
      directory.write("config", `Host a\n ${line}\n`);
      await assert.rejects(resolve(directory, "a"), failure("unsupported", keyword));
      assert.equal((await resolve(directory, "b")).hostName, "b");
    });
  }

  it("lets the option jump take the place of a ProxyCommand", async () => {
    using directory = new TestDirectory();
    directory.write("config", "ProxyCommand nc %h %p\n");
    assert.deepEqual((await resolve(directory, "a", { jump: [] })).jump, []);
  });

  const broken: readonly (readonly [config: string, message: RegExp])[] = [
    ["HostName\nUser u", /Line 1 .*'?HostName/],
    ["HostName a b", /Line 1 .*two ways/],
    ["HostName a#b", /Line 1 .*two ways/],
    ["HostName 'a'", /Line 1 .*quotes/],
    ["HostName a\\b", /Line 1 .*quotes/],
    ['HostName "a', /Line 1 .*quotes/],
    ['HostName a"b"', /Line 1 .*quotes/],
    ["HostName a\u0007", /Line 1 .*control/],
    ["HostName a\rPort 1", /Line 1 .*control/],
    ["HostName -oX", /wrong value for 'HostName'/],
    ["HostName %x", /token/],
    ["Port x", /wrong value for 'Port'/],
    ["Port 0", /wrong value for 'Port'/],
    ["User a;b", /wrong value for 'User'/],
    ["IdentitiesOnly maybe", /wrong value for 'IdentitiesOnly'/],
    ["ConnectTimeout 1x", /wrong value for 'ConnectTimeout'/],
    ["ProxyJump a:b:c", /wrong value for 'ProxyJump'/],
    ["IdentityFile ~other/id", /user's name/],
    ["IdentityFile ${EXECKIT_NOT_SET}", /variable/],
    ["NoSuchKeyword yes", /Line 1 .*not known/],
    ["Match nonsense x", /criteria/],
    ["Match host", /two ways|criteria/],
    ["Host", /without a value/],
    ["Include a[bc]", /Include/],
  ];
  for (const [config, message] of broken) {
    it(`refuses ${JSON.stringify(config)}`, async () => {
      using directory = new TestDirectory();
      directory.write("config", `${config}\n`);
      await assert.rejects(resolve(directory, "a"), failure("invalid_config", message));
    });
  }

  it("refuses files that are unreadable, foreign, too large or no files", async () => {
    using directory = new TestDirectory();
    directory.write("config", "User u\n", 0o666);
    await assert.rejects(resolve(directory, "a"), failure("invalid_config", /write/));
    directory.write("config", "#".repeat(1024 * 1024 + 1));
    await assert.rejects(resolve(directory, "a"), failure("invalid_config", /Cannot read/));
    const configFile = directory.at("directory");
    mkdirSync(configFile);
    await assert.rejects(
      resolve(directory, "a", { configFile }),
      failure("invalid_config", /Cannot read/),
    );
    run("mkfifo", [directory.at("pipe")]);
    await assert.rejects(
      resolve(directory, "a", { configFile: directory.at("pipe") }),
      failure("invalid_config", /Cannot read/),
    );
  });

  it("refuses includes that go in circles", async () => {
    using directory = new TestDirectory();
    directory.write("config", "Include again\n");
    symlinkSync(directory.at("config"), directory.at("again"));
    await assert.rejects(resolve(directory, "a"), failure("invalid_config", /includes itself/));
  });

  it("refuses includes that go too deep", async () => {
    using directory = new TestDirectory();
    directory.write("config", "Include f0\n");
    for (let at = 0; at < 20; at++) directory.write(`f${at}`, `Include f${at + 1}\n`);
    await assert.rejects(resolve(directory, "a"), failure("invalid_config", /deep/));
  });

  it("refuses includes of too many files", async () => {
    using directory = new TestDirectory();
    directory.write("config", "Include d/*\n");
    for (let at = 0; at < 300; at++) directory.write(`d/${at}`, "");
    await assert.rejects(resolve(directory, "a"), failure("invalid_config", /256 files/));
  });
});
