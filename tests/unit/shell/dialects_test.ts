import assert from "node:assert/strict";
import { test } from "node:test";
import { bashDialect } from "../../../src/shell/dialects/bash.ts";
import {
  frameFunctions,
  type FrameRequest,
  namePrefix,
} from "../../../src/shell/dialects/dialect.ts";
import { ashDialect, dashDialect } from "../../../src/shell/dialects/posix.ts";
import { zshDialect } from "../../../src/shell/dialects/zsh.ts";

const TOKEN = "0123456789abcdef01234567";
const NONCE = "fedcba987654321001234567";
const DIALECTS = [bashDialect, zshDialect, dashDialect, ashDialect];

function request(text: string): FrameRequest {
  return {
    token: TOKEN,
    directory: "/tmp/it's here",
    nonce: NONCE,
    command: { text },
    previousStatus: 0,
    input: "/dev/null",
    tty: false,
  };
}

test("frameFunctions() makes every expansion safe under nounset", () => {
  assert.equal(
    frameFunctions('@a() { x="$@n $PWD $1 $?"; y="\\${@e}\\$@r"; }', TOKEN),
    '__ek_012345a() { x="${__ek_012345n-} ${PWD-} $1 $?"; y="\\${__ek_012345e-}\\${__ek_012345r-}"; }',
  );
});

test("namePrefix() differs from launch to launch", () => {
  assert.notEqual(namePrefix(TOKEN), namePrefix(NONCE));
});

for (const dialect of DIALECTS) {
  test(`${dialect.name}: init() and frame() end with a newline and carry their keys`, () => {
    const init = dialect.init({
      token: TOKEN,
      directory: "/tmp/x",
      cwd: "/it's",
      env: [["A", "b'c"]],
      terminal: true,
      restore: false,
    });
    assert.ok(init.endsWith("\n"));
    assert.match(init, /^export A='b'\\''c'$/m);
    assert.ok(init.includes(TOKEN));
    const frame = dialect.frame(request("echo hi"));
    assert.ok(frame.endsWith("\n"));
    assert.ok(frame.includes(NONCE));
  });

  test(`${dialect.name}: frame() sends no raw record separator`, () => {
    assert.ok(!dialect.frame(request("echo hi")).includes("\x1e"));
    assert.ok(!dialect.repair?.(TOKEN, "/tmp/x").includes("\x1e"));
  });
}

for (const dialect of [bashDialect, zshDialect]) {
  test(`${dialect.name}: frame() is one line, whatever the command`, () => {
    for (const text of ["a\nb", "'\n'", "\\\n", "\n", "$'x\n'"]) {
      assert.equal(
        dialect.frame(request(text)).indexOf("\n"),
        dialect.frame(request(text)).length - 1,
      );
    }
  });
}
