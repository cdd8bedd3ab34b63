import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExeckitError } from "../../mod.ts";
import { SessionRegistry } from "../../src/session/session_registry.ts";
import { waitFor } from "../support/wait_for.ts";

const isUnknown = (cause: unknown) =>
  cause instanceof ExeckitError && cause.code === "unknown_command";

describe("SessionRegistry after a session was closed", () => {
  it("still reads its output, and says how its commands ended", async () => {
    await using registry = new SessionRegistry();
    const { id } = await registry.open({ transport: "local" });
    const first = await registry.exec(id, "echo one; (exit 3)");
    const second = await registry.exec(id, "echo two; sleep 600", {
      waitMs: 20_000,
      until: { pattern: "^two$" },
    });
    assert.equal(second.status, "running");
    await registry.destroy(id);
    const part = await registry.command(second.commandId).read({
      stream: "both",
      lines: 10,
      maxChars: 1000,
    });
    assert.match(part.text, /^two\n/);
    await registry.look();
    const [closed] = registry.listClosed();
    assert.equal(closed?.sessionId, id);
    assert.deepEqual(
      closed?.commands.map(({ commandId, exitCode }) => [commandId, exitCode]).at(-1),
      [first.commandId, 3],
    );
    assert.ok(!["running", "waiting_for_input"].includes(closed?.commands[0]?.status ?? "running"));
    assert.deepEqual(registry.list(), []);
    assert.equal(registry.commands(id).length, 2);
  });

  it("forgets it when the time is over, and frees the output", async () => {
    await using registry = new SessionRegistry({ outputKeepMs: 50 });
    const { id } = await registry.open({ transport: "local" });
    const { commandId } = await registry.exec(id, "echo one");
    const command = registry.command(commandId).require();
    await registry.destroy(id);
    await waitFor("the end of the output", () => {
      return registry.listClosed().length === 0 ? true : undefined;
    });
    assert.throws(() => registry.command(commandId), isUnknown);
    await waitFor("the output to be freed", async () => {
      try {
        await command.read();
        return undefined;
      } catch (cause) {
        return isUnknown(cause) ? true : undefined;
      }
    });
  });

  it("frees everything when it is closed itself", async () => {
    const registry = new SessionRegistry();
    const { id } = await registry.open({ transport: "local" });
    const command = registry.command((await registry.exec(id, "echo one")).commandId).require();
    const other = await registry.open({ transport: "local" });
    const { commandId } = await registry.exec(other.id, "echo two");
    const late = registry.command(commandId).require();
    await registry.destroy(id);
    await registry.close();
    await assert.rejects(command.read(), isUnknown);
    await assert.rejects(late.read(), isUnknown);
  });

  it("says of a command that was refused that it has no output", async () => {
    await using registry = new SessionRegistry();
    const { id } = await registry.open({
      transport: "local",
      policy: { decide: () => ({ decision: "deny" }) },
    });
    const { commandId } = await registry.exec(id, "echo one");
    assert.throws(() => registry.command(commandId).require(), isUnknown);
    assert.equal(registry.command(commandId).summary.status, "blocked");
    await registry.destroy(id);
    assert.deepEqual(registry.listClosed(), []);
  });
});
