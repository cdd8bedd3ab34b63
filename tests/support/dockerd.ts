/**
 * A Docker engine of a test's own: on the loopback with TLS, and one that may be killed.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { docker, DOCKER_SKIP } from "./docker.ts";
import { freePort } from "./free_port.ts";
import { makeTestFolder, type TestFolder } from "./open_session.ts";
import { findProgram, isAlive, runScript } from "./processes.ts";
import { waitFor } from "./wait_for.ts";

/** Why no engine can be started here; false when one can. */
export const DOCKERD_SKIP: string | false = whyNoDockerd();

function whyNoDockerd(): string | false {
  if (DOCKER_SKIP !== false) return DOCKER_SKIP;
  if (process.getuid?.() !== 0) return "Only root can start a Docker engine";
  const missing = ["dockerd", "openssl"].filter((name) => findProgram(name) === undefined);
  return missing.length === 0 ? false : `${missing.join(", ")} is not installed`;
}

/** An authority, a server certificate for 127.0.0.1, and a client certificate. */
const MAKE_CERTIFICATES = `
set -e
cd "$1"
key() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" \
  -keyout "$2" -out request.pem; }
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
  -subj '/CN=execkit test authority' -keyout ca-key.pem -out ca.pem
sign() { openssl x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 \
  -extfile extensions -out "$1"; }
printf 'subjectAltName=IP:127.0.0.1\\nextendedKeyUsage=serverAuth\\n' >extensions
key server server-key.pem; sign server-cert.pem
printf 'extendedKeyUsage=clientAuth\\n' >extensions
key client key.pem; sign cert.pem`;

/**
 * Makes `ca.pem`, `cert.pem` and `key.pem` for a client, and `server-*.pem` for an engine.
 *
 * @param directory Where.
 */
export async function makeCertificates(directory: string): Promise<void> {
  await runScript(`(${MAKE_CERTIFICATES}) 2>/dev/null`, directory);
}

/**
 * What an engine leaves that could not be asked to clear up: containers under shims that know its
 * directory, and its data directory, which it mounts onto itself.
 */
const CLEAR_AWAY = `
for f in $(grep -ls "[-]address $1/\\|[-]address.$1/" /proc/[0-9]*/cmdline); do
  p=\${f#/proc/}; p=\${p%/cmdline}
  kill -s KILL $(cat "/proc/$p/task/$p/children") "$p"
done 2>/dev/null
umount "$1"/exec/netns/* "$1/data" 2>/dev/null
exit 0`;

/** An engine that a test has started. */
export class TestEngine implements AsyncDisposable {
  /** Its address. */
  readonly address: string;
  /** The directory with the client's certificates. */
  readonly tlsDirectory: string;
  readonly #folder: TestFolder;
  readonly #port: number;
  #child: ChildProcess;

  private constructor(folder: TestFolder, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.address = `tcp://127.0.0.1:${port}`;
    this.tlsDirectory = folder.path;
    this.#child = this.#spawn();
  }

  /** Starts an engine that speaks TLS and lets its containers survive it. */
  static async start(): Promise<TestEngine> {
    const folder = makeTestFolder();
    await makeCertificates(folder.path);
    const engine = new TestEngine(folder, await freePort());
    await engine.#untilReady();
    return engine;
  }

  /** Runs the docker command against it. */
  docker(...args: string[]): Promise<string> {
    const tls = ["ca", "cert", "key"].map((name) =>
      `--tls${name === "ca" ? "cacert" : name}=${join(this.tlsDirectory, `${name}.pem`)}`
    );
    return docker("--host", this.address, "--tlsverify", ...tls, ...args);
  }

  /** Kills it with SIGKILL; containers live on. */
  async kill(): Promise<void> {
    const pidFile = join(this.#folder.path, "exec/containerd/containerd.pid");
    const pid = Number(readFileSync(pidFile, "utf8"));
    await this.#end("SIGKILL");
    // containerd dies with its parent; the next engine would take even its zombie for alive.
    await waitFor("containerd to end", async () => await isAlive(pid) ? undefined : true);
    rmSync(pidFile);
  }

  /** Starts it again after {@linkcode TestEngine.kill}. */
  async restart(): Promise<void> {
    this.#child = this.#spawn();
    await this.#untilReady();
  }

  /** Removes its containers and stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const left = (await this.docker("ps", "--all", "--quiet")).split("\n").filter(Boolean);
      if (left.length > 0) await this.docker("rm", "--force", ...left);
    } finally {
      await this.#end("SIGTERM");
      await runScript(CLEAR_AWAY, this.#folder.path);
      this.#folder[Symbol.dispose]();
    }
  }

  #spawn(): ChildProcess {
    const at = (name: string) => join(this.#folder.path, name);
    return spawn("dockerd", [
      `--host=${this.address}`,
      `--data-root=${at("data")}`,
      `--exec-root=${at("exec")}`,
      `--pidfile=${at("pid")}`,
      "--tlsverify",
      `--tlscacert=${at("ca.pem")}`,
      `--tlscert=${at("server-cert.pem")}`,
      `--tlskey=${at("server-key.pem")}`,
      "--storage-driver=vfs",
      "--bridge=none",
      "--iptables=false",
      "--live-restore",
    ], { stdio: "ignore" });
  }

  async #end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await exited;
  }

  async #untilReady(): Promise<void> {
    await waitFor(`an engine on port ${this.#port}`, async () => {
      try {
        await this.docker("version");
        return true;
      } catch {
        return undefined;
      }
    });
  }
}
