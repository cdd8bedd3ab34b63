import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Session } from "../../../src/session/session.ts";
import { engineError } from "../../../src/transports/docker/engine_errors.ts";
import { ExeckitError } from "../../../src/errors.ts";
import { docker, removeImagesAtEnd, TEST_PREFIX, testImage } from "../../support/docker.ts";
import { assertCode } from "../../support/docker_assertions.ts";
import { DOCKERD_SKIP, makeCertificates, TestEngine } from "../../support/dockerd.ts";
import { freePort } from "../../support/free_port.ts";
import { DrivenSessions } from "../../support/driven_sessions.ts";
import { makeTestFolder } from "../../support/open_session.ts";
import { waitFor, withinTime } from "../../support/wait_for.ts";

/** Something that listens and is no engine; it answers every connection the same. */
async function impostor(answer: string): Promise<{ server: Server; dockerHost: string }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (answer !== "") socket.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { server, dockerHost: `tcp://127.0.0.1:${address.port}` };
}

function open(dockerHost: string, timing: { connectTimeoutMs?: number } = {}): Promise<Session> {
  return Session.open({ transport: "docker", container: "web", dockerHost, ...timing });
}

describe("an engine that cannot be used", () => {
  it("is named when its socket is not there", async () => {
    using folder = makeTestFolder();
    const path = join(folder.path, "engine.sock");
    // A program of its own: these tests themselves may open the usual socket only.
    const access = ["net=unix:", "read=", "write="].map((kind) => `--allow-${kind}${path}`);
    await using driver = await DrivenSessions.start({}, ["--allow-env", ...access]);
    await assert.rejects(
      driver.openOn("s", { transport: "docker", container: "web", dockerHost: `unix://${path}` }),
      /connect_failed: .*there is no such socket/,
    );
  });

  it("is named when nothing listens", async () => {
    const dockerHost = `tcp://127.0.0.1:${await freePort()}`;
    const error = await assertCode(() => open(dockerHost), "connect_failed");
    assert.match(error.message, /nothing listens/);
  });

  it("is named when it does not answer", async () => {
    const { server, dockerHost } = await impostor("");
    try {
      const error = await withinTime(
        "the refusal",
        assertCode(() => open(dockerHost, { connectTimeoutMs: 500 }), "connect_failed"),
      );
      assert.match(error.message, /did not answer in time/);
    } finally {
      server.close();
    }
  });

  for (
    const answer of [
      "SSH-2.0-OpenSSH_9.2\r\n",
      "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno",
    ]
  ) {
    it(`is refused when it says ${JSON.stringify(answer.slice(0, 12))}`, async () => {
      const { server, dockerHost } = await impostor(answer);
      try {
        await withinTime("the refusal", assertCode(() => open(dockerHost), "connect_failed"));
      } finally {
        server.close();
      }
    });
  }

  it("is told from one whose socket this user may not open", () => {
    const cause = Object.assign(new Error("connect EACCES /var/run/docker.sock"), {
      code: "EACCES",
    });
    const error = engineError(cause);
    assert.ok(error instanceof ExeckitError);
    assert.equal(error.code, "permission_denied");
    assert.doesNotMatch(error.message, /docker\.sock/);
  });

  it("is told from one that the runtime keeps out of reach, with the flags that help", () => {
    const cause = Object.assign(new Error("Requires net access"), { name: "NotCapable" });
    const error = engineError(cause);
    assert.ok(error instanceof ExeckitError);
    assert.equal(error.code, "permission_denied");
    assert.match(error.hint, /--allow-env .*--allow-net=unix:/);
  });
});

describe("an engine over TCP with TLS", () => {
  it("is used, checked, and its crash survived", { skip: DOCKERD_SKIP }, async () => {
    await using engine = await TestEngine.start();
    const name = await containerOn(engine);
    const { address: dockerHost, tlsDirectory } = engine;
    const options = { transport: "docker", container: name, dockerHost } as const;

    const session = await Session.open({ ...options, tlsDirectory });
    assert.equal((await session.exec("echo over TLS")).stdout, "over TLS\n");

    using stranger = makeTestFolder();
    await makeCertificates(stranger.path);
    const untrusted = () => Session.open({ ...options, tlsDirectory: stranger.path });
    assert.match((await assertCode(untrusted, "connect_failed")).message, /TLS|certificate/);
    await assertCode(() => Session.open(options), "connect_failed");

    await session.exec("sleep 701 &");
    const running = session.exec("sleep 702");
    await waitFor(
      "the command to begin",
      async () => (await processesOf(engine, name)).includes("sleep 702") ? true : undefined,
    );
    await engine.kill();
    const result = await withinTime("the command's result", running);
    assert.equal(result.status, "lost");
    await withinTime("the session to close", session.close());

    await engine.restart();
    assert.match(await processesOf(engine, name), /sleep 701/);
    const next = await Session.open({ ...options, tlsDirectory });
    await next.exec("sleep 703 &");
    await waitFor(
      "the lost session's processes to end",
      async () => /sleep 70[12]/.test(await processesOf(engine, name)) ? undefined : true,
    );
    assert.match(await processesOf(engine, name), /sleep 703/);
    await next.close();
  });
});

function processesOf(engine: TestEngine, name: string): Promise<string> {
  return engine.docker("exec", name, "ps", "-o", "args");
}

/** A container on another engine, of the image that the first one has. */
async function containerOn(engine: TestEngine): Promise<string> {
  using folder = makeTestFolder();
  const image = await testImage("busybox");
  const archive = join(folder.path, "image.tar");
  await docker("save", "--output", archive, image);
  await engine.docker("load", "--input", archive);
  const name = `${TEST_PREFIX}over-tls`;
  await engine.docker(
    "run",
    "--detach",
    "--init",
    "--network=none",
    "--name",
    name,
    image,
    "sleep",
    "9999",
  );
  return name;
}

removeImagesAtEnd();
