import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type RecordingFactory,
  recordTransport,
  replayTransport,
  sessionContract,
  type Transcript,
} from "../../src/testing/mod.ts";
import { ExeckitError } from "../../src/errors.ts";
import { safe } from "../../src/safe_text.ts";
import { Session } from "../../src/session/session.ts";
import { localTransportFactory } from "../../src/transports/local/local_transport.ts";
import { runAside } from "../../src/transports/run_aside.ts";
import type { AsideProcess, Transport, TransportFactory } from "../../src/transports/transport.ts";
import { SHELLS } from "../support/open_session.ts";

/** Milliseconds of a command whose time-out is not the promise's matter: a replay that hangs fails. */
const TIMEOUT_MS = 30_000;
const PLAN = { script: ":", args: [] };

for (const shell of SHELLS) {
  const terminals = shell.name === "bash" ? ["auto", "none"] as const : ["auto"] as const;
  const skip = shell.skip === false ? {} : { skip: shell.skip };
  for (const terminal of terminals) {
    const name = `${shell.dialect}, terminal ${terminal}`;
    const launch = { shell: shell.name, terminal, timeoutMs: TIMEOUT_MS };
    // The suite opens one session for each promise, in the same order each time it is declared.
    const records: RecordingFactory[] = [];
    const replays: RecordingFactory[] = [];
    sessionContract({
      name: `memory, ${name}, while it is recorded`,
      ...skip,
      open: async (options) => {
        const recording = recordTransport(localTransportFactory());
        records.push(recording);
        return await Session.open({ ...options, ...launch, transport: recording.factory });
      },
    });
    sessionContract({
      name: `memory, ${name}, replayed`,
      ...skip,
      open: async (options) => {
        const record = records[replays.length];
        assert.ok(record !== undefined, "This promise was not recorded");
        const recording = recordTransport(replayTransport(asRead(record.transcript())));
        replays.push(recording);
        return await Session.open({ ...options, ...launch, transport: recording.factory });
      },
    });
    describe(`the records of ${name}`, () => {
      it("were replayed whole", skip, () => {
        assert.ok(records.length > 0);
        assert.deepEqual(replays.map(whatWasDone), records.map(whatWasDone));
      });
    });
  }
}

describe("replayTransport()", () => {
  it("gives again what scripts beside the shell answer, and what they cause", async () => {
    const transport = await replayTransport(await recordFake()).open(PLAN);
    const seen = textOf(transport.stdout);
    for (const aside of FAKE_ASIDES) assert.deepEqual(await answer(transport, aside), aside.answer);
    assert.equal(await seen, FAKE_ASIDES.map(({ name }) => `before ${name};`).join(""));
    assert.deepEqual(await transport.ended, { reason: "lost" });
    await assert.rejects(transport.write(new Uint8Array(1)), { code: "session_lost" });
  });
  it("refuses what was refused, in the order of the record", async () => {
    const replay = replayTransport(await recordFake());
    await replay.open(PLAN);
    await assert.rejects(replay.open(PLAN), { code: "connect_failed" });
  });
  it("holds back what came after a further write, however often the first is repeated", async () => {
    const replay = replayTransport({
      version: 2,
      keys: ["key"],
      launches: [{ afterMade: 0 }],
      chunks: [
        { stream: "stdout", afterKeys: 1, base64: btoa("asked ") },
        { stream: "stdout", afterKeys: 1, afterWrites: 1, base64: btoa("asked again ") },
        { stream: "stderr", afterKeys: 1, afterWrites: 1, base64: btoa("error") },
      ],
      ends: [{ of: "stdout", afterKeys: 1, afterWrites: 1, afterChunks: 3 }],
    });
    const transport = await replay.open(PLAN);
    const arrived = transport.stdout[Symbol.asyncIterator]();
    const next = async () => new TextDecoder().decode((await arrived.next()).value);
    await write(transport, "key");
    assert.equal(await next(), "asked ");
    await write(transport, "key");
    const second = next();
    await write(transport, "another");
    assert.equal(await second, "asked again ");
    assert.equal((await arrived.next()).done, true);
  });
  it("fails at once, and loses its transports, when another script is run", async () => {
    const replay = replayTransport(await recordFake());
    const transport = await replay.open(PLAN);
    const unread = textOf(transport.stdout);
    await assert.rejects(transport.startAside({ script: "other" }), { name: "ReplayMismatch" });
    await unread;
    assert.deepEqual(await transport.ended, { reason: "lost" });
    await assert.rejects(replay.open(PLAN), { name: "ReplayMismatch" });
  });
  it("fails at once when more shells are started or more keys made than were recorded", async () => {
    const replay = replayTransport({ version: 2, keys: ["key"], chunks: [], launches: [] });
    assert.equal(replay.makeKey?.(), "key");
    assert.throws(() => replay.makeKey?.(), { name: "ReplayMismatch" });
    const another = replayTransport({ version: 2, keys: ["key"], chunks: [], launches: [] });
    await assert.rejects(another.open(PLAN), { name: "ReplayMismatch" });
  });
  it("fails at once when a shell is started at another point", async () => {
    const launches = [{ afterMade: 1 }];
    const replay = replayTransport({ version: 2, keys: ["key"], chunks: [], launches });
    await assert.rejects(replay.open(PLAN), { name: "ReplayMismatch" });
  });
  it("refuses a version that it does not know", () => {
    const future = asRead({ version: 2, keys: [], chunks: [] }, { version: 3 });
    assert.throws(() => replayTransport(future), { code: "invalid_argument" });
  });
  for (const shell of SHELLS) {
    const skip = shell.skip === false ? {} : { skip: shell.skip };
    it(`makes a ${shell.dialect} session fail that runs more than was recorded`, skip, async () => {
      const recording = recordTransport(localTransportFactory());
      const launch = { shell: shell.name, timeoutMs: TIMEOUT_MS };
      const recorded = await Session.open({ ...launch, transport: recording.factory });
      await recorded.exec("echo one");
      await recorded.close();
      const transport = replayTransport(asRead(recording.transcript()));
      const session = await Session.open({ ...launch, transport });
      try {
        assert.equal((await session.exec("echo one")).stdout, "one\n");
        await assert.rejects(session.exec("echo two"), { code: "internal" });
      } finally {
        await session.close();
      }
    });
  }
});

