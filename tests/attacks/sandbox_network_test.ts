import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { describe, it } from "node:test";
import { Session } from "../../mod.ts";
import { skipWithout } from "../support/processes.ts";
import { makeHostFolder, openSandboxed, outcomeOf, SANDBOX_SKIP } from "../support/sandboxes.ts";

const skip = SANDBOX_SKIP;

/** A listener on this machine's loopback that says hello. */
async function listen(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((socket) => socket.end("hello\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port");
  return { port: address.port, server };
}

const connect = (port: number) => `IFS= read -r line </dev/tcp/127.0.0.1/${port} && echo "$line"`;

describe("a sandbox against the network", () => {
  it("reaches no port of the machine", { skip }, async () => {
    const { port, server } = await listen();
    try {
      await using session = await openSandboxed();
      const tried = await outcomeOf(session, connect(port));
      assert.notEqual(tried.exitCode, 0);
      assert.doesNotMatch(tried.text, /hello/);
      assert.equal((await session.exec("echo still here")).stdout, "still here\n");
    } finally {
      server.close();
    }
  });

  it("reaches it when the operator gives it the network", { skip }, async () => {
    const { port, server } = await listen();
    try {
      await using session = await openSandboxed({ network: "host" });
      assert.equal((await session.exec(connect(port))).stdout, "hello\n");
    } finally {
      server.close();
    }
  });

  it("has no way out for curl", { skip: skip || skipWithout("curl") }, async () => {
    const { port, server } = await listen();
    try {
      await using session = await openSandboxed();
      const tried = await outcomeOf(session, `curl -sS -m 5 http://127.0.0.1:${port}/`);
      assert.match(tried.text, /connect/i);
      assert.notEqual(tried.exitCode, 0);
    } finally {
      server.close();
    }
  });

  it("connects to no socket in the file system", {
    skip: skip || skipWithout("perl"),
  }, async () => {
    const serve = `use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Local => $ARGV[0],
      Listen => 1) or die; $| = 1; print "up\\n"; while (my $c = $s->accept) { print $c "hello\\n" }`;
    const ask = `use IO::Socket::UNIX; my $c = IO::Socket::UNIX->new(Peer => $ARGV[0])
      or die "refused: $!\\n"; print <$c>`;
    using workspace = makeHostFolder();
    workspace.write("serve.pl", serve);
    workspace.write("ask.pl", ask);
    await using outside = await Session.open({ transport: "local", cwd: workspace.path });
    await outside.exec('mkfifo up; perl serve.pl "$PWD/docker.sock" >up & read -r word <up');
    assert.equal((await outside.exec("perl ask.pl docker.sock")).stdout, "hello\n");

    await using session = await openSandboxed({ workspace: workspace.path, network: "host" });
    const tried = await outcomeOf(session, "perl ask.pl docker.sock");
    assert.equal(tried.text, "refused: Operation not permitted\n");
    const pair =
      'use Socket; socketpair($a, $b, AF_UNIX, $ARGV[0], 0) or die "no\\n"; print "yes\\n"';
    workspace.write("pair.pl", pair);
    assert.equal((await outcomeOf(session, "perl pair.pl 1")).text, "yes\n");
    assert.equal((await outcomeOf(session, "perl pair.pl 2")).text, "no\n");
  });
});
