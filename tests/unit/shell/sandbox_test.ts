import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planLaunch } from "../../../src/shell/launch.ts";
import { prepareSandbox, startInSandbox } from "../../../src/shell/sandbox/sandbox_script.ts";
import type { SandboxSetup } from "../../../src/shell/sandbox/sandbox_setup.ts";
import { seatbeltProfile } from "../../../src/shell/sandbox/seatbelt_profile.ts";
import { seccompProgram } from "../../../src/shell/sandbox/seccomp_program.ts";

const X86_64 = 0xc000003e;
const AARCH64 = 0xc00000b7;
const ALLOWED = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;

/** Runs the program as the kernel would: a word at a time over `struct seccomp_data`. */
function judge(machine: number, call: number, ...args: number[]): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call, true);
  data.setUint32(4, machine, true);
  args.forEach((value, index) => data.setBigUint64(16 + 8 * index, BigInt(value), true));
  const bytes = seccompProgram();
  const program = new DataView(bytes.buffer);
  let word = 0;
  for (let at = 0; at * 8 < bytes.length; at++) {
    const k = program.getUint32(at * 8 + 4, true);
    const skipIf = (passes: boolean) => {
      at += program.getUint8(at * 8 + (passes ? 2 : 3));
    };
    switch (program.getUint16(at * 8, true)) {
      case 0x20:
        word = data.getUint32(k, true);
        break;
      case 0x54:
        word = (word & k) >>> 0;
        break;
      case 0x05:
        at += k;
        break;
      case 0x15:
        skipIf(word === k);
        break;
      case 0x35:
        skipIf(word >= k);
        break;
      case 0x45:
        skipIf((word & k) !== 0);
        break;
      case 0x06:
        return k;
      default:
        throw new Error(`Unknown instruction ${at}`);
    }
  }
  throw new Error("The program does not return");
}

describe("seccompProgram()", () => {
  it("allows what programs live by", () => {
    const calls: readonly (readonly [number, readonly number[]])[] = [
      [X86_64, [0, 1, 3, 9, 56, 59, 61, 62, 231, 262, 435, 439]],
      [AARCH64, [63, 64, 57, 222, 220, 221, 260, 129, 94, 79, 435, 439]],
    ];
    for (const [machine, numbers] of calls) {
      for (const number of numbers) assert.equal(judge(machine, number), ALLOWED, `${number}`);
    }
  });

  it("allows sockets of the network and pairs, and no others", () => {
    for (const [machine, socket, pair] of [[X86_64, 41, 53], [AARCH64, 198, 199]] as const) {
      for (const family of [2, 10, 16]) assert.equal(judge(machine, socket, family, 1), ALLOWED);
      for (const family of [1, 17, 38, 40]) assert.equal(judge(machine, socket, family, 1), EPERM);
      // The kernel takes an int: what stands above it must not mislead.
      assert.equal(judge(machine, socket, 2 ** 32 + 1, 1), EPERM);
      assert.equal(judge(machine, pair, 1, 1 | 0o2000000), ALLOWED);
      assert.equal(judge(machine, pair, 1, 2 | 0o4000), EPERM);
    }
  });

  it("refuses set-user-ID bits where a mode is a mode", () => {
    assert.equal(judge(X86_64, 90, 0, 0o4755), EPERM);
    assert.equal(judge(X86_64, 90, 0, 0o755), ALLOWED);
    assert.equal(judge(X86_64, 268, 0, 0, 0o2755), EPERM);
    assert.equal(judge(X86_64, 452, 0, 0, 0o4000), EPERM);
    assert.equal(judge(AARCH64, 52, 0, 0o6755), EPERM);
    const [openat, creating, reading] = [257, 0o101, 0];
    assert.equal(judge(X86_64, openat, 0, 0, creating, 0o4755), EPERM);
    assert.equal(judge(X86_64, openat, 0, 0, creating, 0o644), ALLOWED);
    assert.equal(judge(X86_64, openat, 0, 0, reading, 0o4755), ALLOWED);
    assert.equal(judge(AARCH64, 56, 0, 0, 0o20200002, 0o4755), EPERM);
  });

  it("refuses keys typed into terminals", () => {
    for (const [machine, ioctl] of [[X86_64, 16], [AARCH64, 29]] as const) {
      assert.equal(judge(machine, ioctl, 0, 0x5412), EPERM);
      assert.equal(judge(machine, ioctl, 0, 2 ** 32 + 0x5412), EPERM);
      assert.equal(judge(machine, ioctl, 0, 0x541c), EPERM);
      assert.equal(judge(machine, ioctl, 0, 0x5401), ALLOWED);
    }
  });

  it("refuses tracing, keys and mounts, and knows no io_uring", () => {
    for (const call of [101, 310, 250, 321, 165, 428, 308, 304]) {
      assert.equal(judge(X86_64, call), EPERM, `${call}`);
    }
    for (const call of [117, 270, 219, 280, 40, 428, 268, 265]) {
      assert.equal(judge(AARCH64, call), EPERM, `${call}`);
    }
    for (const call of [425, 426, 427, 437]) assert.equal(judge(X86_64, call), ENOSYS, `${call}`);
  });

  it("knows no calls of other architectures, of x32 and of the future", () => {
    assert.equal(judge(0x40000003, 5), ENOSYS);
    assert.equal(judge(X86_64, 0x40000000 + 41, 1), ENOSYS);
    assert.equal(judge(X86_64, 600), ENOSYS);
    assert.equal(judge(AARCH64, 600), ENOSYS);
  });
});

