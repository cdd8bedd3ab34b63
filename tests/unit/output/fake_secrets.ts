/**
 * Made-up secrets, built at test time from a seed, so that no token stands in the repository.
 *
 * @module
 */

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = UPPER.toLowerCase();
const DIGITS = "0123456789";
const HEX = `${DIGITS}abcdef`;
const ALNUM = UPPER + LOWER + DIGITS;

/** A small generator of repeatable randomness. */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to under `limit`. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  text(alphabet: string, length: number): string {
    let text = "";
    for (let index = 0; index < length; index++) {
      text += alphabet.charAt(this.below(alphabet.length));
    }
    return text;
  }

  /** Letters of both cases and digits, with at least one of each. */
  alnum(length: number): string {
    return `${this.text(ALNUM, length - 3)}q7Z`;
  }

  hex(length: number): string {
    return `${this.text(HEX, length - 2)}e4`;
  }

  upperDigits(length: number): string {
    return `${this.text(UPPER + DIGITS, length - 2)}K7`;
  }

  digits(length: number): string {
    return this.text(DIGITS, length);
  }

  /** Small letters and digits, with at least one of each. */
  lowerDigits(length: number): string {
    return `${this.text(LOWER + DIGITS, length - 2)}k7`;
  }

  /** One of some things. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("Cannot pick from an empty list");
    return item;
  }
}

/** Token families: the placeholder's name, and a maker of one token. */
export const FAMILIES: readonly (readonly [string, (random: Seeded) => string])[] = [
  ["aws-access-key", (r) => `AK${"IA"}${r.upperDigits(16)}`],
  ["aws-access-key", (r) => `AS${"IA"}${r.upperDigits(16)}`],
  ...["p", "o", "u", "s", "r"].map((letter) =>
    ["github-token", (r: Seeded) => `gh${letter}_${r.alnum(36)}`] as const
  ),
  ["github-token", (r) => `github${"_pat_"}${r.alnum(22)}_${r.alnum(59)}`],
  ["gitlab-token", (r) => `gl${"pat-"}${r.alnum(20)}`],
  ["slack-token", (r) => `xox${"b-"}${r.digits(12)}-${r.digits(12)}-${r.alnum(24)}`],
  ["slack-token", (r) => `xox${"p-"}${r.digits(12)}-${r.digits(12)}-${r.hex(32)}`],
  ["stripe-key", (r) => `sk${"_live_"}${r.alnum(24)}`],
  ["stripe-key", (r) => `rk${"_live_"}${r.alnum(24)}`],
  ["stripe-webhook-secret", (r) => `whsec${"_"}${r.alnum(32)}`],
  ["google-api-key", (r) => `AI${"za"}${r.alnum(35)}`],
  ["google-token", (r) => `ya${"29."}${r.alnum(60)}`],
  ["google-oauth-secret", (r) => `GOC${"SPX-"}${r.alnum(28)}`],
  ["openai-key", (r) => `sk${"-proj-"}${r.alnum(48)}`],
  ["openai-key", (r) => `sk${"-"}${r.alnum(48)}`],
  ["anthropic-key", (r) => `sk${"-ant-"}api03-${r.alnum(80)}`],
  ["openrouter-key", (r) => `sk${"-or-v1-"}${r.hex(64)}`],
  ["huggingface-token", (r) => `h${"f_"}${r.alnum(34)}`],
  ["replicate-token", (r) => `r${"8_"}${r.alnum(37)}`],
  ["groq-key", (r) => `gs${"k_"}${r.alnum(52)}`],
  ["npm-token", (r) => `np${"m_"}${r.alnum(36)}`],
  ["pypi-token", (r) => `pypi${"-AgE"}${r.alnum(80)}`],
  ["rubygems-token", (r) => `rubygems${"_"}${r.hex(48)}`],
  ["crates-token", (r) => `ci${"o"}${r.alnum(32)}`],
  ["docker-token", (r) => `dckr${"_pat_"}${r.alnum(27)}`],
  ["digitalocean-token", (r) => `dop${"_v1_"}${r.hex(64)}`],
  ["sendgrid-key", (r) => `S${"G."}${r.alnum(22)}.${r.alnum(43)}`],
  ["mailgun-key", (r) => `ke${"y-"}${r.hex(32)}`],
  ["mailchimp-key", (r) => `${r.hex(32)}${"-us"}12`],
  ["twilio-key", (r) => `S${"K"}${r.hex(32)}`],
  ["telegram-token", (r) => `${r.digits(9)}${":A"}A${r.alnum(33)}`],
  ["discord-token", (r) => `M${"TA"}${r.alnum(23)}.${r.alnum(6)}.${r.alnum(38)}`],
  ["shopify-token", (r) => `shp${"at_"}${r.hex(32)}`],
  ["square-token", (r) => `sq0${"atp-"}${r.alnum(22)}`],
  ["linear-key", (r) => `lin${"_api_"}${r.alnum(40)}`],
  ["notion-token", (r) => `nt${"n_"}${r.alnum(46)}`],
  ["airtable-token", (r) => `pa${"t"}${r.alnum(14)}.${r.hex(64)}`],
  ["databricks-token", (r) => `da${"pi"}${r.hex(32)}`],
  ["newrelic-key", (r) => `NR${"AK-"}${r.upperDigits(27)}`],
  ["grafana-token", (r) => `gl${"sa_"}${r.alnum(32)}_${r.hex(8)}`],
  ["vault-token", (r) => `hv${"s."}${r.alnum(90)}`],
  ["terraform-token", (r) => `${r.alnum(14)}${".atlas"}v1.${r.alnum(64)}`],
  ["pulumi-token", (r) => `pu${"l-"}${r.hex(40)}`],
  ["doppler-token", (r) => `dp${".pt."}${r.alnum(43)}`],
  ["age-key", (r) => `AGE-SECRET${"-KEY-1"}${r.upperDigits(58)}`],
  ["planetscale-token", (r) => `pscale${"_tkn_"}${r.alnum(43)}`],
  ["supabase-key", (r) => `sb${"p_"}${r.hex(40)}`],
  ["netlify-token", (r) => `nf${"p_"}${r.alnum(36)}`],
  ["azure-client-secret", (r) => `${r.alnum(3)}8${"Q~"}${r.alnum(34)}`],
  ["circleci-token", (r) => `CCI${"PAT_"}${r.alnum(22)}_${r.hex(40)}`],
  ["tailscale-key", (r) => `ts${"key-"}auth-${r.alnum(12)}-${r.alnum(32)}`],
  ["dynatrace-token", (r) => `dt0${"c01."}${r.upperDigits(24)}.${r.upperDigits(64)}`],
  ["atlassian-token", (r) => `ATATT${"3xFf"}${r.alnum(180)}`],
  ["postman-key", (r) => `PM${"AK-"}${r.hex(24)}-${r.hex(34)}`],
  ["resend-key", (r) => `r${"e_"}${r.alnum(8)}_${r.alnum(24)}`],
  ["jwt", (r) => `ey${"J"}${r.alnum(33)}.ey${"J"}${r.alnum(60)}.${r.alnum(43)}`],
];

/** A PEM block with a made-up body. */
export function fakePem(
  random: Seeded,
  label = "RSA PRIVATE KEY",
): { text: string; body: string[] } {
  const body = Array.from({ length: 8 }, () => random.alnum(64));
  body.push(`${random.alnum(30)}==`);
  const frame = (word: string): string => `-----${word} ${label}-----`;
  return { text: [frame("BEGIN"), ...body, frame("END")].join("\n"), body };
}
