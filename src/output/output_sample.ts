/**
 * What most output looks like, counted: keys and filters that it is full of are bad ones.
 *
 * @module
 */

/** What most output looks like: pairs that it is full of make bad keys. */
const SAMPLE: readonly string[] = [
  '10.0.12.7 - - [14/Feb/2026:11:02:37 +0000] "GET /api/v1/items?page=2 HTTP/1.1" 200 5316 "-"',
  '"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari"',
  '{"level":"info","time":"2026-02-14T11:02:37.145Z","msg":"request completed","method":"POST",',
  '"path":"/users/1024","status":201,"duration_ms":18,"requestId":"c0ffee12-0a3b-4d5e-8f90-1a2b"}',
  "npm http fetch GET 200 https://registry.example.com/package 87ms (cache miss)",
  "added 312 packages, changed 4 packages, and audited 317 packages in 9s",
  "   Compiling parser v0.4.12   Finished dev [unoptimized + debuginfo] target(s) in 10.16s",
  "commit 1f3870be274f6c49b3e31a0c6728957f2026021a Author: Date: Merge branch 'main' into",
  " src/output/index.ts | 10 +++++----- 3 files changed, 29 insertions(+), 16 deletions(-)",
  "web-5d8f7c9b64-x2x7q   1/1   Running   0   12d   10.1.0.16   node-2   <none>",
  "    at Object.<anonymous> (/home/user/app/node_modules/module/lib/index.js:102:16)",
  "2026-02-14 11:02:37,145 INFO [main] org.apache.server.Listener - Started thread in 120 ms",
  "WARN connection reset by peer, retrying the operation (attempt 2 of 5); token and key are set",
  "drwxr-xr-x 2 root root 4096 Feb 14 11:02 the application is using that with this for all other",
  "ok 10 - test returns an error when the file does not exist # pass fail skipped duration_ms",
  "nested lists, the docs and a flaky test: checks that pages render, append and store by default",
  "login, logging, qualified names, next change, quick catch, each thing, such as v1.0-rc.1 or v1.2",
  "GET /auth/login over HTTP, moved and removed above; authorized, password check took 9 ms, pathname",
  "/usr/lib/python3/dist-packages/requests/api.py: line 61, in request return session.request",
];
/** What three digits count for beside the sample: numbers are never the same. */
const DIGITS_COUNT = 3;
/** What is counted of bytes that the sample does not have. */
const UNSEEN_COUNT = 0.3;
/** How much the bytes of an unseen pair say about how common it is. */
const UNSEEN_PAIR_WEIGHT = 0.05;
/** How much the pairs of an unseen group of three say about how common it is. */
const UNSEEN_TRIPLE_WEIGHT = 0.02;

/** Codes of ASCII characters, from 0. */
const ASCII_CODES = 128;
const ASCII_BITS = 7;
const DIGIT_ZERO = 0x30;
const DIGIT_NINE = 0x39;

/** A group of three bytes that stands in the sample. */
export interface SampleTriple {
  /** The first two, as {@linkcode pairCode} gives them. */
  readonly head: number;
  /** The last two, likewise. */
  readonly tail: number;
  /** The first byte. */
  readonly first: number;
  /** The last byte. */
  readonly last: number;
  /** How often the group stands there. */
  readonly count: number;
}

/** How often bytes, pairs and groups of three stand in the sample. */
interface Counts {
  readonly bytes: Uint16Array;
  readonly pairs: Uint16Array;
  /** Code of the first pair and the last byte → how often. */
  readonly triples: ReadonlyMap<number, number>;
}

const counts = countGroups();

/** How many codes of pairs there are. */
export const PAIR_CODES: number = ASCII_CODES * ASCII_CODES;
/** What {@linkcode pairWeight} has given: it is asked the same again and again at the start. */
const pairWeights = new Float64Array(PAIR_CODES);

/**
 * Gives two ASCII bytes as one number.
 *
 * @param first The first.
 * @param second The second.
 * @returns A number under {@linkcode PAIR_CODES}.
 */
export function pairCode(first: number, second: number): number {
  return (first << ASCII_BITS) | second;
}

/**
 * Tells how common a byte is.
 *
 * @param byte The byte: ASCII.
 * @returns How often it stands in the sample, about.
 */
export function byteWeight(byte: number): number {
  return (counts.bytes[byte] ?? 0) + UNSEEN_COUNT;
}

/**
 * Tells how common a pair of bytes is.
 *
 * @param pair The pair's code.
 * @returns How often it stands in the sample, about.
 */
export function pairWeight(pair: number): number {
  const known = pairWeights[pair] ?? 0;
  if (known > 0) return known;
  const first = pair >> ASCII_BITS;
  const second = pair & (ASCII_CODES - 1);
  const apart = Math.sqrt(byteWeight(first) * byteWeight(second));
  const weight = (counts.pairs[pair] ?? 0) +
    (isDigit(first) && isDigit(second) ? DIGITS_COUNT : 0) + UNSEEN_PAIR_WEIGHT * apart;
  pairWeights[pair] = weight;
  return weight;
}

/**
 * Tells how common a group of three bytes is.
 *
 * @param first The first byte: ASCII.
 * @param second The second.
 * @param third The third.
 * @returns How often it stands in the sample, about.
 */
export function tripleWeight(first: number, second: number, third: number): number {
  const head = pairCode(first, second);
  const apart = pairWeight(head) * pairWeight(pairCode(second, third));
  return (counts.triples.get(tripleCode(head, third)) ?? 0) + UNSEEN_TRIPLE_WEIGHT * apart;
}

/**
 * Gives what stands in the sample.
 *
 * @returns Each group of three bytes with how often it does.
 */
export function sampleTriples(): SampleTriple[] {
  const triples: SampleTriple[] = [];
  for (const [code, count] of counts.triples) {
    const head = code >> ASCII_BITS;
    const last = code & (ASCII_CODES - 1);
    const tail = pairCode(head & (ASCII_CODES - 1), last);
    triples.push({ head, tail, first: head >> ASCII_BITS, last, count });
  }
  return triples;
}

function isDigit(byte: number): boolean {
  return byte >= DIGIT_ZERO && byte <= DIGIT_NINE;
}

function tripleCode(head: number, last: number): number {
  return (head << ASCII_BITS) | last;
}

/** Counts by numbers and not by texts, because this is what importing the redactor costs. */
function countGroups(): Counts {
  const bytes = new Uint16Array(ASCII_CODES);
  const pairs = new Uint16Array(ASCII_CODES * ASCII_CODES);
  const triples = new Map<number, number>();
  for (const line of SAMPLE) {
    let before = 0;
    let head = 0;
    for (let at = 0; at < line.length; at++) {
      const byte = line.charCodeAt(at);
      bytes[byte] = (bytes[byte] ?? 0) + 1;
      const triple = tripleCode(head, byte);
      if (at > 1) triples.set(triple, (triples.get(triple) ?? 0) + 1);
      head = (before << ASCII_BITS) | byte;
      if (at > 0) pairs[head] = (pairs[head] ?? 0) + 1;
      before = byte;
    }
  }
  return { bytes, pairs, triples };
}
