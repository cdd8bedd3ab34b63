import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRedactor } from "../../../src/output/redact.ts";
import { Seeded } from "./fake_secrets.ts";

/** Shapes of text with a secret in the place of `@`. */
const SECRET_PLACES: readonly string[] = [
  "DB_PASSWORD=@",
  "export PGPASSWORD='@'",
  "MYSQL_PASSWORD_PROD=@",
  "+ TOKEN=@",
  'SESSION_SECRET="@"',
  "ENCRYPTION_KEY=@",
  "aws_secret_access_key = @",
  "spring.datasource.password=@",
  "passwd = @",
  'api_key = "@"',
  "ansible_become_pass: @",
  '  redisPassword: "@"',
  "client_secret: '@'",
  '{"user":"bob","password":"@"}',
  '{"apiKey":"@","n":1}',
  '"{\\"password\\":\\"@\\"}"',
  'const password = "@";',
  'password: str = "@"',
  'os.environ["API_TOKEN"] = "@"',
  "'DB_PASSWORD' => '@',",
  "define('DB_PASSWORD', '@');",
  '$env:API_TOKEN = "@"',
  "<password>@</password>",
  '<add key="x" password="@" />',
  "mysql --user root --password=@ db",
  "docker login -u bob --password @",
  "docker login -u bob -p @ host",
  "sshpass -p '@' ssh h",
  "curl -u admin:@ https://x",
  "redis-cli -a @ ping",
  "mysql -uroot -p@ db",
  "machine h login bob password @",
  "ALTER USER bob WITH PASSWORD '@';",
  "CREATE USER x IDENTIFIED BY '@'",
  "X-Api-Key: @",
  "Authorization: Bearer @",
  "authorization: Basic @",
  'curl -H "Authorization: token @" x',
  "calls with Bearer @",
  "GET /v1/x?api_key=@&q=1 HTTP/1.1",
  "Server=db;User Id=sa;Password=@;Encrypt=true",
  "jdbc:postgresql://h/db?user=u&password=@",
  "postgres://app:@@db.internal:5432/x",
  "redis://:@@cache:6379/0",
  "https://@@github.com/o/r.git",
  "Set-Cookie: sessionid=@; Path=/; HttpOnly",
  "Cookie: theme=dark; session=@; b=2",
  "https://a.blob.core.windows.net/c?sv=1&sig=@",
  "login with password=@, user=bob",
  "(password=@)",
];

/** Text in which nothing is to be touched. */
const HARMLESS: readonly string[] = [
  'password = os.environ["DB_PASSWORD"]',
  "API_KEY=${API_KEY}",
  "export TOKEN=$(cat /run/secrets/token)",
  "const token = await getToken(user);",
  "password: process.env.PASSWORD,",
  "secret: {{ .Values.secret }}",
  "token: ${{ secrets.GITHUB_TOKEN }}",
  "  password: string;",
  "  readonly apiKey?: string | undefined;",
  "def login(username: str, password: str) -> Token:",
  "password VARCHAR(255) NOT NULL,",
  "secret: true",
  "password_required = false",
  "password: <your-password>",
  "GITHUB_TOKEN=xxxxxxxxxxxxxxxxxxxx",
  "Authorization: Bearer <token>",
  'API_KEY="YOUR_API_KEY_HERE"',
  "TOKEN=[REDACTED]",
  "https://user@host.example.com/path",
  "http://localhost:3000/@scope/pkg",
  "https://cdn.x.com/a:b@2.1.0/dist/x.js",
  "INFO token refreshed in 132ms for session 516889",
  "WARN invalid password attempt count=3 user=bob",
  "tokens: 1532 prompt, 220 completion",
  "max_tokens=4096 token_count=112",
  "public_key_id=K3AJC5CUBAJ",
  'if (password === undefined) throw new Error("password required")',
  "self.token = token",
  'authorization_url = "https://auth.example.com/oauth/authorize"',
  "monkey_patch(key=lambda x: x.key)",
  "imagePullSecrets:\n  - name: regcred",
  "passwordHash = hash(password)",
  'API_KEY_HEADER = "X-Api-Key"',
  "docker login --password-stdin",
  "KEY_PATH=/etc/ssl/private/server.key",
  "SECRET_FILE=/run/secrets/db",
  "PWD=/home/bob/work",
  "passwd:         files systemd",
  "password: must not be empty",
  "docker run -u 1000:1000 img",
  "next_page_token: CAUQAA1234abcd",
  "SyntaxError: Unexpected token: '<'",
  '["password", "username"]',
  '!function(e,t){var n=t.password||"",r=e.token;return n}(window,{secret:!0,apiKey:void 0});',
];

describe("createRedactor().text()", () => {
  test("redacts values by the name or place in front of them", () => {
    const random = new Seeded(21);
    for (const place of SECRET_PLACES) {
      const value = random.alnum(24);
      // The sign that stands for the value is also the one between a password and a host.
      const [before = "", after = ""] = place.split(/@(.*)/s);
      const text = createRedactor().text(before + value + after);
      assert.ok(text.startsWith(before), place);
      assert.ok(text.endsWith(after), place);
      assert.match(
        text.slice(before.length, text.length - after.length),
        /^\[REDACTED:[a-z-]+#1\]$/,
        place,
      );
    }
  });

  test("leaves references, types, masks, prose and paths alone", () => {
    for (const text of HARMLESS) assert.equal(createRedactor().text(text), text);
  });

  test("ends a value where the next pair begins, and not at a sign inside it", () => {
    const redactor = createRedactor();
    assert.equal(
      redactor.text("password=ab1&cd;ef2,gh&user=bob"),
      "password=[REDACTED:password#1]&user=bob",
    );
  });

  test("takes a password with spaces in quotes as a whole", () => {
    assert.equal(
      createRedactor().text('password: "correct horse"\n'),
      'password: "[REDACTED:password#1]"\n',
    );
  });

  test("redacts the base64 of user and password in registry settings", () => {
    const value = btoa(`bob:${new Seeded(22).alnum(20)}`);
    assert.equal(
      createRedactor().text(`{"auth":"${value}"}`),
      '{"auth":"[REDACTED:registry-auth#1]"}',
    );
  });

  test("recognises a value again without its name", () => {
    const value = `Tr0ub4dor&${new Seeded(23).alnum(8)}`;
    const redactor = createRedactor();
    redactor.text(`export DB_PASSWORD='${value}'`);
    assert.equal(redactor.text(`got ${value}!`), "got [REDACTED:password#1]!");
  });

  test("calls a value what its format says rather than what its name says", () => {
    const token = `gh${"p_"}${new Seeded(25).alnum(36)}`;
    const redactor = createRedactor();
    assert.equal(redactor.text(`MY_TOKEN=${token}`), "MY_TOKEN=[REDACTED:github-token#1]");
    assert.equal(redactor.text(`again ${token}`), "again [REDACTED:github-token#1]");
  });

  test("does not learn ordinary words", () => {
    const redactor = createRedactor();
    redactor.text("password: production");
    assert.equal(redactor.text("deploy to production"), "deploy to production");
  });

  test("withholds a value that never ends and goes on after it", () => {
    const value = new Seeded(24).alnum(20_000);
    assert.equal(
      createRedactor().text(`password=${value} next`),
      "password=[REDACTED:password#1] next",
    );
    assert.equal(
      createRedactor().text(`password="${value}" next`),
      'password="[REDACTED:password#1]" next',
    );
  });
});
