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
  COMMA,
  DIGIT,
  DOLLAR,
  DOT,
  EQUALS,
  HEX,
  JOINER,
  LOWER,
  TILDE,
  UPPER,
  WORD,
} from "./byte_classes.ts";
import { SERVICE_SHAPES } from "./service_rules.ts";
import { between, exactly, run, token, type TokenShape, uuid, weak } from "./token_shape.ts";

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
  token("sourcegraph-token", "slk_", run(HEX, 64), { boundary: true }),
  token("jetbrains-token", "perm:", run(ANY_BASE64 | DOT, 40), weak("letter and digit")),
  token("sonar-token", "squ_ sqp_ sqa_", run(HEX, 40), { boundary: true }),
  token("octopus-key", "API-", run(UPPER | DIGIT, 26), weak("digit")),
  token("harness-token", "pat.", [
    exactly(WORD, 22),
    ".",
    exactly(HEX, 24),
    ".",
    run(WORD, 20),
  ]),
  token("packagist-token", "packagist_uut_ packagist_ort_ packagist_orw_", run(HEX, 40)),
  token("scalingo-token", "tk-us-", run(WORD, 48), { boundary: true }),
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
  {
    kind: "k3s-token",
    anchors: ["::server:", "::node:"],
    tail: [run(HEX, 32)],
    tailOnly: true,
  },
  token("aws-bedrock-key", "ABSK", run(BASE64, 100), { boundary: true }),
  token("aws-mws-token", "amzn.mws.", run(HEX | JOINER, 36)),
  token("aws-oauth-secret", "amzn1.oa2-cs.v1.", run(HEX, 64)),
  token("aws-appsync-key", "da2-", run(LOWER | DIGIT, 26), weak("digit")),
  token("azure-devops-token", "AZDO", run(ALNUM, 60), weak("letter and digit")),
  between("azure-storage-key", ["+AStA", "+ACDb", "AzSeA", "AzFuA"], {
    before: { classes: BASE64, minBytes: 20, maxBytes: 48 },
    tail: [run(BASE64, 4)],
  }),
  token("cloudflare-key", "v1.0-", [exactly(HEX, 24), "-", run(HEX, 100)], { boundary: true }),
  token("cloudflare-token", "cfut_ cfat_ cfk_", run(WORD, 40), weak("digit")),
  token("docker-swarm-token", "SWMTKN-1-", run(WORD, 60)),
  token("openshift-token", "sha256~", run(WORD, 40), { boundary: true }),
  token("prefect-key", "pnu_ pnb_", run(ALNUM, 36), { boundary: true }),
  token("infracost-key", "ico-", run(ALNUM, 32), { boundary: true }),
  token("defined-key", "dnkey-", run(WORD, 60), { boundary: true }),
  token("render-key", "rnd_", run(ALNUM, 28), weak("digit")),
  token("neon-key", "napi_ npg_", run(ALNUM, 12), weak("digit")),
  token("aiven-password", "AVNS_", run(WORD, 12), { boundary: true }),
  token("yandex-key", "AQVN", run(WORD, 35), { boundary: true }),
  token("launchdarkly-key", "sdk- api-", [uuid()], { boundary: true }),
  token("vercel-token", "vcp_ vci_ vca_ vcr_ vck_", run(ALNUM, 24), weak("digit")),
  token("railway-token", "rw_Fe26.2", run(WORD | DOT | TILDE, 40)),
  token("baidu-key", "bce-v3/ALTAK-", run(WORD | BASE64, 20)),
  token("newrelic-license", "eu01xx", run(HEX, 30), weak("digit")),
  between("newrelic-license", ["NRAL"], {
    before: exactly(HEX, 36),
    tail: [],
    boundary: true,
  }),
  {
    kind: "onepassword-key",
    anchors: ["A3-"],
    tail: [
      exactly(UPPER | DIGIT, 6),
      "-",
      { classes: UPPER | DIGIT, minBytes: 6, maxBytes: 11 },
      "-",
      run(UPPER | DIGIT | JOINER, 20),
    ],
    boundary: true,
  },

  token(
    "password-hash",
    "$6$ $5$ $1$ $y$ $7$",
    run(ALNUM | DOT | BASE64 | DOLLAR, 22),
    weak("digit"),
  ),
  token("password-hash", "$2a$ $2b$ $2y$", [exactly(DIGIT, 2), "$", run(ALNUM | DOT | BASE64, 50)]),
  token(
    "password-hash",
    "$apr1$ $argon2id$ $argon2i$ $pbkdf2-sha256$ {SSHA}",
    run(
      ALNUM | DOT | BASE64 | DOLLAR | COMMA,
      24,
    ),
  ),
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
  token("langfuse-key", "sk-lf-", [uuid()], { boundary: true }),
  token("elevenlabs-key", "sk_", run(HEX, 40), weak("digit")),
  token("pinecone-key", "pcsk_", run(WORD, 40), weak("digit")),
  token("cerebras-key", "csk-", run(LOWER | DIGIT, 40), weak("digit")),
  token("together-key", "tgp_v1_", run(WORD, 36)),
  token("firecrawl-key", "fc-", run(HEX, 32), weak("digit")),
  token("voyage-key", "pa-", run(WORD, 40), weak("upper, lower and digit")),
  token("fireworks-key", "fw_", run(ALNUM, 22), weak("upper, lower and digit")),
  token("wandb-key", "wandb_v1_", run(WORD, 30)),
];

/** All token formats. */
export const TOKEN_SHAPES: readonly TokenShape[] = [
  ...CODE_HOSTING,
  ...INFRASTRUCTURE,
  ...MODELS,
  ...SERVICE_SHAPES,
];
