import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { markSafeText } from "../../src/safe_text.ts";
import { type ProgressRequest, type ProgressTimes, withProgress } from "../../src/mcp/progress.ts";

type Sent = Parameters<ProgressRequest["notify"]>[0];

function every(everyMs: number): ProgressTimes {
  return { everyMs, lookMs: everyMs };
}

/** A request whose `enough` settles once so many notifications were sent. */
function requestWith(token: string | undefined, wanted: number) {
  const sent: Sent[] = [];
  let settle = () => {};
  const enough = new Promise<void>((resolve) => settle = resolve);
  const request: ProgressRequest = {
    ...(token === undefined ? {} : { _meta: { progressToken: token } }),
    notify: (notification) => {
      sent.push(notification);
      if (sent.length === wanted) settle();
      return Promise.resolve();
    },
  };
  return { sent, enough, request };
}

describe("withProgress()", () => {
  it("tells a client that asked how long it has been running", { timeout: 60_000 }, async () => {
    const { sent, enough, request } = requestWith("p1", 3);
    const result = await withProgress(request, async () => {
      await enough;
      return 42;
    }, every(20));
    assert.equal(result, 42);
    const seconds = sent.map(({ method, params }) => {
      assert.equal(method, "notifications/progress");
      assert.equal(params?.["progressToken"], "p1");
      return Number(params?.["progress"]);
    });
    assert.deepEqual(seconds, [...new Set(seconds)].sort((one, other) => one - other));
  });

  it("sends nothing after the result", { timeout: 60_000 }, async () => {
    const first = requestWith("p1", 1);
    await withProgress(first.request, () => first.enough, every(10));
    const count = first.sent.length;
    // A second call's ticks prove that time went on for the first one as well.
    const second = requestWith("p2", 5);
    await withProgress(second.request, () => second.enough, every(10));
    assert.equal(first.sent.length, count);
  });

  it("sends nothing to a client that did not ask", { timeout: 60_000 }, async () => {
    const silent = requestWith(undefined, 1);
    const other = requestWith("p1", 3);
    await withProgress(silent.request, () => {
      return withProgress(other.request, () => other.enough, every(10));
    }, every(10));
    assert.deepEqual(silent.sent, []);
  });

  it("stops when the work fails, and passes the failure on", async () => {
    const { sent, request } = requestWith("p1", 1);
    await assert.rejects(
      withProgress(request, () => Promise.reject(new Error("failed")), every(10_000)),
      /failed/,
    );
    assert.deepEqual(sent, []);
  });

  it("shows the last line of the command once it is new, redacted and cut", {
    timeout: 60_000,
  }, async () => {
    const { sent, enough, request } = requestWith("p1", 3);
    const long = "x".repeat(500);
    const written = [["first"], ["first"], ["first", " "], ["second"], [long]];
    let looks = 0;
    await withProgress(request, async (watch) => {
      watch(() => ({
        read: () => {
          const texts = written[Math.min(looks++, written.length - 1)] ?? [];
          return Promise.resolve({ lines: texts.map((text) => ({ text: markSafeText(text) })) });
        },
      }));
      await enough;
    }, { everyMs: 60_000, lookMs: 10 });
    assert.deepEqual(
      sent.map(({ params }) => params?.["message"]),
      ["first", "second", "x".repeat(200)],
    );
  });

  it("says that time passes when a command cannot be read", { timeout: 60_000 }, async () => {
    const { sent, enough, request } = requestWith("p1", 2);
    let fails = 0;
    await withProgress(request, async (watch) => {
      watch(() => {
        if (fails++ < 2) throw new Error("not yet");
        return undefined;
      });
      await enough;
    }, { everyMs: 20, lookMs: 5 });
    for (const { params } of sent) assert.match(String(params?.["message"]), /^running for \d+ s$/);
  });
});