/** What a reader of the written record gets. */
function asRead(transcript: Transcript, changes: object = {}): Transcript {
  return JSON.parse(JSON.stringify({ ...transcript, ...changes }));
}

/** What must be the same in a replay; the moment in which a chunk is noticed need not be. */
function whatWasDone(recording: RecordingFactory): Partial<Transcript> {
  const { chunks: _, ends: __, ...done } = recording.transcript();
  return done;
}

/** The ways in which a script beside the shell ends. */
const FAKE_ASIDES = [
  { name: "speaks", answer: { exitCode: 3, stdout: "said" } },
  { name: "breaks", answer: { stdout: "" } },
  { name: "refused", answer: "limit_reached" },
  { name: "runs_on", answer: { stdout: "" } },
] as const;

/** Records a machine that does all that a record can hold, and then is lost. */
async function recordFake(): Promise<Transcript> {
  const recording = recordTransport(fakeFactory());
  const transport = await recording.factory.open(PLAN);
  const read = textOf(transport.stdout);
  for (const aside of FAKE_ASIDES) await answer(transport, aside);
  await read;
  await transport.ended;
  await assert.rejects(recording.factory.open(PLAN), { code: "connect_failed" });
  return asRead(recording.transcript());
}

function fakeFactory(): TransportFactory {
  let opened = 0;
  return {
    kind: "local",
    target: "fake",
    open: () => {
      opened += 1;
      if (opened === 1) return Promise.resolve(fakeTransport());
      return Promise.reject(
        new ExeckitError({ code: "connect_failed", message: safe`Cannot reach the fake` }),
      );
    },
  };
}

/** Each script beside it makes it say which one will be next, and the last one loses it. */
function fakeTransport(): Transport {
  const names: string[] = FAKE_ASIDES.map(({ name }) => name);
  const asked = names.map(() => deferred());
  const lost = deferred();
  async function* stdout(): AsyncGenerator<Uint8Array> {
    for (const [index, name] of names.entries()) {
      yield new TextEncoder().encode(`before ${name};`);
      await asked[index]?.promise;
    }
    lost.resolve();
  }
  return {
    kind: "local",
    stdout: stdout(),
    stderr: nothing(),
    ended: lost.promise.then(() => ({ reason: "lost" as const })),
    write: () => Promise.resolve(),
    close: () => Promise.resolve(),
    startAside: ({ script }) => {
      asked[names.indexOf(script)]?.resolve();
      if (script !== "refused") return Promise.resolve(fakeAside(script));
      return Promise.reject(
        new ExeckitError({ code: "limit_reached", message: safe`Cannot start the fake` }),
      );
    },
  };
}

function fakeAside(script: string): AsideProcess {
  const released = deferred();
  async function* said(): AsyncGenerator<Uint8Array> {
    if (script === "speaks") yield new TextEncoder().encode("said");
    if (script === "runs_on") await released.promise;
  }
  return {
    stdout: said(),
    exited: script === "runs_on"
      ? released.promise.then(() => undefined)
      : Promise.resolve(script === "speaks" ? 3 : undefined),
    write: () => Promise.resolve(),
    closeInput: () => Promise.resolve(),
    release: () => Promise.resolve(released.resolve()),
  };
}

/** Runs a script beside the shell as the session does; what runs on is ended at its deadline. */
async function answer(transport: Transport, { name }: { readonly name: string }): Promise<unknown> {
  const timeoutMs = name === "runs_on" ? 20 : TIMEOUT_MS;
  try {
    const done = await runAside(transport, { script: name, timeoutMs });
    return { ...done, stdout: new TextDecoder().decode(done.stdout) };
  } catch (error) {
    assert.ok(error instanceof ExeckitError);
    return error.code;
  }
}

async function write(transport: Transport, text: string): Promise<void> {
  await transport.write(new TextEncoder().encode(text));
}

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of source) text += new TextDecoder().decode(chunk);
  return text;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => resolve = done);
  return { promise, resolve };
}
