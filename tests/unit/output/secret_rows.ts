/**
 * Rows with secrets in them, of every class that the redactor promises, built from a seed.
 *
 * @module
 */

import { FAMILIES, type Seeded } from "./fake_secrets.ts";
import { pemRows } from "./key_rows.ts";
import { MORE_FAMILIES } from "./token_families.ts";
import { VALUE_PLACES } from "./value_places.ts";

/** One text, and what must not be left of it. */
export interface SecretRow {
  /** The class, for messages. */
  readonly kind: string;
  /** The text. */
  readonly text: string;
  /** What must be gone. */
  readonly secrets: readonly string[];
  /** Values that were registered beforehand. */
  readonly known?: readonly string[];
}

/** Places in which a token of any family may stand, with `@@` for the token. */
export const TOKEN_PLACES: readonly string[] = [
  "@@",
  "using (@@), retrying",
  "the new one is @@.",
  "Is it @@?",
  '"@@"',
  "'@@',",
  "`@@`",
  "<td>@@</td>",
  '<input value="@@"/>',
  "export MY_VALUE='@@'",
  "MY_VALUE=@@",
  "MY_VALUE=@@ ./run.sh",
  '{"level":"debug","credential":"@@","n":3}',
  '"{\\"item\\":\\"@@\\"}"',
  "  value: @@",
  "- @@",
  "--value=@@ --verbose",
  "run --value @@",
  "https://api.example.com/v1?value=@@&page=2",
  "https://api.example.com/hook/@@/send",
  "X-Thing: @@",
  'curl -H "X-Thing: @@" https://api.internal/v1',
  "Cookie: a=1; thing=@@; b=2",
  "bob,@@,2026-01-04",
  "bob\t@@\t7",
  "+@@",
  '-  value = "@@"  # rotated',
  "[@@]",
  "{@@}",
  "web-1  | got @@ from vault",
  "    12\tgot @@ from vault",
  "2026-01-04T10:22:31.112Z INFO client init value=@@ region=eu-1",
  "first line\\nvalue @@\\nlast line",
  "x=@@;y=2",
  "|@@|",
  "key: |\\n  @@",
  "got @@, then @@!",
];

/** Ways of writing a known value, beside itself. */
export const KNOWN_FORMS: readonly (readonly [string, (value: string) => string])[] = [
  ["raw", (value) => value],
  ["base64", (value) => base64(value)],
  ["base64 shifted by one", (value) => base64(`u${value}`)],
  ["base64 shifted by two", (value) => base64(`u:${value}zz`)],
  [
    "base64url",
    (value) => base64(value).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
  ],
  ["hex", (value) => hexOf(value)],
  ["upper-case hex", (value) => hexOf(value).toUpperCase()],
  ["percent", (value) => encodeURIComponent(value)],
  [
    "lower-case percent",
    (value) => encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase()),
  ],
  ["JSON", (value) => JSON.stringify(value).slice(1, -1)],
  ["JSON in JSON", (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3)],
  [
    "JSON with escaped slashes",
    (value) => JSON.stringify(value).slice(1, -1).replaceAll("/", "\\/"),
  ],
  [
    "HTML",
    (value) =>
      value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
        '"',
        "&quot;",
      ).replaceAll("'", "&#39;"),
  ],
  ["shell quoted", (value) => `'${value.replaceAll("'", "'\\''")}'`],
  ["ANSI inside", (value) => `${value.slice(0, 7)}\x1b[0m\x1b[1m${value.slice(7)}`],
  ["wrapped", (value) => `${value.slice(0, 5)}\r\n${value.slice(5)}`],
  ["wrapped after one", (value) => `${value.slice(0, 1)}\n${value.slice(1)}`],
];

function base64(value: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(value)));
}

