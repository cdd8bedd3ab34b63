import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SECTION } from "../../../../src/shell/probe/probe_script.ts";
import { readProbe } from "../../../../src/shell/probe/read_probe.ts";
import { classifyWait } from "../../../../src/shell/probe/wait_channels.ts";

/** Fields of stat from the state on, as proc(5) orders them. */
function stat(pid: number, name: string, state = "S"): string {
  const rest = [
    "1",
    String(pid),
    "1",
    "34817",
    String(pid),
    ...Array.from({ length: 40 }, () => "0"),
  ];
  return `/proc/${pid}/stat:${pid} (${name}) ${state} ${rest.join(" ")}`;
}

interface Probe {
  readonly files: readonly string[];
  readonly modes?: string;
  readonly links?: readonly string[];
  readonly heads?: string;
}

function output({ files, modes = "", links = [], heads = "" }: Probe): string {
  return [
    `${files.join("\n")}\n${SECTION}terminal\n${modes}${SECTION}links\n`,
    `${links.join("\n")}\n${SECTION}arguments\n${heads}`,
  ].join("");
}

const link = (fd: number, target: string, mode = "r-") =>
  `l${mode}x------ 1 0 0 64 Nov 22 00:45 ${fd} -> ${target}`;

/** What a process with these files and links waits for. */
function waitOf(files: readonly string[], links: readonly string[], written: string[] = []) {
  const facts = readProbe(output({
    files: [...files, stat(7, "x")],
    links: ["/proc/7/fd:", "total 0", ...links],
  }));
  const process = facts.processes.get(7);
  assert.ok(process !== undefined);
  return classifyWait(process, (target) => written.includes(target));
}

const wchan = (channel: string, tid = 7) => `/proc/7/task/${tid}/wchan:${channel}`;
const call = (number: number, first: number, tid = 7) =>
  `/proc/7/task/${tid}/syscall:${number} 0x${first.toString(16)} 0x7f 0x1 0x0 0x0 0x0 0x7f 0x7f`;

describe("readProbe()", () => {
  it("reads processes whose names look like anything", () => {
    const names = ["sh", "a) S 1 2", "((", ") ", "x y"];
    const files = names.map((name, at) => stat(at + 1, name));
    const facts = readProbe(output({ files: ["/proc/uptime:12.5 20.0", ...files] }));
    assert.deepEqual([...facts.processes.values()].map(({ name }) => name), names);
    assert.deepEqual(
      new Set([...facts.processes.values()].map(({ fields }) => fields[0])),
      new Set("S"),
    );
    assert.equal(facts.uptimeSeconds, 12.5);
  });

  it("keeps the arguments of one process from passing for another's", () => {
    const heads = "==> /proc/1/cmdline <==\na\0b c\0\n==> /proc/2/cmdline <==\n" +
      "x\0\n==> /proc/1/cmdline <==\nforged\0\n==> /proc/self/stat <==\n9 (head)";
    const facts = readProbe(output({ files: [stat(1, "a"), stat(2, "x")], heads }));
    assert.deepEqual(facts.processes.get(1)?.arguments, ["a", "b c"]);
    assert.deepEqual(facts.processes.get(2)?.arguments, ["x"]);
  });

  it("reads listening sockets and no others", () => {
    const line = (state: string, port: string, inode: string) =>
      `/proc/9/net/tcp:   0: 0100007F:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 ` +
      `00000000     0        0 ${inode} 1 0 100 0 0 10 0`;
    const facts = readProbe(
      output({ files: [line("0A", "1F90", "11"), line("01", "1F91", "12")] }),
    );
    assert.deepEqual(facts.sockets, [{ address: "0100007F", port: 8080, inode: "11" }]);
  });

  it("reads the terminal's modes, and none where stty said nothing", () => {
    const modes = "speed 38400 baud; rows 40;\nisig icanon iexten -echo echoe -echok -echonl\n";
    assert.deepEqual(readProbe(output({ files: [], modes })).terminal, {
      echo: false,
      echoKill: false,
      canonical: true,
    });
    assert.equal(readProbe(output({ files: [] })).terminal, undefined);
  });

  it("takes nothing from an output that is none", () => {
    for (
      const text of ["", "\n\n", "/proc/1/stat:", `${SECTION}links\n${SECTION}`, "truncated\n"]
    ) {
      assert.equal(readProbe(text).processes.size, 0);
    }
    assert.equal(readProbe("truncated\n").truncated, true);
  });
});

describe("classifyWait()", () => {
  it("tells a terminal from a socket behind the same wait channel", () => {
    const files = [wchan("wait_woken"), call(0, 3)];
    const channel = { channel: "wait_woken", syscall: 0, fd: 3 };
    assert.deepEqual(waitOf(files, [link(3, "/dev/tty")]), { kind: "terminal_read", ...channel });
    assert.deepEqual(waitOf(files, [link(3, "socket:[5]")]), { kind: "network", ...channel });
  });

  it("goes by what is open where the system call is hidden", () => {
    const files = [wchan("wait_woken")];
    const kinds = [
      [link(0, "/dev/pts/3")],
      [link(0, "/dev/pts/3"), link(4, "socket:[5]")],
      [link(1, "/dev/pts/3")],
    ].map((links) => waitOf(files, links).kind);
    assert.deepEqual(kinds, ["terminal_read", "network", "unknown"]);
  });

  it("knows the read of every architecture", () => {
    for (const number of [0, 3, 63]) {
      const wait = waitOf([wchan("n_tty_read"), call(number, 0)], [link(0, "/dev/pts/0", "rw")]);
      assert.deepEqual([wait.kind, wait.fd], ["terminal_read", 0]);
    }
  });

  it("tells an empty stdin from a pipe between processes", () => {
    const files = [wchan("anon_pipe_read"), call(0, 0)];
    const links = [link(0, "pipe:[8]")];
    assert.equal(waitOf(files, links).kind, "stdin_read");
    assert.equal(waitOf(files, links, ["pipe:[8]"]).kind, "pipe_read");
  });

  it("believes the wait channel when the descriptor was changed meanwhile", () => {
    const wait = waitOf([wchan("anon_pipe_read"), call(0, 0)], [link(0, "/dev/tty")]);
    assert.equal(wait.kind, "pipe_read");
  });

  it("believes what an epoll descriptor watches for input", () => {
    const files = [wchan("ep_poll"), call(232, 9)];
    const links = [link(0, "/dev/tty"), link(9, "anon_inode:[eventpoll]"), link(4, "socket:[1]")];
    const watch = (fd: number, events: string) =>
      `/proc/7/fdinfo/9:tfd: ${fd} events: ${events} data: 0 pos:0`;
    const seen = waitOf([...files, watch(0, "19")], links);
    assert.deepEqual([seen.kind, seen.watched], ["terminal_event", true]);
    assert.equal(waitOf([...files, watch(4, "19")], links).kind, "event");
    assert.equal(waitOf([...files, watch(4, "19"), watch(0, "4")], links).kind, "event");
  });

  it("finds the thread that reads the terminal", () => {
    const files = [wchan("futex_do_wait"), wchan("wait_woken", 8), call(0, 0, 8)];
    assert.equal(waitOf(files, [link(0, "/dev/tty")]).kind, "terminal_read");
  });

  it("says unknown where nothing is told", () => {
    assert.deepEqual(waitOf([wchan("0")], []), { kind: "unknown" });
    assert.deepEqual(waitOf([wchan("new_kernel_function")], []), {
      kind: "unknown",
      channel: "new_kernel_function",
    });
  });
});
