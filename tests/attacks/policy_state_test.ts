import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createDenyListPolicy, parsePolicyFile, type Policy, Session } from "../../mod.ts";
import { makeTestFolder } from "../support/open_session.ts";

/** What earlier commands prepare, so that a last one that looks harmless runs `touch made`. */
const PREPARATIONS: readonly (readonly string[])[] = [
  ["alias ls='touch made'", "ls"],
  ["alias a='touch'\nalias b='made'", "a made"],
  ["ls() { touch made; }", "ls"],
  ["function ls { command touch made; }", "ls"],
  ["eval 'ls() { touch made; }'", "ls"],
  ["mkdir bin; cp /usr/bin/touch bin/ls", "PATH=$PWD/bin", "ls made"],
  ["hash -p /usr/bin/touch ls", "ls made"],
  ["PROMPT_COMMAND='touch made'", "true"],
  ["trap 'touch made' DEBUG", "true"],
  ["trap 'touch made' EXIT", "exit"],
  ["X=touch", "$X made"],
  ["set -- touch made", '"$@"'],
  ["exec 5<<<'touch made'", ". /dev/fd/5"],
  ["shopt -s expand_aliases; alias ls='touch made;'", "ls"],
  ["BASH_ENV=$PWD/evil; export BASH_ENV", "bash -c true"],
  ["enable -n ls; command_not_found_handle() { touch made; }", "no_such_program"],
  ["printf -v X 'tou%s' ch", "$X made"],
  ["read X <<<touch", "$X made"],
  ["BASH_ALIASES[ls]='touch made'", "ls"],
  ["declare -n R=BASH_ALIASES; R[ls]='touch made'", "ls"],
  ["BASH_CMDS[ls]=/usr/bin/touch", "ls made"],
  [": ${BASH_CMDS[ls]:=/usr/bin/touch}", "ls made"],
  ["mkdir 1; cp /usr/bin/touch 1/ls; (( PATH = 1 ))", "ls made"],
  ["mkdir bin; cp /usr/bin/touch bin/ls", "X=PATH; read $X <<<$PWD/bin", "ls made"],
  ["mkdir 7; cp /usr/bin/touch 7/ls", "X=PATH; (( $X = 7 ))", "ls made"],
  ["X=BASH_ENV; : ${!X:=$PWD/evil}; export BASH_ENV; echo 'touch made' >evil", "bash -c true"],
  ["compgen -W '$(touch made)'"],
  ["[[ 'a[$(touch made)]' -eq 1 ]]"],
  ["read X <<<'a[$(touch made)]'", "echo $(( X ))"],
  ["for X in 'a[$(touch made)]'; do :; done", "echo $(( X ))"],
];

async function prepare(policy: Policy | undefined, commands: readonly string[]): Promise<boolean> {
  using folder = makeTestFolder();
  await using session = await Session.open({
    transport: "local",
    shell: "bash",
    cwd: folder.path,
    ...(policy === undefined ? {} : { policy }),
  });
  for (const command of commands) await session.exec(command, { timeoutMs: 20_000 });
  return existsSync(join(folder.path, "made"));
}

async function succeeding(policy: Policy | undefined): Promise<readonly string[]> {
  const made: string[] = [];
  for (const commands of PREPARATIONS) {
    if (await prepare(policy, commands)) made.push(commands.join(" | "));
  }
  return made;
}

describe("a fence in a session that keeps its state", () => {
  it("is not passed by what earlier commands defined: a deny list", async () => {
    assert.deepEqual(await succeeding(createDenyListPolicy({ deny: ["touch"] })), []);
  });

  it("is not passed by what earlier commands defined: an allow-list", async () => {
    const text = `{ "version": 1, "default": "ask", "packs": { "read-only": "allow" },
      "rules": [{ "id": "own", "decision": "allow", "program": ["alias", "mkdir", "trap"] }] }`;
    assert.deepEqual(await succeeding(parsePolicyFile(text)), []);
  });

  it("would be passed without it", async () => {
    const made = await succeeding(undefined);
    assert.ok(made.length > PREPARATIONS.length * 0.7, `only ${made.join("\n")}`);
  });

  it("knows nothing of what another session defined", async () => {
    const policy = createDenyListPolicy({ deny: ["touch"] });
    await using one = await Session.open({ transport: "local", policy });
    await using other = await Session.open({ transport: "local", policy });
    assert.equal((await one.exec("say() { echo said; }")).status, "exited");
    assert.equal((await one.exec("say")).stdout, "said\n");
    assert.equal((await other.exec("say")).exitCode, 127);
  });
});
