import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createDenyListPolicy, parsePolicyFile, type Policy, Session } from "../../mod.ts";
import { makeTestFolder } from "../support/open_session.ts";

/** Ways to run `touch "$F"` under a deny list that names `touch`. */
const DISGUISES: readonly string[] = [
  "touch $F",
  "t''ouch $F",
  '"to"uch $F',
  "\\touch $F",
  "$'\\x74ouch' $F",
  "tou\\\nch $F",
  "/usr/bin/touch $F",
  "/usr/../usr/bin/touch $F",
  "cd /usr/bin; ./touch $F",
  "/usr/bin/t?uch $F",
  "X=touch; $X $F",
  "$(echo touch) $F",
  "`printf 'to%s' uch` $F",
  "{touch,$F}",
  "env touch $F",
  "env -i touch $F",
  "env -S 'touch '$F",
  "command touch $F",
  "exec touch $F",
  "nice -n 1 touch $F",
  "timeout 5 touch $F",
  "nohup touch $F",
  "setsid -w touch $F",
  "stdbuf -o0 touch $F",
  "xargs touch <<<$F",
  "echo $F | xargs touch",
  "echo $F | xargs -I{} sh -c 'touch {}'",
  "find / -maxdepth 0 -exec touch $F \\;",
  "sh -c 'touch $F'",
  "sh -c '$1 $F' sh touch",
  "bash -lc 'touch $F'",
  "x='a[$'; x+='(touch $F)]'; (( x ))",
  "x='a[$(touch'; y=' $F)]'; echo $(( $x$y ))",
  "x='a[$'; x+='(touch $F)]'; [[ $x -eq 1 ]]",
  "x='a[$'; x+='(touch $F)]'; test -v \"$x\"",
  "x='a[$'; x+='(touch $F)]'; declare -i y; y=x",
  "x='a[$'; x+='(touch $F)]'; echo ${!x}",
  "x='a[$'; x+='(touch $F)]'; y=([x]=1)",
  "x='a[$'; x+='(touch $F)]'; RANDOM=$x",
  "x='a[$'; x+='(touch $F)]'; z[x]=1",
  "x='a[$'; x+='(touch $F)]'; read \"$x\" <<<1",
  "f() { x=\"$1$2\"; (( x )); }; f 'a[$' '(touch $F)]'",
  "b='$(tou'; b+='ch $F)'; echo ${a[$b]}",
  "read x < <(echo YVskKHRvdWNoICRGKV0K | base64 -d); (( x ))",
  "printf -v x 'a\\x5b\\x24(touch $F)]'; let x",
  "git init -q .; cd .git; printf '[core]\\nfsmonitor=touch $F;' >> config; cd ..; git status",
  "eval 'to''uch $F'",
  "echo 'touch $F' | sh",
  "sh <<'END'\ntouch $F\nEND",
  "sh <<<'touch $F'",
  ". <(echo 'touch $F')",
  "echo dG91Y2ggJEYK | base64 -d | sh",
  "ls $(touch $F)",
  "ls <(touch $F)",
  'echo "$(touch $F)"',
  "echo $((`touch $F`0))",
  "a[$(touch $F)]=1",
  "case $(touch $F) in *) ;; esac",
  "cat <<END\n$(touch $F)\nEND",
  "if true; then touch $F; fi",
  "for i in 1; do touch $F; done",
  "(touch $F)",
  "{ touch $F; }",
  "! touch $F",
  "true && touch $F",
  "touch $F & wait",
  "coproc touch $F; wait",
  "f() { touch $F; }; f",
  "alias a='touch $F'\na",
  "trap 'touch $F' EXIT; (exit)",
  "(trap 'touch $F' EXIT)",
  "mapfile -C 'touch $F #' -c 1 <<<x",
  "git -c alias.x='!touch $F' x",
  "git -c core.pager='touch $F' -p version",
  "GIT_PAGER='touch $F' git -p version",
  'awk \'BEGIN { system("touch " ENVIRON["F"]) }\'',
  "sed -n '1e touch $F' /etc/passwd",
  "tar cf /dev/null --checkpoint=1 --checkpoint-action=exec='touch $F' /etc/hostname",
  "python3 -c 'import os; os.system(\"touch $F\")'",
  "perl -e 'exec qw(touch), $ENV{F}'",
  "PATH=/usr/bin:$PATH; touch $F",
  "hash -p /usr/bin/touch harmless; harmless $F",
  "printf 'touch $F' >s; bash s",
];

