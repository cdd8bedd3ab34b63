/**
 * The table of token formats that are secret wherever they stand.
 *
 * Minimum lengths are those of the documented formats or a little under them; tails are
 * open-ended, so that a longer token leaves nothing behind.
 *
 * @module
 */

import {
  ALNUM,
  ANY_BASE64,
  BASE64,
  DIGIT,
  DOT,
  EQUALS,
  HEX,
  JOINER,
  LOWER,
  PERCENT,
  TILDE,
  UPPER,
  WORD,
} from "./byte_classes.ts";
import { exactly, type Mix, type Run, run, type TokenShape } from "./token_shape.ts";

const DIGITS = [..."0123456789"];

/** Token formats of version control and package registries. */
const CODE_HOSTING: readonly TokenShape[] = [
  token("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", run(WORD, 30)),
  token("github-token", "github_pat_", run(WORD, 30)),
  token(
    "gitlab-token",
    "glpat- glptt- glft- glsoat- glimt- glagent- glcbt- gloas- glffct- glrt- gldt- glrtr- glwt-",
    run(WORD | DOT, 18),
  ),
  token("gitlab-token", "GR1348941", run(WORD, 18)),
  token("bitbucket-token", "ATBB ATCTT3xFf", run(WORD | EQUALS, 24), { boundary: true }),
  token("atlassian-token", "ATATT3xFf", run(WORD | EQUALS, 30)),
  token("npm-token", "npm_", run(ALNUM, 30), { boundary: true }),
  token("npm-token", "NpmToken.", run(WORD, 30)),
  token("pypi-token", "pypi-AgE", run(WORD, 30)),
  token("rubygems-token", "rubygems_", run(HEX, 32)),
  token("crates-token", "cio", run(ALNUM, 32), weak("upper, lower and digit")),
  token("nuget-key", "oy2", run(LOWER | DIGIT, 40), weak("letter and digit")),
  token("clojars-token", "CLOJARS_", run(ALNUM, 40)),
  token("docker-token", "dckr_pat_ dckr_oat_", run(WORD, 20)),
  token("artifactory-token", "AKCp", run(ALNUM, 60), { boundary: true }),
  token("artifactory-token", "cmVmdGtuO", run(ALNUM, 50), { boundary: true }),
  token("buildkite-token", "bkua_ bkct_ bkpt_", run(HEX, 32)),
  token("circleci-token", "CCIPAT_ CCIPRJ_", run(WORD, 32)),
  token("sourcegraph-token", "sgp_", run(HEX | JOINER, 40), { boundary: true }),
  token("jetbrains-token", "perm:", run(ANY_BASE64 | DOT, 40), weak("letter and digit")),
];

/** Token formats of clouds and infrastructure. */
const INFRASTRUCTURE: readonly TokenShape[] = [
  token("aws-access-key", "AKIA ASIA ABIA ACCA", run(UPPER | DIGIT, 16), { boundary: true }),
  token("google-api-key", "AIza", run(WORD, 32), { boundary: true }),
  token("google-token", "ya29.", run(WORD | DOT, 20), { boundary: true }),
  token("google-oauth-secret", "GOCSPX-", run(WORD, 20)),
  token("google-refresh-token", "1//0", run(WORD, 40), weak("letter and digit")),
  between("azure-client-secret", DIGITS.map((digit) => `${digit}Q~`), {
    before: exactly(WORD | DOT | TILDE, 3),
    tail: [run(WORD | DOT | TILDE, 30)],
  }),
  token("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", run(HEX, 40)),
  token("heroku-key", "HRKU-", run(WORD, 32)),
  token("vault-token", "hvs. hvb. hvr.", run(WORD, 20), { boundary: true }),
  between("terraform-token", [".atlasv1."], {
    before: { classes: ALNUM, minBytes: 8, maxBytes: 20 },
    tail: [run(WORD, 30)],
  }),
  token("pulumi-token", "pul-", run(HEX, 40), { boundary: true }),
  token("doppler-token", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", run(WORD | DOT, 20), {
    boundary: true,
  }),
  token("databricks-token", "dapi", run(HEX | JOINER, 32), weak("digit")),
  token("netlify-token", "nfp_", run(ALNUM, 32), { boundary: true }),
  token("fly-token", "fm1r_ fm1a_ fm2_ fo1_", run(ANY_BASE64, 32), { boundary: true }),
  token("planetscale-token", "pscale_tkn_ pscale_pw_ pscale_oauth_", run(WORD | DOT, 24)),
  token("supabase-key", "sbp_ sb_secret_", run(WORD, 24), weak("digit")),
  token("tailscale-key", "tskey-", run(WORD, 16), weak("digit")),
  token("dynatrace-token", "dt0c01. dt0s01. dt0s02. dt0s16.", run(WORD | DOT, 40)),
  token("newrelic-key", "NRAK- NRJS- NRII- NRIQ- NRRA-", run(ALNUM, 18)),
  token("grafana-token", "glsa_ glc_", run(WORD | EQUALS, 32), { boundary: true }),
  token("sentry-token", "sntrys_ sntryu_", run(WORD | EQUALS | BASE64, 32)),
  token("alibaba-key", "LTAI", run(ALNUM, 16), weak("letter and digit")),
  token("tencent-key", "AKID", run(ALNUM, 32), weak("letter and digit")),
  token("onepassword-token", "ops_eyJ", run(WORD | EQUALS, 40)),
  token("age-key", "AGE-SECRET-KEY-1", run(UPPER | DIGIT, 40)),
  token("k3s-token", "K10", run(HEX, 64), weak("digit")),
];

