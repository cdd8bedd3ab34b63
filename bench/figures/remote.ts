/**
 * What a command costs over SSH and in a container, beside the bare round trip of the same channel,
 * and beside a program for each command.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Session, type SessionOptions } from "../../mod.ts";
import { DOCKER_SKIP, startContainer } from "../../tests/support/docker.ts";
import { SSHD_SKIP, TestSshd } from "../../tests/support/sshd.ts";
import { openTransport, type TransportTarget } from "../../src/transports/open_transport.ts";
import { type Figure, makeFigure, percentile, timed } from "../support/figure.ts";

const ROUNDS = 1000;
/** As many until both sides run the code that a session runs all day: it is compiled under way. */
const WARM_UP_ROUNDS = 1000;
/** What a frame of `true` is long, and what its markers are: the echo carries as many bytes. */
const ECHO_BYTES = 180;
/** A connection for each command costs so much more that few say enough. */
const ONCE_ROUNDS = 10;
const MEGABYTE = 1_000_000;
const OUTPUT_BYTES = 200_000_000;
const FILE_BYTES = 100_000_000;

/** A bare channel: as many bytes as a frame has go out and come back. */
class Echo {
  readonly #line = new Uint8Array(ECHO_BYTES).fill(0x78);
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(
    write: (bytes: Uint8Array) => Promise<void>,
    stdout: AsyncIterable<Uint8Array>,
  ) {
    this.#write = write;
    this.#chunks = stdout[Symbol.asyncIterator]();
  }

  async roundTrip(): Promise<void> {
    await this.#write(this.#line);
    for (let length = 0; length < ECHO_BYTES;) {
      const part = await this.#chunks.next();
      if (part.done === true) throw new Error("The echo ended");
      length += part.value.length;
    }
  }
}

/** A machine that is measured. */
interface Machine {
  readonly name: "ssh" | "docker";
  readonly target: TransportTarget;
  readonly options: SessionOptions;
  /** What runs `true` once, without a session. */
  readonly once: readonly [string, ...string[]];
}

/**
 * Measures both, as far as there are servers for them.
 *
 * @returns The figures.
 */
export async function measureRemote(): Promise<Figure[]> {
  const figures: Figure[] = [];
  if (SSHD_SKIP === false) {
    await using server = await TestSshd.start();
    const options = server.options();
    figures.push(
      ...await measureMachine({
        name: "ssh",
        target: { kind: "ssh", options },
        options: { transport: "ssh", ...options },
        once: sshOnce(server),
      }),
    );
  }
  if (DOCKER_SKIP === false) {
    await using container = await startContainer("shells");
    const options = { container: container.name };
    figures.push(
      ...await measureMachine({
        name: "docker",
        target: { kind: "docker", options },
        options: { transport: "docker", ...options },
        once: ["docker", "exec", container.name, "true"],
      }),
    );
  }
  return figures;
}

function sshOnce({ host, port, path }: TestSshd): readonly [string, ...string[]] {
  const options = ["StrictHostKeyChecking=yes", `UserKnownHostsFile=${path}/known_hosts`];
  options.push("BatchMode=yes", `IdentityFile=${path}/keys/id_ed25519`);
  const words = options.flatMap((option) => ["-o", option]);
  return ["ssh", "-F", "none", ...words, "-p", String(port), host, "true"];
}

async function measureMachine(machine: Machine): Promise<Figure[]> {
  await using session = await Session.open({ ...machine.options, shell: "bash" });
  return [
    ...await measureLatency(machine, session),
    ...await measureOutput(machine, session),
    ...await measureFiles(machine, session),
  ];
}

async function measureLatency(machine: Machine, session: Session): Promise<Figure[]> {
  const factory = await openTransport(machine.target);
  const transport = await factory.open({ script: "exec cat", args: [] });
  const times: Record<"exec" | "echo", number[]> = { exec: [], echo: [] };
  try {
    const echo = new Echo((bytes) => transport.write(bytes), transport.stdout);
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      const exec = await timed(() => session.exec("true"));
      const bare = await timed(() => echo.roundTrip());
      if (round < 0) continue;
      times.exec.push(exec);
      times.echo.push(bare);
    }
  } finally {
    await transport.close();
    await factory.close?.();
  }
  const once: number[] = [];
  for (let round = 0; round < ONCE_ROUNDS; round++) {
    once.push(await timed(() => runOnce(machine.once)));
  }
  const [exec, echo, single] = [times.exec, times.echo, once].map((list) => percentile(list, 50));
  if (exec === undefined || echo === undefined || single === undefined) return [];
  return [
    makeFigure(`${machine.name}_exec_true_p50_beside_channel_echo`, {
      value: exec,
      unit: "ms",
      beside: echo,
      target: { of: "ratio", atMost: 3 },
    }),
    makeFigure(`${machine.name}_exec_true_p50_beside_one_each`, {
      value: exec,
      unit: "ms",
      beside: single,
      target: { of: "ratio", atMost: 1 / 20 },
    }),
  ];
}

async function runOnce([program, ...args]: readonly [string, ...string[]]): Promise<void> {
  const child = spawn(program, args, { stdio: "ignore" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${program} exited with ${code}`);
}

async function measureOutput({ name }: Machine, session: Session): Promise<Figure[]> {
  const before = process.memoryUsage().rss;
  let bytes = 0;
  const ms = await timed(async () => {
    const command = `yes | head -c ${OUTPUT_BYTES}`;
    bytes = (await session.exec(command, { timeoutMs: 300_000 })).totals.stdoutBytes;
  });
  if (bytes !== OUTPUT_BYTES) throw new Error(`${name}: ${bytes} bytes of output`);
  return [
    makeFigure(`${name}_output_200MB`, { value: bytes / MEGABYTE / (ms / 1000), unit: "MB/s" }),
    makeFigure(`${name}_output_200MB_memory_growth`, {
      value: (process.memoryUsage().rss - before) / MEGABYTE,
      unit: "MB",
      target: { of: "value", atMost: 384 },
    }),
  ];
}

async function measureFiles({ name }: Machine, session: Session): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "execkit-bench-"));
  const [source, copy] = [join(folder, "source"), join(folder, "copy")];
  const remote = `/tmp/execkit-bench-${process.pid}`;
  try {
    writeFileSync(source, randomBytes(FILE_BYTES));
    const uploadMs = await timed(() => session.files.upload(source, remote));
    const downloadMs = await timed(() => session.files.download(remote, copy));
    if (!readFileSync(source).equals(readFileSync(copy))) throw new Error(`${name}: another file`);
    return [["upload", uploadMs], ["download", downloadMs]].map(([way, ms]) =>
      makeFigure(`${name}_${way}_100MB`, {
        value: FILE_BYTES / MEGABYTE / (Number(ms) / 1000),
        unit: "MB/s",
      })
    );
  } finally {
    await session.exec(`rm -f ${remote}`);
    rmSync(folder, { recursive: true, force: true });
  }
}