/** Ways to make the file `$F` with programs that an allow-list of readers does not name. */
const OTHER_WAYS: readonly string[] = [
  "echo x >$F",
  ">$F",
  "ls >&$F",
  "cat /etc/hostname >>$F",
  "exec 3>$F",
  "cp /etc/hostname $F",
  "ln -s /etc/hostname $F",
  "mkdir $F",
  "tee $F </dev/null",
  "dd if=/dev/null of=$F",
  "install /dev/null $F",
  "sort -o $F /etc/hostname",
  "find / -maxdepth 0 -fprint $F",
  "awk 'BEGIN { print > ENVIRON[\"F\"] }'",
  'sed "w $F" /etc/hostname',
  'sed ":a;w $F" /etc/hostname',
  "sed 'a\\\ns/x/\nw '$F'\n#/' /etc/hostname",
  "awk 'BEGIN { print 1,\n2 > ENVIRON[\"F\"] }'",
  "awk 'BEGIN { x = (1) / 2; print > ENVIRON[\"F\"]; y = 1 / 2 }'",
  "git init -q $F",
  'python3 -c \'import os; open(os.environ["F"], "w")\'',
  "truncate -s 0 $F",
];

/** Only reads: what an operator gives an agent that is to look around. */
function readOnlyPolicy(): Policy {
  return parsePolicyFile('{ "version": 1, "default": "deny", "packs": { "read-only": "allow" } }');
}

/** Runs each way in a session and gives those after which the file is there. */
async function successes(
  commands: readonly string[],
  policy?: Policy,
): Promise<{ readonly made: readonly string[]; readonly allowed: readonly string[] }> {
  using folder = makeTestFolder();
  const file = join(folder.path, "made");
  const [made, allowed]: [string[], string[]] = [[], []];
  const open = () =>
    Session.open({
      transport: "local",
      shell: "bash",
      cwd: folder.path,
      env: { F: file },
      ...(policy === undefined ? {} : { policy }),
    });
  await using fenced = await open();
  for (const command of commands) {
    // What runs gets a session of its own, so that none stands on what another one left behind.
    await using fresh = policy === undefined ? await open() : undefined;
    const { status } = await (fresh ?? fenced).exec(command, { timeoutMs: 20_000 });
    if (status !== "blocked" && status !== "needs_approval") allowed.push(command);
    if (existsSync(file)) made.push(command);
    rmSync(file, { recursive: true, force: true });
  }
  return { made, allowed };
}

describe("a fence around a program", () => {
  const policy = createDenyListPolicy({ deny: ["touch"] });

  it("holds against every disguise, and nothing of a refused command runs", async () => {
    assert.deepEqual(await successes(DISGUISES, policy), { made: [], allowed: [] });
  });

  it("would be passed by them without it", async () => {
    const { made } = await successes(DISGUISES);
    // What is not installed here, or does not work in every bash, is no proof against it.
    assert.ok(made.length > DISGUISES.length * 0.8, `${made.length} of ${DISGUISES.length}`);
  });
});

describe("an allow-list of readers", () => {
  it("lets nothing be written, by whatever program or redirection", async () => {
    const ways = [...OTHER_WAYS, ...DISGUISES];
    assert.deepEqual(await successes(ways, readOnlyPolicy()), { made: [], allowed: [] });
  });

  it("would be passed by them without it", async () => {
    const { made } = await successes(OTHER_WAYS);
    assert.ok(made.length > OTHER_WAYS.length * 0.8, `${made.length} of ${OTHER_WAYS.length}`);
  });

  it("still lets an agent look around", async () => {
    await using session = await Session.open({ transport: "local", policy: readOnlyPolicy() });
    const { status, stdout } = await session.exec("cd / && ls -a | grep -x etc && cat </dev/null");
    assert.deepEqual([status, stdout], ["exited", "etc\n"]);
  });
});
