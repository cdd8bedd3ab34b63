import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DockerOptions } from "../../../src/transports/docker/docker_options.ts";
import { resolveDockerOptions } from "../../../src/transports/docker/resolve_docker_options.ts";
import { ExeckitError } from "../../../src/errors.ts";

/** Options as a caller without a type checker could give them. */
type LooseOptions = Readonly<Record<string, unknown>>;

function resolve(options: LooseOptions): ReturnType<typeof resolveDockerOptions> {
  // What is tested is the check of options that have the wrong type.
  return resolveDockerOptions(options as unknown as DockerOptions);
}

function own(rules: LooseOptions): LooseOptions {
  return { image: "busybox", own: rules };
}

function mount(rules: LooseOptions): LooseOptions {
  return own({ mounts: [{ source: "/srv/data", target: "/data", ...rules }] });
}

const GOOD: readonly LooseOptions[] = [
  ...["web", "web_1.2-x", "0123456789ab", "A"].map((container) => ({ container })),
  ...[
    "busybox",
    "debian:12",
    "library/debian:bookworm-slim",
    "registry.example:5000/team/app:1.0_x",
    "localhost/app",
    "Example.com/app",
    "app@sha256:" + "a".repeat(64),
    "registry.example/app:1@sha256:" + "0".repeat(64),
    "a__b/c--d.e",
    "sha256:" + "1".repeat(64),
  ].map((image) => ({ image })),
  ...["root", "1000", "1000:1000", "www-data:www-data"].map((user) => ({ container: "c", user })),
  own({ network: "bridge", writableRoot: true, memoryBytes: 2 ** 26, processes: 16 }),
  own({ cpus: 0.5, tmpBytes: 2 ** 20 }),
  mount({}),
  mount({ readOnly: false }),
  mount({ source: "/home/me/project", target: "/work" }),
  mount({ source: "/etcetera" }),
  { container: "c", context: "prod-1" },
  { container: "c", dockerHost: "tcp://127.0.0.1:2375", tlsDirectory: "/certs" },
];

const BAD: readonly LooseOptions[] = [
  {},
  { container: "a", image: "b" },
  { container: "a", own: {} },
  ...[
    "",
    "-a",
    "a b",
    "a/b",
    "../x",
    "a\n",
    "a?x",
    "é",
    "a".repeat(129),
    7,
    null,
  ].map((container) => ({ container })),
  ...[
    "",
    "Debian",
    "a//b",
    "a/",
    "/a",
    "a:",
    "a:b:c",
    "a@sha256:x",
    "a@b@c",
    "-a",
    "a-",
    "a..b",
    "a b",
    "a\n",
    "host:99999999/a",
    "a".repeat(513),
    7,
  ].map((image) => ({ image })),
  ...["", "-x", "a:b:c", "a b", "a;b", "x".repeat(65), 0].map((user) => ({ container: "c", user })),
  { container: "c", dockerHost: "tcp://x", context: "y" },
  { container: "c", context: "../y" },
  { container: "c", tlsDirectory: "a\0b" },
  { container: "c", connectTimeoutMs: 0 },
  { container: "c", connectTimeoutMs: "5" },
  { container: "c", connectTimeoutMs: Number.NaN },
  own({ network: "host" }),
  own({ privileged: true }),
  own({ writableRoot: "yes" }),
  own({ memoryBytes: 1 }),
  own({ memoryBytes: Infinity }),
  own({ memoryBytes: -1 }),
  own({ processes: 0 }),
  own({ processes: -1 }),
  own({ cpus: 0 }),
  own({ tmpBytes: 0 }),
  own({ mounts: "/srv" }),
  own({ mounts: [null] }),
  own({ mounts: [{ source: "/a", target: "/t" }, { source: "/b", target: "/t" }] }),
  mount({ type: "volume" }),
  mount({ readOnly: "no" }),
  ...[
    "/",
    "/etc",
    "/etc/ssl",
    "/var",
    "/var/run",
    "/var/run/docker.sock",
    "/run",
    "/run/user/1000",
    "/proc",
    "/sys/fs",
    "/dev",
    "/boot",
    "/var/lib/docker",
    "/home/me/.docker/run/docker.sock",
    "srv",
    "/srv/../etc",
    "/srv/./x",
    "/srv//x",
    "/srv/",
    "/srv:/x",
    "/srv,x",
    "/srv\n",
    "",
    7,
  ].map((source) => mount({ source })),
  ...["/", "/proc", "/proc/1", "/dev/shm", "/sys", "/tmp", "/tmp/x", "data", "/a/../b", "/a:ro"]
    .map((target) => mount({ target })),
];

describe("resolveDockerOptions()", () => {
  for (const options of GOOD) {
    it(`takes ${JSON.stringify(options)}`, () => {
      assert.ok(resolve(options).target);
    });
  }

  for (const options of BAD) {
    it(`refuses ${JSON.stringify(options).slice(0, 120)}`, () => {
      assert.throws(
        () => resolve(options),
        (error) => error instanceof ExeckitError && error.code === "invalid_argument",
      );
    });
  }

  it("fills in a locked-down container", () => {
    const { target, connectTimeoutMs } = resolve({ image: "busybox" });
    assert.equal(connectTimeoutMs, 15_000);
    assert.deepEqual(target, {
      kind: "own",
      image: "busybox",
      own: {
        network: "none",
        writableRoot: false,
        memoryBytes: 512 * 1024 * 1024,
        processes: 256,
        cpus: 1,
        tmpBytes: 64 * 1024 * 1024,
        mounts: [],
      },
    });
  });

  it("makes mounts read-only when nothing is said", () => {
    const { target } = resolve(mount({}));
    assert.ok(target.kind === "own");
    assert.deepEqual(target.own.mounts, [{ source: "/srv/data", target: "/data", readOnly: true }]);
  });
});
