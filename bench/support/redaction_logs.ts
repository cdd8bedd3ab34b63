/**
 * Made-up logs as commands print them, from a seed: web server, JSON, package managers, version
 * control, clusters, stack traces, and sentences with words such as token, key and password.
 *
 * @module
 */

/** A small generator of repeatable randomness. */
class Dice {
  #state = 7;

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  pick(words: string): string {
    const list = words.split("|");
    return list[this.below(list.length)] ?? "";
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.below(16).toString(16)).join("");
  }
}

const KINDS: readonly ((dice: Dice) => string)[] = [
  (d) =>
    `10.${d.below(255)}.0.${d.below(255)} - - [04/Jan/2026:10:2${d.below(9)}:31 +0000] "GET /${
      d.pick("index.html|assets/app.js|api/v1/users|auth/login")
    }?page=${d.below(99)} HTTP/1.1" 200 ${d.below(90000)} "-" "Mozilla/5.0 (X11; Linux x86_64)"`,
  (d) =>
    `{"level":"info","time":"2026-01-04T10:22:31.${
      100 + d.below(900)
    }Z","msg":"request completed",` +
    `"method":"GET","path":"/items/${d.below(9999)}","status":200,"request_id":"${d.hex(8)}-${
      d.hex(4)
    }-4${d.hex(3)}-a${d.hex(3)}-${d.hex(12)}"}`,
  (d) =>
    `npm http fetch GET 200 https://packages.example.com/${d.pick("lodash|react|esbuild")} ${
      d.below(900)
    }ms (cache ${d.pick("hit|miss")})`,
  (d) => `   Compiling ${d.pick("serde|tokio|regex|syn")} v${d.below(3)}.${d.below(20)}.1`,
  (d) => `commit ${d.hex(40)}`,
  (d) => `${d.hex(7)} ${d.pick("Fix|Add|Remove")} ${d.pick("nested lists|the docs|a flaky test")}`,
  (d) => ` src/${d.pick("parser|session|server")}.ts | ${d.below(90)} ++++++-----`,
  (d) =>
    `web-${d.hex(9)}-${d.hex(5)}   1/1     Running   0     ${d.below(50)}h   10.0.0.${
      d.below(255)
    }`,
  (d) =>
    `    at Object.${d.pick("handle|parse|run")} (/srv/app/node_modules/${
      d.pick("express|koa")
    }/lib/index.js:${d.below(900)}:${d.below(80)})`,
  (d) =>
    `  ✔ ${d.pick("renders|parses|stores")} the ${d.pick("list|tree|page")} (${d.below(90)}ms)`,
  (d) =>
    `INFO ${
      d.pick("token refreshed in|password check took|cache key found in|public key loaded in")
    } ${d.below(900)}ms for session ${d.below(99999)}`,
];

/** What the logs are to be like. */
export interface LogOptions {
  /** Bytes, about. */
  readonly bytes: number;
  /** Lines from one secret to the next; none at all when left out. */
  readonly linesPerSecret?: number;
}

/**
 * Makes logs.
 *
 * @param options How much, and how many secrets.
 * @returns The logs as UTF-8.
 */
export function makeLogs(options: LogOptions): Uint8Array<ArrayBuffer> {
  const dice = new Dice();
  const lines: string[] = [];
  let length = 0;
  while (length < options.bytes) {
    const hasSecret = options.linesPerSecret !== undefined &&
      lines.length % options.linesPerSecret === options.linesPerSecret - 1;
    const line = hasSecret
      ? `INFO connect DB_PASSWORD=${dice.hex(9)}Q${dice.hex(6)} host=db`
      : KINDS[dice.below(KINDS.length)]?.(dice) ?? "";
    lines.push(line);
    length += line.length + 1;
  }
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}
