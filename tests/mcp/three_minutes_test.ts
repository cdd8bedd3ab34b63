/**
 * Commands of three minutes under a client that gives every call up after five seconds, on three
 * transports at the same time: one that the client's own session runs, and one that was detached by a
 * client that died. It takes as long as the commands do, and nearly no processor time.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DOCKER_SKIP, removeImagesAtEnd, startContainer } from "../support/docker.ts";
import { makeTestFolder } from "../support/open_session.ts";
import { SSHD_SKIP, TestSshd } from "../support/sshd.ts";
import { waitFor } from "../support/wait_for.ts";
import type { Answer } from "./fake_server.ts";
import { connectClient, type PatientClient } from "./patient_client.ts";
import { CONTAINER_FLAGS, type ServerSetup, sshSetup, sshTarget } from "./remote_setup.ts";
import { IS_DENO } from "./server_program.ts";

/** Milliseconds after which the client gives a call up. */
const PATIENCE_MS = 5000;
/** Milliseconds that a call may wait so that its answer comes in time. */
const IN_TIME_MS = 2500;
/** Milliseconds that a call asks for that the client does not live to see. */
const TOO_LONG_MS = 45_000;
/** One call in so many is one of those. */
const LOST_CALL_EVERY = 8;
/** Seconds that a command runs, a line in each. Under Node the doors are the same. */
const LINES = IS_DENO ? 180 : 20;
/** Lines before its end from which on no call is lost on purpose. */
const LAST_LINES = 10;
const TIMEOUT_MS = (LINES + 120) * 1000;

/** Where a client works, and how the server gets there. */
interface Place extends ServerSetup {
  readonly target: Record<string, unknown>;
}

/** A command that says on every line which one it is, and at the end that it was this one. */
function counting(name: string, exitCode: number): string {
  return `i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); echo ${name} $i; sleep 1; done; ` +
    `(exit ${exitCode})`;
}

function expected(name: string): string {
  return Array.from({ length: LINES }, (_, index) => `${name} ${index + 1}\n`).join("");
}

/** A client that gives up early. */
class HastyClient implements AsyncDisposable {
  readonly #client: PatientClient;

  private constructor(client: PatientClient) {
    this.#client = client;
  }

  static async connect({ variables, flags }: ServerSetup): Promise<HastyClient> {
    return new HastyClient(await connectClient("classic", variables, flags));
  }

  call(name: string, args: Record<string, unknown>): Promise<Answer> {
    return this.#client.call(name, args, { timeout: PATIENCE_MS });
  }

  /** Calls until an answer comes in time, which on a busy machine may not be the first. */
  async insist(name: string, args: Record<string, unknown>): Promise<Answer> {
    return await waitFor(`an answer of ${name} in time`, () => this.call(name, args).catch(inTime));
  }