function hexOf(value: string): string {
  return [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** Tokens of every family, each in some places. */
export function tokenRows(random: Seeded, placesEach: number): SecretRow[] {
  return [...FAMILIES, ...MORE_FAMILIES].flatMap(([family, make]) =>
    Array.from({ length: placesEach }, () => {
      const token = make(random);
      const place = random.pick(TOKEN_PLACES);
      return {
        kind: `${family} in ${place}`,
        text: place.replaceAll("@@", token),
        secrets: [token],
      };
    })
  );
}

/** What people take for passwords and tokens. */
const VALUES: readonly ((random: Seeded) => string)[] = [
  (r) => r.alnum(24),
  (r) => r.alnum(16),
  (r) => r.hex(32),
  (r) => `Tr0ub4dor-${r.alnum(6)}`,
  (r) => `${r.alnum(20)}_${r.alnum(12)}`,
];

/** Values that are secret by their surroundings. */
export function valueRows(random: Seeded, valuesEach: number): SecretRow[] {
  return VALUE_PLACES.flatMap((place) =>
    Array.from({ length: valuesEach }, () => {
      const value = random.pick(VALUES)(random);
      return { kind: place, text: place.replaceAll("@@", value), secrets: [value] };
    })
  );
}

/** Known values in all their forms. */
export function knownRows(random: Seeded): SecretRow[] {
  const values = [
    `S3cr3t/${random.alnum(12)}=+`,
    `p"q<r&s'${random.alnum(10)}`,
    random.alnum(12),
    `ünïcode ${random.alnum(9)}`,
  ];
  return values.flatMap((value) =>
    KNOWN_FORMS.map(([name, write]) => {
      const form = write(value);
      const text = `output ${form} end`;
      const left = name.includes("wrapped") || name.includes("ANSI") ? value.slice(-8) : form;
      return { kind: `known value, ${name}`, text, secrets: [left], known: [value] };
    })
  );
}

/** Tokens that a terminal of some width broke. */
export function wrappedRows(random: Seeded, count: number): SecretRow[] {
  return Array.from({ length: count }, () => {
    const width = 40 + random.below(160);
    const [family, make] = random.pick([...FAMILIES, ...MORE_FAMILIES].filter(([, one]) => {
      const sample = one(random);
      return sample.length >= 36 && sample.length < width && !sample.includes("/");
    }));
    const token = make(random);
    const cut = 12 + random.below(token.length - 24);
    const line = "x".repeat(width - cut - 1) + " " + token;
    const end = random.pick(["\r\n", "\n"]);
    return {
      kind: `${family} wrapped at ${width}, after ${cut}`,
      text: `${line.slice(0, width)}${end}${line.slice(width)} ok${end}next line${end}`,
      secrets: [token.slice(0, cut), token.slice(cut)],
    };
  });
}

/** Encoded pairs, key files and blocks. */
export function structureRows(random: Seeded): SecretRow[] {
  const rows: SecretRow[] = [];
  const add: AddRow = (kind, text, ...secrets) => {
    rows.push({ kind, text, secrets });
  };
  for (let round = 0; round < 3; round++) {
    addEncoded(random, add, random.alnum(14 + round));
    addFiles(random, add);
  }
  return [...rows, ...pemRows(random)];
}

type AddRow = (kind: string, text: string, ...secrets: string[]) => void;

function addEncoded(random: Seeded, add: AddRow, password: string): void {
  const pair = btoa(`bob:${password}`);
  add("docker config", `{"auths":{"https://registry.example/v1/":{"auth":"${pair}"}}}`, pair);
  add(
    "docker config, many lines",
    `{\n\t"auths": {\n\t\t"r.io": {\n\t\t\t"auth": "${pair}"\n\t\t}\n\t}\n}`,
    pair,
  );
  add("npmrc _auth", `//r.example.com/:_auth=${pair}`, pair);
  add("npmrc _auth with blanks", `_auth = "${pair}"`, pair);
  add("basic header", `Authorization: Basic ${pair}`, pair);
  add("bare basic", `sent Basic ${pair} to h`, pair);
  const encoded = btoa(password);
  add(
    "k8s secret",
    `apiVersion: v1\nkind: Secret\ndata:\n  password: ${encoded}\n  username: Ym9i\n`,
    encoded,
  );
  add("k8s secret json", `{"kind":"Secret","data":{"db-password":"${encoded}"}}`, encoded);
  const config = btoa(`{"auths":{"r.io":{"username":"bob","password":"${password}"}}}`);
  add("k8s docker config", `  .dockerconfigjson: ${config}`, config);
  const odd = btoa(`${random.alnum(20)}`);
  add(
    "k8s secret, any name",
    `kind: Secret\nmetadata:\n  name: x\ndata:\n  cert.p12: ${odd}\n  blob: ${odd}\ntype: Opaque\n`,
    odd,
  );
  const hash = `$6$${random.alnum(12)}$${random.alnum(86)}`;
  add("shadow line", `bob:${hash}:19000:0:99999:7:::`, hash);
  const bcrypt = `$2y$05$${random.alnum(53)}`;
  add("htpasswd line", `bob:${bcrypt}`, bcrypt);
}

function addFiles(random: Seeded, add: AddRow): void {
  const netrc = random.alnum(18);
  add("netrc", `machine api.x.org\nlogin bob\npassword ${netrc}\n`, netrc);
  const multi = random.alnum(22);
  add(
    "multi-line JSON",
    `{\n  "user": "bob",\n  "password":\n    "${multi}",\n  "n": 1\n}`,
    multi,
  );
  const aws = random.alnum(40);
  add(
    "aws credentials",
    `[default]\naws_access_key_id = x\naws_secret_access_key = ${aws}\n`,
    aws,
  );
  add("aws sts", `"SecretAccessKey": "${aws}",`, aws);
  add("kubeconfig", `users:\n- name: x\n  user:\n    token: ${aws}\n`, aws);
  const hex = random.hex(32);
  add(
    "maven settings",
    `<server>\n  <id>r</id>\n  <username>bob</username>\n  <password>${hex}</password>\n</server>`,
    hex,
  );
  add("known-hosts-like env", `printenv\nHOME=/root\nSECRET_KEY_BASE=${hex}\nPATH=/bin\n`, hex);
}