const SETUP: SandboxSetup = {
  network: "none",
  limits: { processes: 100, fileBytes: 1024 * 1024, openFiles: 64, tmpBytes: 4096 },
  readable: [],
  readOnly: [],
  env: [],
  homes: [],
};

describe("prepareSandbox()", () => {
  it("takes every namespace, and the network's unless it is asked for", () => {
    const closed = prepareSandbox(SETUP);
    for (const word of ["user", "pid", "ipc", "uts", "cgroup-try", "net"]) {
      assert.ok(closed.includes(`--unshare-${word}`), word);
    }
    assert.ok(closed.includes("--disable-userns"));
    assert.ok(!prepareSandbox({ ...SETUP, network: "host" }).includes("--unshare-net"));
  });

  it("covers secrets after the workspace and shows exceptions last", () => {
    const text = prepareSandbox({ ...SETUP, workspace: "/srv/app", readable: ["/srv/key"] });
    const places = ['word --bind "$ws"', "hide /etc/shadow", "'/srv/key'", 'cat "$d/r"'];
    const found = places.map((place) => text.indexOf(place));
    assert.ok(!found.includes(-1), JSON.stringify(found));
    assert.deepEqual(found, found.toSorted((a, b) => a - b));
  });

  it("quotes paths", () => {
    const text = prepareSandbox({ ...SETUP, workspace: "/srv/$(x)'y", homes: ["/h `z`"] });
    assert.ok(text.includes(`ws='/srv/$(x)'\\''y'`));
    assert.ok(text.includes("'/h `z`'"));
  });
});

describe("startInSandbox()", () => {
  it("sets no limit that is infinite", () => {
    const start = (limits: Partial<SandboxSetup["limits"]>) =>
      startInSandbox({ ...SETUP, limits: { ...SETUP.limits, ...limits } }, "ended=0");
    assert.match(start({}), /limit -u 100 \|\| limit -p 100/);
    assert.match(start({}), /limit -f 2048/);
    assert.doesNotMatch(start({ processes: Infinity }), /limit -[up]/);
    assert.doesNotMatch(start({}), /limit -v/);
    assert.match(start({ memoryBytes: 2 ** 30 }), /limit -v 1048576/);
  });
});

describe("planLaunch()", () => {
  it("says nothing of sandboxes when there is none", () => {
    const options = { token: "t", mark: "m", shell: "", terminal: "auto" } as const;
    assert.doesNotMatch(planLaunch(options).script, /bwrap|sandbox/);
    assert.match(planLaunch({ ...options, sandbox: SETUP }).script, /bwrap/);
  });
});

describe("seatbeltProfile()", () => {
  it("denies by default and quotes paths", () => {
    const text = seatbeltProfile({ ...SETUP, workspace: '/Users/a "b"\\c' }, "/Users/a");
    assert.match(text, /^\(version 1\)\n\(deny default\)$/m);
    assert.ok(text.includes(`(subpath "/Users/a \\"b\\"\\\\c")`));
    assert.ok(text.includes(`(subpath "/Users/a/.ssh")`));
    assert.doesNotMatch(text, /allow network/);
  });

  it("allows the network when it is asked for, and exceptions last", () => {
    const text = seatbeltProfile({ ...SETUP, network: "host", readable: ["/k"] }, "/Users/a");
    assert.match(text, /\(allow network\*/);
    assert.ok(text.indexOf(`"/k"`) > text.indexOf(".ssh"));
  });
});
