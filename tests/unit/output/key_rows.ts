/**
 * Private keys in the shapes in which output shows them.
 *
 * @module
 */

import { fakePem, type Seeded } from "./fake_secrets.ts";
import type { SecretRow } from "./secret_rows.ts";

const PEM_LABELS = [
  "PRIVATE KEY",
  "RSA PRIVATE KEY",
  "EC PRIVATE KEY",
  "DSA PRIVATE KEY",
  "OPENSSH PRIVATE KEY",
  "ENCRYPTED PRIVATE KEY",
  "PGP PRIVATE KEY BLOCK",
];

const LINE_PREFIXES: readonly (readonly [string, (line: number) => string])[] = [
  ["indented", () => "      "],
  ["compose", () => "web-1  | "],
  ["numbered", (line) => `${String(line).padStart(6)}\t`],
  ["diff", () => "+"],
  ["quoted mail", () => "> "],
  ["timestamps", (line) => `2026-01-04T10:22:${String(10 + line)}.112Z `],
  ["grep -n", (line) => `${line}:`],
  ["grep file", (line) => `key.pem:${line}:`],
  ["comment", () => "# "],
  ["bat", (line) => `${String(line).padStart(4)} │ `],
  ["journal", () => "Jan 04 10:22:31 host app[123]: "],
  ["kubectl prefix", () => "[pod/web-1/app] "],
];

/** Private keys in all shapes: every body line must be gone. */
export function pemRows(random: Seeded): SecretRow[] {
  return [...framedRows(random), ...writtenRows(random), ...otherRows(random)];
}

type Add = (kind: string, text: string, body: readonly string[]) => void;

function collect(fill: (add: Add) => void): SecretRow[] {
  const rows: SecretRow[] = [];
  const add = (kind: string, text: string, body: readonly string[]): void => {
    rows.push({ kind: `PEM ${kind}`, text, secrets: body.map((line) => line.slice(0, 20)) });
  };
  fill(add);
  return rows;
}

function framedRows(random: Seeded): SecretRow[] {
  return collect((add) => {
    for (const label of PEM_LABELS) {
      const { text, body } = fakePem(random, label);
      add(label, `$ cat key\n${text}\n$ `, body);
    }
    for (const [name, prefix] of LINE_PREFIXES) {
      const { text, body } = fakePem(random, "OPENSSH PRIVATE KEY");
      const lines = text.split("\n").map((line, index) => prefix(index + 1) + line);
      add(name, lines.join("\n"), body);
    }
  });
}

/** Ways in which programs and files write a key. */
const WRITINGS: readonly (readonly [string, (text: string) => string])[] = [
  ["CRLF", (text) => text.replaceAll("\n", "\r\n")],
  ["escaped", (text) => text.replaceAll("\n", "\\n")],
  ["JSON", (text) => JSON.stringify({ key: text, id: 1 })],
  ["JSON twice", (text) => JSON.stringify(JSON.stringify({ key: text }))],
  ["one line", (text) => text.replaceAll("\n", " ")],
  ["one line, no gaps", (text) => text.replaceAll("\n", "")],
  ["no END", (text) => `${text.slice(0, text.lastIndexOf("\n"))}\n$ ls\n`],
  ["YAML block", (text) => `tls.key: |\n${text.replace(/^/gm, "    ")}\nother: 1`],
  ["concatenated strings", (text) => text.split("\n").map((line) => `"${line}\\n" +`).join("\n")],
  ["array of strings", (text) => text.split("\n").map((line) => `  "${line}",`).join("\n")],
  ["quoted env", (text) => `KEY="${text}"`],
  ["XML", (text) => `<key>${text}</key>`],
];

function writtenRows(random: Seeded): SecretRow[] {
  return collect((add) => {
    for (const [name, write] of WRITINGS) {
      const { text, body } = fakePem(random);
      add(name, write(text), body);
    }
  });
}

function otherRows(random: Seeded): SecretRow[] {
  const encoded = btoa(fakePem(random).text);
  const body = Array.from({ length: 6 }, () => random.alnum(64));
  const putty = ["PuTTY-User-Key-File-3: ssh-rsa", "Encryption: none", "Private-Lines: 6", ...body];
  return [
    ...collect((add) =>
      add("PuTTY", `${putty.join("\n")}\nPrivate-MAC: ${random.hex(64)}\n`, body)
    ),
    { kind: "PEM in base64", text: `    client-key-data: ${encoded}`, secrets: [encoded] },
    { kind: "PEM in base64, secret", text: `data:\n  tls.key: ${encoded}\n`, secrets: [encoded] },
  ];
}