/** Token formats of model providers. */
const MODELS: readonly TokenShape[] = [
  token("anthropic-key", "sk-ant-", run(WORD, 20)),
  token("openrouter-key", "sk-or-v1-", run(HEX, 32)),
  token("openai-key", "sk-proj- sk-svcacct- sk-admin- sk-None-", run(WORD, 24)),
  token("openai-key", "sk-", run(ALNUM, 24), weak("upper, lower and digit")),
  token("api-key", "sk-", run(HEX, 32), weak("digit")),
  token("huggingface-token", "hf_ api_org_", run(ALNUM, 30), { boundary: true }),
  token("replicate-token", "r8_", run(ALNUM, 30), { boundary: true }),
  token("groq-key", "gsk_", run(ALNUM, 40), { boundary: true }),
  token("perplexity-key", "pplx-", run(ALNUM, 32)),
  token("xai-key", "xai-", run(ALNUM, 50), { boundary: true }),
  token("nvidia-key", "nvapi-", run(WORD, 40)),
  token("langsmith-key", "lsv2_pt_ lsv2_sk_", run(WORD, 32)),
  token("jina-key", "jina_", run(WORD, 40), weak("digit")),
  token("tavily-key", "tvly-", run(WORD, 24), weak("digit")),
];

/** Token formats of messaging, payment and other services. */
const SERVICES: readonly TokenShape[] = [
  token(
    "slack-token",
    "xoxb- xoxp- xoxa- xoxr- xoxs- xoxo- xoxc- xoxd- xoxe- xoxe.",
    run(WORD | DOT | PERCENT, 16),
    { mix: "digit" },
  ),
  token("slack-token", "xapp-", run(WORD, 24), weak("digit")),
  {
    kind: "slack-webhook",
    anchors: ["hooks.slack.com/services/", "hooks.slack.com/workflows/"],
    tail: [run(BASE64, 20)],
    tailOnly: true,
  },
  {
    kind: "discord-webhook",
    anchors: ["/api/webhooks/"],
    tail: [{ classes: DIGIT, minBytes: 15, maxBytes: 22 }, "/", run(WORD, 40)],
    tailOnly: true,
  },
  {
    kind: "discord-token",
    // The base64 of a decimal number: these are the ways in which it can begin.
    anchors: starts(["M", "N", "O"], ["T", "D", "j", "z"], "AEIMQUYcgk"),
    tail: [
      { classes: WORD, minBytes: 19, maxBytes: 27 },
      ".",
      exactly(WORD, 6),
      ".",
      run(WORD, 25),
    ],
    boundary: true,
  },
  between("telegram-token", [":AA"], {
    before: { classes: DIGIT, minBytes: 8, maxBytes: 12 },
    tail: [run(WORD, 30)],
  }),
  token("stripe-key", "sk_live_ sk_test_ rk_live_ rk_test_", run(ALNUM, 16)),
  token("stripe-webhook-secret", "whsec_", run(BASE64, 24), { boundary: true }),
  token("square-token", "sq0atp- sq0csp-", run(WORD, 20)),
  token("meta-token", "EAAA EAAB EAAC EAAG", run(WORD, 56), weak("upper, lower and digit")),
  token("shopify-token", "shpat_ shpca_ shppa_ shpss_", run(HEX, 32)),
  token("sendgrid-key", "SG.", [exactly(WORD, 22), ".", run(WORD, 30)], { boundary: true }),
  token("brevo-key", "xkeysib- xsmtpsib-", run(WORD, 40)),
  token("mailgun-key", "key-", run(HEX, 32), weak("digit")),
  between("mailchimp-key", ["-us"], {
    before: exactly(HEX, 32),
    tail: [{ classes: DIGIT, minBytes: 1, maxBytes: 2 }],
    boundary: true,
  }),
  token("resend-key", "re_", [exactly(ALNUM, 8), "_", run(ALNUM, 18)], { boundary: true }),
  {
    kind: "twilio-key",
    anchors: starts(["S"], ["K"], "0123456789abcdef"),
    tail: [run(HEX, 31)],
    boundary: true,
  },
  token("linear-key", "lin_api_ lin_oauth_", run(ALNUM, 30)),
  token("notion-token", "ntn_", run(ALNUM, 40), { boundary: true }),
  token("notion-token", "secret_", run(ALNUM, 40), weak("upper, lower and digit")),
  token("airtable-token", "pat", [exactly(ALNUM, 14), ".", run(HEX, 40)], { boundary: true }),
  token("figma-token", "figd_ figu_ figo_", run(WORD, 30)),
  token("postman-key", "PMAK-", [exactly(HEX, 24), "-", run(HEX, 30)]),
  token("posthog-key", "phx_ phs_", run(ALNUM, 30), { boundary: true }),
  token("typeform-token", "tfp_", run(WORD | DOT, 40), { boundary: true }),
  token("adafruit-key", "aio_", run(ALNUM, 26), { boundary: true }),
  token("mapbox-token", "sk.eyJ", run(WORD | DOT, 40), { boundary: true }),
  token("easypost-key", "EZAK EZTK", run(ALNUM, 50), weak("letter and digit")),
  token("shippo-key", "shippo_live_ shippo_test_", run(HEX, 32)),
  token("razorpay-key", "rzp_live_ rzp_test_", run(ALNUM, 14)),
  token("flutterwave-key", "FLWSECK_TEST- FLWSECK-", run(WORD, 24)),
  token("apify-token", "apify_api_", run(ALNUM, 30)),
  token("contentful-token", "CFPAT-", run(WORD, 40)),
  token("frameio-token", "fio-u-", run(WORD | EQUALS, 40)),
  token("readme-key", "rdme_", run(ALNUM, 60)),
  token("jwt", "eyJ", [run(WORD, 10), ".", run(WORD, 8), ".", run(WORD | DOT, 0)], {
    boundary: true,
  }),
];

/** All token formats. */
export const TOKEN_SHAPES: readonly TokenShape[] = [
  ...CODE_HOSTING,
  ...INFRASTRUCTURE,
  ...MODELS,
  ...SERVICES,
];

function token(
  kind: string,
  anchors: string,
  tail: Run | TokenShape["tail"],
  extra: Pick<TokenShape, "boundary" | "mix"> = {},
): TokenShape {
  return { kind, anchors: anchors.split(" "), tail: "classes" in tail ? [tail] : tail, ...extra };
}

function between(
  kind: string,
  anchors: readonly string[],
  around: Pick<TokenShape, "before" | "tail" | "boundary">,
): TokenShape {
  return { kind, anchors, ...around };
}

function weak(mix: Mix): Pick<TokenShape, "boundary" | "mix"> {
  return { boundary: true, mix };
}

function starts(
  first: readonly string[],
  second: readonly string[],
  third: string,
): readonly string[] {
  return first.flatMap((a) => second.flatMap((b) => [...third].map((c) => a + b + c)));
}
