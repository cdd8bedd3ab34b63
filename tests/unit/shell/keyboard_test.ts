import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { ExeckitError } from "../../../src/errors.ts";
import {
  CANONICAL_LINE_MAX_BYTES,
  KEY_NAMES,
  keyBytes,
  TYPE_MAX_BYTES,
  typeKeys,
} from "../../../src/shell/keyboard.ts";
import type { SessionProcesses } from "../../../src/shell/process_control.ts";
import type { AsideScript, Transport } from "../../../src/transports/transport.ts";
import { skipWithout } from "../../support/processes.ts";

/** terminfo's names of keys; the entry `xterm` is for a keyboard in application mode. */
const TERMINFO: Readonly<Record<string, string>> = {
  up: "kcuu1",
  down: "kcud1",
  left: "kcub1",
  right: "kcuf1",
  home: "khome",
  end: "kend",
  page_up: "kpp",
  page_down: "knp",
  delete: "kdch1",
  insert: "kich1",
  shift_tab: "kcbt",
  ...Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`f${at + 1}`, `kf${at + 1}`])),
};

function text(name: string, mode?: "application"): string {
  return new TextDecoder().decode(keyBytes(name, mode));
}

/** A machine on which the typing script ends in a certain way; it counts how often it was asked. */
function machine(exitCode: number | undefined, stdout = "") {
  const asked: AsideScript[] = [];
  const transport: Transport = {
    kind: "memory",
    stdout: emptyStream(),
    stderr: emptyStream(),
    ended: new Promise(() => undefined),
    write: () => Promise.resolve(),
    close: () => Promise.resolve(),
    startAside(aside) {
      asked.push(aside);
      return Promise.resolve({
        stdout: oneChunk(stdout),
        exited: Promise.resolve(exitCode),
        write: () => Promise.resolve(),
        closeInput: () => Promise.resolve(),
        release: () => Promise.resolve(),
      });
    },
  };
  const processes: SessionProcesses = { transport, supervisorPid: 10, shellPid: 11 };
  return { asked, processes };
}

async function* emptyStream(): AsyncGenerator<Uint8Array> {}

async function* oneChunk(chunk: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(chunk));
}

async function failureOf(typing: Promise<void>): Promise<ExeckitError> {
  try {
    await typing;
  } catch (cause) {
    if (cause instanceof ExeckitError) return cause;
    throw cause;
  }
  throw new Error("Typing did not fail");
}

describe("keyBytes()", () => {
  it("sends what terminfo says of xterm", { skip: skipWithout("infocmp") }, () => {
    const entry = execFileSync("infocmp", ["-1", "-x", "xterm"], { encoding: "utf8" });
    for (const [name, capability] of Object.entries(TERMINFO)) {
      const value = new RegExp(`^\\s${capability}=(.*),$`, "m").exec(entry)?.[1];
      assert.equal(text(name, "application"), value?.replaceAll("\\E", "\x1b"), name);
    }
  });

  it("sends cursor keys in two ways and all others in one", () => {
    const cursor = KEY_NAMES.filter((name) => text(name) !== text(name, "application"));
    assert.deepEqual(cursor.toSorted(), ["down", "end", "home", "left", "right", "up"]);
    for (const name of cursor) {
      assert.equal(text(name), text(name, "application").replace("\x1bO", "\x1b["));
    }
  });

  it("sends the control characters of ASCII for control keys", () => {
    assert.deepEqual([text("ctrl_c"), text("ctrl_d"), text("ctrl_z")], ["\x03", "\x04", "\x1a"]);
    assert.equal(text("ctrl_\\"), "\x1c");
    assert.deepEqual([text("ctrl_i"), text("ctrl_m")], [text("tab"), text("enter")]);
  });

  it("gives nothing for a name that is no key", () => {
    for (const name of ["", "Enter", "ctrl_C", "toString", "__proto__", "f13"]) {
      assert.equal(keyBytes(name), undefined, name);
    }
  });
});

describe("typeKeys()", () => {
  it("refuses more than the keyboard holds, before anything is typed", async () => {
    const { asked, processes } = machine(0);
    const error = await failureOf(typeKeys(processes, new Uint8Array(TYPE_MAX_BYTES + 1)));
    assert.equal(error.code, "invalid_argument");
    assert.deepEqual(asked, []);
  });

  it("starts nothing when there is nothing to type", async () => {
    const { asked, processes } = machine(0);
    await typeKeys(processes, new Uint8Array(0));
    assert.deepEqual(asked, []);
  });

  it("asks for the terminal's mode only when a line does not fit into canonical mode", async () => {
    const full = new Uint8Array(CANONICAL_LINE_MAX_BYTES).fill(97);
    const line = [...full, 10];
    for (const [bytes, lines] of [[line, "short"], [[...line, ...line], "short"]] as const) {
      const { asked, processes } = machine(0);
      await typeKeys(processes, Uint8Array.from(bytes));
      assert.equal(asked[0]?.args?.at(-1), lines);
    }
    const { asked, processes } = machine(0);
    await typeKeys(processes, Uint8Array.from([97, ...line]));
    assert.equal(asked[0]?.args?.at(-1), "long");
  });

  it("says how much was taken when the terminal stops taking keys", async () => {
    const { processes } = machine(undefined, "1024\n2048\n");
    const error = await failureOf(typeKeys(processes, new Uint8Array(5000).fill(10)));
    assert.equal(error.code, "limit_reached");
    assert.match(error.detail, /2048 of 5000 bytes/);
  });

  it("says how much was taken when it took less than it reports", async () => {
    const { processes } = machine(undefined);
    const error = await failureOf(typeKeys(processes, new Uint8Array(5000).fill(10)));
    assert.match(error.detail, /at least 0 of 5000 bytes/);
  });
});
