import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parsePolicyFile } from "../../../src/policy/policy_file.ts";
import { requestOf } from "./policy_rows.ts";

/** Every program may run; what cannot be read is told apart by its rule. */
const policy = parsePolicyFile(JSON.stringify({
  version: 1,
  default: "allow",
  dynamic: "ask",
  unreadableCode: "deny",
  scriptFiles: "ask",
}));

/** The rule that holds a command up; undefined when none does. */
function ruleOf(command: string): string | undefined {
  return policy.decide(requestOf(command)).rule;
}

/** The commands of which another rule speaks than the one that should. */
function otherThan(rule: string | undefined, commands: readonly string[]): readonly string[] {
  return commands.flatMap((command) => {
    const found = ruleOf(command);
    return found === rule ? [] : [`${found}: ${command}`];
  });
}

describe("decide() with arguments that come from elsewhere", () => {
  it("takes the first for an option where an interpreter's script stands", () => {
    assert.deepEqual(
      otherThan("unknown_option", [
        "xargs sh",
        "xargs -n1 bash -x",
        "xargs nice python3",
        "parallel python3",
        'sh "$@"',
        'perl "${a[@]}"',
        'f() { node "$@"; }',
      ]),
      [],
    );
  });

  it("takes them for the script's behind its name, and a placeholder for a file", () => {
    assert.deepEqual(
      otherThan("script_file", [
        "xargs sh a.sh",
        "xargs -I{} sh {}",
        "find . -name '*.sh' -exec bash {} +",
        "for f in *.sh; do bash $f; done",
        `sh -c 'python3 "$@"' sh a.py`,
      ]),
      [],
    );
    assert.deepEqual(otherThan(undefined, ["xargs python3 -m json.tool"]), []);
  });
});

describe("decide() with standard input from elsewhere", () => {
  it("follows it through descriptors, exec, coprocesses, functions and programs", () => {
    const feeds = [
      "exec 3<f; gdb <&3",
      "gdb <&3-",
      "gdb 3<f 0>&3",
      "exec <f; gdb",
      "exec 0< <(cat f); nice gdb",
      "exec <f && { eval gdb; }",
      "if true; then exec <f; fi; gdb",
      "f() { exec <f; }; f; gdb",
      "exec </dev/null; exec <f; gdb",
      "coproc gdb; cat f >&${COPROC[1]}",
      "coproc C { gdb; }",
      "f() { gdb; }; cat f | f",
      "f() { gdb; }; f <f",
      "cat f | find . -maxdepth 0 -exec gdb \\;",
      "cat f | xargs -a names gdb",
    ];
    assert.deepEqual(otherThan("unreadable_code", feeds), []);
  });

  it("reads what it is where that is known", () => {
    const rules = [{ id: "who", decision: "deny", program: "whoami" }];
    const reading = parsePolicyFile(JSON.stringify({ version: 1, default: "allow", rules }));
    const commands = [
      "exec <<<whoami; sh",
      "find . -maxdepth 0 -exec sh \\; <<<whoami",
      "exec <&0; gdb <<<'shell whoami'",
    ];
    for (const command of commands) {
      assert.equal(reading.decide(requestOf(command)).words, "whoami", command);
    }
    const given = requestOf("(exec </dev/null); sh", { stdin: "whoami" });
    assert.equal(reading.decide(given).words, "whoami");
  });

  it("has nothing against a program that is given none of it", () => {
    const harmless = [
      "gdb",
      "gdb <&-",
      "gdb </dev/null 3<f",
      "(exec 3<f); gdb",
      "exec <f; wc -l",
      "coproc cat; echo x >&${COPROC[1]}",
      "f() { grep x; }; cat f | f",
      "find . -name core -ok gdb \\; <f",
      "sh </dev/null",
    ];
    assert.deepEqual(otherThan(undefined, harmless), []);
  });

  it("is no `none` to a rule", () => {
    const rules = [{ id: "gdb", decision: "allow", program: ["gdb", "exec"], stdin: "none" }];
    const strict = parsePolicyFile(JSON.stringify({ version: 1, default: "deny", rules }));
    assert.equal(strict.decide(requestOf("gdb")).decision, "allow");
    for (const command of ["gdb <&3", "exec <&3; gdb", "f() { gdb; }; f"]) {
      assert.equal(strict.decide(requestOf(command)).decision, "deny", command);
    }
  });
});