  async open(target: Record<string, unknown>): Promise<string> {
    const { structured, text } = await this.insist("session_create", target);
    assert.equal(typeof structured?.["session_id"], "string", text);
    return String(structured?.["session_id"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }
}

const TIMED_OUT = /timed out/;

/** Passes on every failure but a call that was given up. */
function inTime(cause: unknown): undefined {
  if (!(cause instanceof Error && TIMED_OUT.test(cause.message))) throw cause;
  return undefined;
}

/** Follows a command call by call, and loses one of them now and then. */
class Follower {
  /** What was read: every line once. */
  text = "";
  /** How it ended; undefined while it runs. */
  end: Readonly<Record<string, unknown>> | undefined;
  #calls = 0;
  readonly #client: HastyClient;
  readonly #command_id: string;

  constructor(client: HastyClient, command_id: string) {
    this.#client = client;
    this.#command_id = command_id;
  }

  async step(): Promise<void> {
    this.#calls += 1;
    const next = this.text.split("\n").length;
    const command_id = this.#command_id;
    if (next < LINES - LAST_LINES && this.#calls % LOST_CALL_EVERY === 0) {
      const lost = this.#client.call("session_read", { command_id, wait_ms: TOO_LONG_MS });
      await assert.rejects(lost, TIMED_OUT);
      return;
    }
    const read = { command_id, wait_ms: IN_TIME_MS };
    let answer = await this.#client.call("session_read", read).catch(inTime);
    const first = answer?.structured?.["first_line"];
    // An answer that was under way when the client gave up has taken its lines with it.
    if (typeof first === "number" && first > next) {
      answer = await this.#client.insist("session_read", { command_id, from_line: next });
    }
    if (answer === undefined) return;
    const { structured, text, isError } = answer;
    assert.ok(!isError, text);
    this.text += String(structured?.["text"]);
    // The last page may be full.
    const isRead = structured?.["next_line"] === undefined;
    if (structured?.["status"] !== "running" && isRead) this.end = structured;
  }

  async toEnd(): Promise<void> {
    while (this.end === undefined) await this.step();
  }
}

/** What a list says of the commands that a client can follow. */
async function listed(client: HastyClient): Promise<{
  running: string[];
  detached: { command_id: string; command: string; session_id?: string }[];
}> {
  const { structured } = await client.insist("session_list", {});
  // The schema of the result says so.
  const { sessions, detached } = structured as unknown as {
    sessions: { commands: { command_id: string; status: string }[] }[];
    detached?: { command_id: string; command: string; session_id?: string }[];
  };
  return {
    running: sessions.flatMap(({ commands }) => commands)
      .filter(({ status }) => status === "running").map(({ command_id }) => command_id),
    detached: detached ?? [],
  };
}

async function followBoth(place: Place): Promise<void> {
  {
    await using client = await HastyClient.connect(place);
    const session_id = await client.open(place.target);
    const call = { session_id, command: counting("apart", 4), detach: true };
    const answer = await client.call("session_exec", call).catch(inTime);
    assert.ok(answer?.isError !== true, answer?.text);
    await waitFor("the note of it", async () => (await listed(client)).detached[0]);
    // It dies here, and has not kept the id.
  }
  await using client = await HastyClient.connect(place);
  const [apart] = (await listed(client)).detached;
  assert.match(apart?.command ?? "", /echo apart/);
  const session_id = await client.open(place.target);
  const call = { session_id, command: counting("own", 5), wait_ms: TOO_LONG_MS };
  await assert.rejects(client.call("session_exec", call), TIMED_OUT);
  const own = await waitFor("the lost command", async () => (await listed(client)).running[0]);
  const followers = [own, apart?.command_id ?? ""].map((id) => new Follower(client, id));
  await Promise.all(followers.map((follower) => follower.toEnd()));
  const ends = followers.map(({ end }) => end);
  const codes = ends.map((end) => [end?.["status"], end?.["exit_code"]]);
  const context = JSON.stringify([place.target["transport"], ends]);
  assert.deepEqual(codes, [["exited", 5], ["exited", 4]], context);
  assert.deepEqual(
    followers.map(({ text }) => text),
    [expected("own"), expected("apart")],
    context,
  );
  const files = '"${XDG_STATE_HOME:-$HOME/.local/state}/execkit/detached/"';
  const command = `rm -rf ${files}${apart?.command_id}`;
  const { structured } = await client.insist("session_exec", { session_id, command });
  assert.equal(structured?.["exit_code"], 0);
}

/** Adds a state directory of its own to a server. */
function withState(place: Place, path: string): Place {
  const { variables, flags, target } = place;
  return {
    variables: { ...variables, EXECKIT_MCP_STATE_DIR: join(path, "state") },
    flags: [...flags, `--allow-read=${path}`, `--allow-write=${path}`],
    target,
  };
}

describe("commands of three minutes under a client that waits five seconds", {
  skip: SSHD_SKIP || DOCKER_SKIP,
}, () => {
  removeImagesAtEnd();
  it("are found again and followed without loss on local, ssh and docker", {
    timeout: TIMEOUT_MS,
  }, async () => {
    using local = makeTestFolder();
    using remote = makeTestFolder();
    using contained = makeTestFolder();
    await using sshd = await TestSshd.start();
    await using container = await startContainer("busybox");
    const inContainer = { transport: "docker", container: container.name };
    const variables = { EXECKIT_MCP_ALLOW_CONTAINERS: container.name };
    const ssh = { ...sshSetup(sshd), target: sshTarget(sshd) };
    const places = [
      withState({ variables: {}, flags: [], target: { transport: "local" } }, local.path),
      withState(ssh, remote.path),
      withState({ variables, flags: [...CONTAINER_FLAGS], target: inContainer }, contained.path),
    ];
    await Promise.all(places.map(followBoth));
  });
});
