import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkLayers } from "../../scripts/check_layers.ts";
import { formatFinding } from "../../scripts/support/findings.ts";
import { writeProject } from "./project_fixture.ts";

const CLEAN = {
  "mod.ts": 'export { Session } from "./src/session/session.ts";\n',
  "src/limits.ts": "export const LIMITS = {};\n",
  "src/safe_text.ts": "export const markSafeText = 1; export const safe = 2;\n",
  "src/output/redact.ts": 'import { markSafeText } from "../safe_text.ts"; markSafeText;\n',
  "src/policy/policy.ts": 'import { LIMITS } from "../limits.ts"; export const p = LIMITS;\n',
  "src/transports/transport.ts": "export interface Transport { kind: string }\n",
  "src/transports/ssh/ssh.ts": 'export const open = () => import("ssh2");\n',
  "src/shell/channel.ts": 'import type { Transport } from "../transports/transport.ts";\n',
  "src/session/session.ts": [
    'import { p } from "../policy/policy.ts";',
    'import { open } from "../transports/ssh/ssh.ts";',
    "export const Session = [p, open];\n",
  ].join("\n"),
  "src/mcp/server.ts": 'import { McpServer } from "@modelcontextprotocol/server"; McpServer;\n',
};

/** Checks the clean project with some files changed, and gives `rule file: what` for each. */
function findIn(changes: Readonly<Record<string, string>>): string[] {
  using project = writeProject({ ...CLEAN, ...changes });
  return checkLayers(project.path).map(({ rule, file, what }) => `${rule} ${file}: ${what}`);
}

describe("checkLayers()", () => {
  it("finds nothing in a project that keeps the rules", () => {
    assert.deepEqual(findIn({}), []);
  });

  it("finds a room that imports its neighbour", () => {
    assert.deepEqual(
      findIn({ "src/audit/log.ts": 'import { p } from "../policy/policy.ts";\np;\n' }),
      ["layers src/audit/log.ts: src/audit/ imports src/policy/policy.ts"],
    );
  });

  it("finds type-only imports, import types, re-exports and dynamic imports too", () => {
    const forms = [
      'import type { P } from "../policy/policy.ts";',
      'export type P = import("../policy/policy.ts").P;',
      'export { p } from "../policy/policy.ts";',
      'export * from "../policy/policy.ts";',
      'export const load = () => import("../policy/policy.ts");',
    ];
    for (const form of forms) {
      assert.equal(findIn({ "src/audit/log.ts": form }).length, 1, form);
    }
  });

  it("ignores what only looks like an import", () => {
    const text =
      '// import { p } from "../policy/policy.ts";\nexport const s = `import "../cli/x.ts"`;';
    assert.deepEqual(findIn({ "src/audit/log.ts": text }), []);
  });

  it("finds a floor file that imports a room", () => {
    const found = findIn({ "src/errors.ts": 'import "./policy/policy.ts";' });
    assert.deepEqual(found, ["layers src/errors.ts: src/ imports src/policy/policy.ts"]);
  });

  it("lets the shell room see the transport interface and nothing beside it", () => {
    const found = findIn({ "src/shell/more.ts": 'import "../transports/ssh/ssh.ts";' });
    assert.deepEqual(found, [
      "layers src/shell/more.ts: src/shell/ imports src/transports/ssh/ssh.ts",
    ]);
  });

  it("finds an import whose name is computed", () => {
    const found = findIn({ "src/policy/load.ts": "export const l = (n: string) => import(n);" });
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", /computed name/);
  });

  it("finds an example or a public test that goes past the public door", () => {
    const found = findIn({
      "examples/a.ts": 'import "../src/limits.ts"; import "../mod.ts";',
      "tests/public/a_test.ts": 'import "../../src/session/session.ts"; import "../../mod.ts";',
    });
    assert.deepEqual(found, [
      "layers examples/a.ts: examples/ imports src/limits.ts",
      "layers tests/public/a_test.ts: tests/public/ imports src/session/session.ts",
    ]);
  });

  it("finds a cycle, also one that types alone make", () => {
    const found = findIn({
      "src/policy/a.ts": 'import type { B } from "./b.ts"; export type A = B;',
      "src/policy/b.ts": 'import type { A } from "./a.ts"; export type B = A;',
    });
    assert.deepEqual(found, [
      "cycles src/policy/a.ts: imports itself through src/policy/a.ts -> src/policy/b.ts -> src/policy/a.ts",
    ]);
  });

  it("finds a heavy package outside of its room", () => {
    for (const name of ["ssh2", "npm:ssh2@1", "dockerode", "@modelcontextprotocol/server/stdio"]) {
      const found = findIn({ "src/audit/log.ts": `import type { X } from "${name}";` });
      assert.deepEqual(found, [`packages src/audit/log.ts: imports ${name}`]);
    }
  });

  it("finds a heavy package that the root entry loads at start", () => {
    const found = findIn({ "src/transports/ssh/ssh.ts": 'import "ssh2"; export const open = 1;' });
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", /^root-entry .*mod\.ts -> src\/session\/session\.ts -> /);
  });

  it("finds a maker of safe text outside of the output room, under any name", () => {
    const forms = [
      'import { markSafeText } from "../safe_text.ts";',
      'import { markSafeBytes as b } from "../safe_text.ts";',
      'import * as all from "../safe_text.ts";',
      'export * from "../safe_text.ts";',
    ];
    for (const form of forms) {
      const found = findIn({ "src/session/more.ts": form });
      assert.equal(found.length, 1, form);
      assert.match(found[0] ?? "", /^brand-makers /);
    }
    assert.deepEqual(
      findIn({ "src/session/more.ts": 'import { safe } from "../safe_text.ts";' }),
      [],
    );
  });

  it("says where, why and what to do", () => {
    using project = writeProject({ "src/audit/log.ts": '\nimport "../policy/policy.ts";' });
    const [finding] = checkLayers(project.path);
    assert.ok(finding);
    assert.match(
      formatFinding(finding),
      /^src\/audit\/log\.ts:2 layers: .+\n {2}why: .+\n {2}do: .+$/,
    );
  });
});