describe("decide() with a database client", () => {
  it("takes statements that are not known for code", () => {
    const commands = [
      "tr a b <f | sqlite3 d",
      "cat f | psql",
      "pg_dump a | psql b",
      "exec 3<f; mysql db <&3",
      "mysql < <(cat f)",
      'sqlite3 d "$x"',
      'sqlite3 -cmd "$x" d',
      'psql -c "$x"',
      'psql --command="$(cat f)"',
      'mysql -e "$x"',
      'echo "$x" | sqlite3 d',
      'sqlite3 d <<<"select 1; $x"',
      "psql <<E\n$x\nE",
      "xargs sqlite3 d",
      "f() { sqlite3 d; }; cat f | f",
      "printf '.shell touch x' >f; sqlite3 d <f",
      "printf '.shell touch x' >f; sqlite3 d -init f",
      "psql -f <(cat f)",
    ];
    assert.deepEqual(otherThan("unreadable_code", commands), []);
  });

  it("takes a file of them for a script", () => {
    const commands = ["psql -f f.sql", "psql <f.sql", "sqlite3 d <f.sql", "sqlite3 -init f.sql d"];
    assert.deepEqual(otherThan("script_file", [...commands, "mysql -u root db <f.sql"]), []);
  });

  it("knows where a client runs a program by itself", () => {
    const commands = [
      "psql -o '|touch x'",
      "psql --output='|touch x' -c 'select 1'",
      'psql -o "$x" -c "select 1"',
      "psql <<<'select 1 \\! touch x'",
      "psql <<<'select 1 \\g |touch x'",
      "psql <<<'\\set x `touch x`'",
      "psql <<<'select 1 -- it'\\''s\n \\! touch x'",
      "sqlite3 d \"select edit('x', 'touch x')\"",
      "sqlite3 d \"select writefile('x', 1)\"",
    ];
    assert.deepEqual(otherThan("unreadable_code", commands), []);
  });

  it("lets known statements pass, with values in them", () => {
    const harmless = [
      "psql -l",
      'psql -h "$h" -U $u "$db" -c "select 1"',
      'psql -c "select * from t where id = $id"',
      "psql -c '\\dt' -o out.txt",
      "psql <<<\"select * from t where a ~ '\\.txt$' or a ~ '\\w+|b';\"",
      "psql </dev/null",
      "cat hosts | while read h; do psql -h $h -c 'select 1'; done",
      'mysql -u root -p"$pw" db -e "show tables"',
      'sqlite3 "$db" .tables',
      "sqlite3 -init /dev/null -readonly d 'select 1' <f",
      "find . -name '*.db' -exec sqlite3 {} .schema \\;",
      "duckdb -csv d 'select 1'",
      "echo \"insert into t values ('$x');\" | sqlite3 d",
      "f() { sqlite3 d 'select 1'; }; cat f | f",
    ];
    assert.deepEqual(otherThan(undefined, harmless), []);
  });
});

