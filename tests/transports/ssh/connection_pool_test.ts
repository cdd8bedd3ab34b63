import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { describe, it } from "node:test";
import type { Session } from "../../../mod.ts";
import { freePort } from "../../support/free_port.ts";
import { openScript, openSsh, readText, refusedSsh } from "../../support/ssh_sessions.ts";
import { SSHD_SKIP, TestSshd } from "../../support/sshd.ts";
import { waitFor, withinTime } from "../../support/wait_for.ts";

/** Opens many sessions at once, and closes them all. */
async function withSessions(
  server: TestSshd,
  count: number,
  body: (sessions: readonly Session[]) => Promise<void>,
): Promise<void> {
  const opened = await withinTime(
    "the sessions",
    Promise.all(Array.from({ length: count }, () => openSsh(server.options()))),
  );
  try {
    await body(opened);
  } finally {
    await Promise.all(opened.map((session) => session.close()));
  }
}

/** Every session runs something, and ends something that runs. */
async function useAll(sessions: readonly Session[]): Promise<void> {
  const results = await Promise.all(
    sessions.map(async (session, index) => {
      const said = await session.exec(`echo ${index}; cd /usr`);
      const stopped = await session.exec("sleep 60", { timeoutMs: 200 });
      return [said.stdout, stopped.status, (await session.exec("pwd")).stdout];
    }),
  );
  results.forEach((result, index) => {
    assert.deepEqual(result, [`${index}\n`, "timed_out", "/usr\n"]);
  });
}

/** A server that accepts connections and then says nothing. */
async function silentServer(): Promise<{ port: number; sockets: Set<Socket>; server: Server }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // Only a socket that is read notices its end.
    socket.resume();
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, sockets, server };
}

describe("connections to one host", { skip: SSHD_SKIP }, () => {
  it("are shared by 20 sessions", async () => {
    await using server = await TestSshd.start();
    await withSessions(server, 20, async (sessions) => {
      // 7 sessions on each, and one place for what runs beside them; that can need one more
      // where the machine is so slow that nobody leaves his place in time.
      const opened = (await server.connections()).length;
      assert.ok(opened >= 3 && opened <= 5, `${opened} connections for 20 sessions`);
      await useAll(sessions);
      const after = (await server.connections()).length;
      // Three scripts beside each session at most, where the machine is so slow that none has left.
      assert.ok(after <= 10, `${after} connections, when every session is interrupted at once`);
    });
  });

  it("are used again by the next session, and given up when none comes", async () => {
    await using server = await TestSshd.start();
    for (let round = 0; round < 3; round++) {
      await using session = await openSsh(server.options());
      await session.exec("true");
      // The one before stays for a while, so that a new one would be a second one.
      assert.equal((await server.connections()).length, 1);
    }
    await waitFor(
      "the end of the connection",
      async () => (await server.connections()).length === 0 ? true : undefined,
    );
  });

  it("are not shared by two hosts, nor by two users' keys", async () => {
    await using one = await TestSshd.start();
    await using other = await TestSshd.start();
    one.makeKey("second");
    await using _first = await openSsh(one.options());
    await using _second = await openSsh(other.options());
    await using _third = await openSsh(one.options({ keyPath: "second" }));
    assert.equal((await one.connections()).length, 2);
    assert.equal((await other.connections()).length, 1);
  });

  for (const limit of [1, 2, 3]) {
    it(`stay under MaxSessions ${limit}`, async () => {
      await using server = await TestSshd.start({ config: [`MaxSessions ${limit}`] });
      await withSessions(server, 4, useAll);
    });
  }

  it("are made again when MaxStartups drops some of ten at once", async () => {
    await using server = await TestSshd.start({ config: ["MaxStartups 2:100:3"] });
    const sessions = await withinTime(
      "ten sessions",
      Promise.all(Array.from(
        { length: 10 },
        // Different signs of life, so that no two sessions share a connection.
        (_, index) => openSsh(server.options({ keepaliveIntervalMs: 5000 + index })),
      )),
    );
    assert.equal((await server.connections()).length, 10);
    await Promise.all(sessions.map((session) => session.close()));
  });

  it("have room for many scripts beside one session", async () => {
    await using server = await TestSshd.start();
    const transport = await openScript(server.options(), "cat >/dev/null");
    const asides = await withinTime(
      "30 scripts",
      Promise.all(Array.from({ length: 30 }, async (_, index) => {
        const aside = await transport.startAside({
          script: "echo $1; sleep 0.2",
          args: [`${index}`],
        });
        const text = await readText(aside.stdout);
        const code = await aside.exited;
        await aside.release();
        return [text, code];
      })),
    );
    asides.forEach((result, index) => assert.deepEqual(result, [`${index}\n`, 0]));
    await transport.close();
  });
});

describe("a host that does not answer", () => {
  it("is given up when time is up, and every session by its own time", async () => {
    const { port, sockets, server } = await silentServer();
    try {
      const base = {
        host: "127.0.0.1",
        port,
        user: "nobody",
        configFile: false,
        agent: false,
        insecureAcceptAnyHostKey: true,
      } as const;
      const slow = refusedSsh({ ...base, connectTimeoutMs: 1500 }, "connect_failed");
      const startedMs = performance.now();
      const fast = await refusedSsh({ ...base, connectTimeoutMs: 300 }, "connect_failed");
      const fastMs = performance.now() - startedMs;
      assert.match(fast.message, /within 300 ms/);
      await slow;
      assert.ok(fastMs < performance.now() - startedMs);
      await waitFor("the end of the sockets", () => sockets.size === 0 ? true : undefined);
    } finally {
      server.close();
    }
  });

  it("is told from one that refuses, one that is unknown and one that hangs up", async () => {
    const base = {
      user: "nobody",
      configFile: false,
      agent: false,
      insecureAcceptAnyHostKey: true,
      host: "127.0.0.1",
    } as const;
    const refused = await refusedSsh({ ...base, port: await freePort() }, "connect_failed");
    assert.match(refused.message, /nothing listens on that port/);
    // Whatever time is up in: a pause, or a try that nobody answers any more.
    for (const silentFrom of [Infinity, 1]) {
      let greeted = 0;
      const rude = createServer((socket) => {
        socket.on("error", () => undefined);
        if (greeted++ < silentFrom) socket.end("Exceeded MaxStartups\r\n");
        else socket.resume();
      });
      await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
      const address = rude.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      try {
        const options = { ...base, port, connectTimeoutMs: 1000 };
        const hungUp = await refusedSsh(options, "connect_failed");
        assert.match(hungUp.message, /closed \d+ connections before it named itself/);
      } finally {
        rude.close();
      }
    }
  });

  it("is told from one that speaks something else", async () => {
    const web = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const address = web.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      await withinTime(
        "the refusal",
        refusedSsh({
          host: "127.0.0.1",
          port,
          user: "nobody",
          configFile: false,
          agent: false,
          insecureAcceptAnyHostKey: true,
          connectTimeoutMs: 1000,
        }, "connect_failed"),
      );
    } finally {
      web.close();
    }
  });
});
