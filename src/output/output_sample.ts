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

const counts: ReadonlyMap<string, number> = countGroups();
/** What {@linkcode pairWeight} has given: it is asked the same again and again at the start. */
const pairWeights = new Map<string, number>();

/**
 * Tells how common a byte is.
 *
 * @param byte The byte, as a character.
 * @returns How often it stands in the sample, about.
 */
export function byteWeight(byte: string): number {
  return (counts.get(byte) ?? 0) + UNSEEN_COUNT;
}

/**
 * Tells how common a pair of bytes is.
 *
 * @param pair The pair, as two characters.
 * @returns How often it stands in the sample, about.
 */
export function pairWeight(pair: string): number {
  let weight = pairWeights.get(pair);
  if (weight !== undefined) return weight;
  const apart = Math.sqrt(byteWeight(pair.slice(0, 1)) * byteWeight(pair.slice(1)));
  weight = (counts.get(pair) ?? 0) + (isNumber(pair) ? DIGITS_COUNT : 0) +
    UNSEEN_PAIR_WEIGHT * apart;
  pairWeights.set(pair, weight);
  return weight;
}

/**
 * Tells how common a group of three bytes is.
 *
 * @param triple The group, as three characters.
 * @returns How often it stands in the sample, about.
 */
export function tripleWeight(triple: string): number {
  const apart = pairWeight(triple.slice(0, 2)) * pairWeight(triple.slice(1));
  return (counts.get(triple) ?? 0) + UNSEEN_TRIPLE_WEIGHT * apart;
}

/**
 * Gives what stands in the sample.
 *
 * @returns Each group of three bytes with how often it does.
 */
export function sampleTriples(): [triple: string, count: number][] {
  return [...counts].filter(([group]) => group.length === 3);
}

function isNumber(text: string): boolean {
  return /^[0-9]+$/.test(text);
}

function countGroups(): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of SAMPLE) {
    for (let at = 0; at < line.length; at++) {
      for (let to = at + 1; to <= Math.min(at + 3, line.length); to++) {
        const group = line.slice(at, to);
        found.set(group, (found.get(group) ?? 0) + 1);
      }
    }
  }
  return found;
}