describe("decide() with small languages that can run programs", () => {
  it("takes text that is not known for code", () => {
    const commands = [
      "cat f | dc",
      "dc <&3",
      'dc -e "$x"',
      "cat f | m4",
      "m4 <<E\ndefine(x, $x)\nE",
      "cat f | m4 a.m4 -",
      "m4 <(cat f)",
      "gdb -batch -x - ./a <<E\nbreak $x\nE",
      "crontab - <<E\n$x\nE",
      "printf '!touch x' >f; dc f",
      "printf 'syscmd(touch x)' >f; m4 f",
    ];
    assert.deepEqual(otherThan("unreadable_code", commands), []);
  });

  it("takes a file for a script, and lets known text pass", () => {
    const scripts = ["dc f", "dc <f", "dc -f f", "m4 a.m4 >b", "m4 <a.m4", "m4 -D x=1 a.m4"];
    assert.deepEqual(otherThan("script_file", scripts), []);
    const harmless = [
      "dc -e '1 2 + p'",
      "cat f | dc -e '1 p'",
      "echo '1 2 + p' | dc",
      "m4 <<<'define(a, b)a'",
      "gdb -batch -x - ./a <<<bt",
      "crontab - <<<'0 * * * * ls'",
    ];
    assert.deepEqual(otherThan(undefined, harmless), []);
  });
});

describe("decide() with values that name variables", () => {
  it("does not know which variable a builtin sets, if its name is expanded", () => {
    const commands = [
      'read "$x" <<<./bin',
      "read -r line $x",
      'read -a "$x" <<<./bin',
      'read "P$x" <<<./bin',
      "mapfile -t -n 1 $x <f",
      'getopts a "$x"',
      'wait -n -p "$x"',
      'printf -v "$x" ./bin',
      ": ${!x:=./bin}",
      "echo ${!x=./bin}",
    ];
    assert.deepEqual(otherThan("unknown_program", commands), []);
  });

  it("knows that arithmetic may set what a value names", () => {
    const commands = [
      "x=PATH; (( $x = 1 ))",
      "x=BASH_ENV=7; let x",
      "x=LD_PRELOAD=1; y=x; echo $((y))",
      "f() { (( $1 = 1 )); }; f PATH",
      "x='a[$'; x+='(touch y)]'; SRANDOM=x",
    ];
    assert.deepEqual(otherThan("unreadable_code", commands), []);
  });

  it("expands a completion's words once more", () => {
    const policy = parsePolicyFile(JSON.stringify({
      version: 1,
      default: "allow",
      rules: [{ id: "touch", decision: "deny", program: "touch" }],
    }));
    for (const command of ["compgen -W '$(touch x)'", "complete -W'`touch x`' y"]) {
      assert.equal(policy.decide(requestOf(command)).rule, "touch", command);
    }
    assert.equal(ruleOf('compgen -W "$x"'), "unreadable_code");
  });

  it("lets everyday names and sums pass", () => {
    const harmless = [
      'read -r -p "$question" -t "$seconds" line',
      'mapfile -t -n "$n" lines <f',
      'wait "$pid"',
      "getopts ab: option",
      ": ${x:=1}",
      'IFS=: read -ra parts <<<"$PATH"; echo ${#parts[@]}; for ((i=0; i<${#parts[@]}; i++)); do :; done',
      "n=$(echo $PATH | tr : '\\n' | wc -l); ((n > 3))",
      "unset PYTHONPATH; [[ -v KUBECONFIG ]]",
      "while read -r n; do ((sum += n)); done <f",
      "compgen -W 'a b' -- a",
    ];
    assert.deepEqual(otherThan(undefined, harmless), []);
  });
});

describe("decide() with settings of git", () => {
  it("takes what puts another repository in the place of one for code", () => {
    const commands = [
      "echo 'gitdir: /tmp/x' >.git",
      "mv d .git",
      "ln -s /tmp/x sub/.git",
      "echo /tmp/x >.git/commondir",
    ];
    assert.deepEqual(otherThan("unreadable_code", commands), []);
    assert.deepEqual(otherThan(undefined, ["echo x >a.git", "cp .git/HEAD h", "ls .git"]), []);
  });

  it("takes lifting those of the operator for a redefinition", () => {
    const commands = [
      "unset GIT_CONFIG_COUNT; git status",
      "env -u GIT_CONFIG_COUNT git status",
      "GIT_CONFIG_COUNT=0 git status",
    ];
    assert.deepEqual(otherThan("redefinition", commands), []);
    assert.deepEqual(otherThan(undefined, ["unset GIT_PAGER", "env -u LANG git status"]), []);
  });
});
