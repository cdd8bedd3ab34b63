/**
 * More made-up tokens, of families beyond those of {@linkcode FAMILIES}: each is built at test
 * time, so that no token stands in the repository.
 *
 * @module
 */

import type { Seeded } from "./fake_secrets.ts";

/** Makes one token. */
export type MakeToken = (random: Seeded) => string;

const uuid: MakeToken = (r) => [8, 4, 4, 4, 12].map((length) => r.hex(length)).join("-");

/** A family's name for messages, and its maker. */
export const MORE_FAMILIES: readonly (readonly [string, MakeToken])[] = [
  ["aws bedrock", (r) => `AB${"SK"}${r.alnum(110)}`],
  ["aws mws", (r) => `amzn${".mws."}${uuid(r)}`],
  ["aws appsync", (r) => `da${"2-"}${r.lowerDigits(26)}`],
  ["alibaba", (r) => `LT${"AI"}${r.alnum(20)}`],
  ["yandex api", (r) => `AQ${"VN"}${r.alnum(36)}`],
  ["google refresh", (r) => `1${"//0"}${r.alnum(60)}`],
  ["cloudflare origin ca", (r) => `v1${".0-"}${r.hex(24)}-${r.hex(146)}`],
  ["gitlab trigger", (r) => `gl${"ptt-"}${r.hex(40)}`],
  ["gitlab runner old", (r) => `GR${"1348941"}${r.alnum(20)}`],
  ["gitlab routable", (r) => `gl${"pat-"}${r.alnum(27)}.01.${r.lowerDigits(9)}`],
  ["bitbucket", (r) => `AT${"BB"}${r.alnum(32)}`],
  ["docker oat", (r) => `dckr${"_oat_"}${r.alnum(32)}`],
  ["docker swarm", (r) => `SWM${"TKN-1-"}${r.lowerDigits(50)}-${r.lowerDigits(25)}`],
  ["npm uuid", (r) => `Npm${"Token."}${uuid(r)}`],
  ["nuget", (r) => `oy${"2"}${r.lowerDigits(43)}`],
  ["clojars", (r) => `CLO${"JARS_"}${r.lowerDigits(60)}`],
  ["artifactory ref", (r) => `cmV${"mdGtuO"}${r.alnum(55)}`],
  ["artifactory", (r) => `AK${"Cp"}${r.alnum(69)}`],
  ["sonarqube", (r) => `sq${"u_"}${r.hex(40)}`],
  ["sourcegraph", (r) => `sg${"p_"}${r.hex(16)}_${r.hex(40)}`],
  ["octopus", (r) => `AP${"I-"}${r.upperDigits(26)}`],
  ["openshift", (r) => `sha256${"~"}${r.alnum(43)}`],
  ["prefect", (r) => `pn${"u_"}${r.alnum(36)}`],
  ["harness", (r) => `pa${"t."}${r.alnum(22)}.${r.hex(24)}.${r.alnum(20)}`],
  ["infracost", (r) => `ic${"o-"}${r.alnum(32)}`],
  ["defined", (r) => `dn${"key-"}${r.upperDigits(26)}-${r.upperDigits(52)}`],
  ["newrelic license", (r) => `${r.hex(36)}${"NR"}AL`],
  ["render", (r) => `rn${"d_"}${r.alnum(32)}`],
  ["neon", (r) => `na${"pi_"}${r.alnum(60)}`],
  ["aiven", (r) => `AV${"NS_"}${r.alnum(19)}`],
  ["scalingo", (r) => `tk${"-us-"}${r.alnum(48)}`],
  ["vault legacy batch", (r) => `hv${"b."}${r.alnum(140)}`],
  [
    "onepassword secret key",
    (r) =>
      `A${"3-"}${r.upperDigits(6)}-${r.upperDigits(6)}-${r.upperDigits(5)}-${r.upperDigits(5)}-${
        r.upperDigits(5)
      }-${r.upperDigits(5)}`,
  ],
  ["launchdarkly", (r) => `sd${"k-"}${uuid(r)}`],
  ["openai service", (r) => `sk${"-svcacct-"}${r.alnum(60)}`],
  ["langfuse", (r) => `sk${"-lf-"}${uuid(r)}`],
  ["deepseek", (r) => `sk${"-"}${r.hex(32)}`],
  ["elevenlabs", (r) => `sk${"_"}${r.hex(48)}`],
  ["pinecone", (r) => `pc${"sk_"}${r.alnum(6)}_${r.alnum(60)}`],
  ["cerebras", (r) => `cs${"k-"}${r.lowerDigits(48)}`],
  ["together", (r) => `tgp${"_v1_"}${r.alnum(43)}`],
  ["nvidia", (r) => `nv${"api-"}${r.alnum(64)}`],
  ["tavily", (r) => `tv${"ly-"}${r.alnum(32)}`],
  ["jina", (r) => `ji${"na_"}${r.hex(32)}${r.alnum(28)}`],
  ["firecrawl", (r) => `fc${"-"}${r.hex(32)}`],
  ["voyage", (r) => `pa${"-"}${r.alnum(43)}`],
  ["slack config", (r) => `xoxe${".xoxp-1-"}${r.alnum(140)}`],
  ["slack refresh", (r) => `xox${"e-1-"}${r.alnum(140)}`],
  [
    "slack workflow",
    (r) =>
      `https://hooks.slack.com/${"workflows/"}T${r.upperDigits(8)}/A${r.upperDigits(9)}/${
        r.digits(18)
      }/${r.alnum(24)}`,
  ],
  [
    "teams webhook",
    (r) =>
      `https://acme.webhook.office.com/${"webhookb2/"}${uuid(r)}@${uuid(r)}/IncomingWebhook/${
        r.hex(32)
      }/${uuid(r)}`,
  ],
  [
    "discord webhook",
    (r) => `https://discordapp.com/api/v10/${"webhooks/"}${r.digits(18)}/${r.alnum(68)}`,
  ],
  [
    "zapier webhook",
    (r) => `https://hooks.zapier.com/${"hooks/catch/"}${r.digits(7)}/${r.lowerDigits(7)}`,
  ],
  ["telegram url", (r) => `${r.digits(10)}${":A"}A${r.alnum(33)}`],
  ["stripe restricted test", (r) => `rk${"_test_"}${r.alnum(99)}`],
  ["square production", (r) => `EA${"AA"}E${r.alnum(59)}`],
  ["braintree", (r) => `access_token${"$production$"}${r.lowerDigits(16)}$${r.hex(32)}`],
  ["plaid", (r) => `access${"-sandbox-"}${uuid(r)}`],
  ["razorpay", (r) => `rzp${"_live_"}${r.alnum(14)}`],
  ["duffel", (r) => `duffel${"_live_"}${r.alnum(43)}`],
  ["easypost", (r) => `EZ${"AK"}${r.alnum(54)}`],
  ["shippo", (r) => `shippo${"_live_"}${r.hex(40)}`],
  ["flutterwave", (r) => `FLWSECK${"_TEST-"}${r.hex(32)}-X`],
  ["brevo", (r) => `xkey${"sib-"}${r.hex(64)}-${r.alnum(16)}`],
  ["hubspot", (r) => `pat${"-na1-"}${uuid(r)}`],
  ["salesforce", (r) => `00D${r.alnum(12)}${"!A"}Q${r.alnum(96)}`],
  ["dropbox", (r) => `sl${".B"}${r.alnum(134)}`],
  ["facebook", (r) => `EA${"AG"}${r.alnum(160)}`],
  ["trello", (r) => `AT${"TA"}${r.hex(72)}`],
  ["clickup", (r) => `pk${"_"}${r.digits(8)}_${r.upperDigits(32)}`],
  ["contentful", (r) => `CF${"PAT-"}${r.alnum(43)}`],
  ["frameio", (r) => `fio${"-u-"}${r.alnum(64)}`],
  ["readme", (r) => `rd${"me_"}${r.lowerDigits(70)}`],
  ["apify", (r) => `apify${"_api_"}${r.alnum(36)}`],
  ["mapbox", (r) => `sk${".ey"}J${r.alnum(80)}.${r.alnum(22)}`],
  ["wakatime", (r) => `wa${"ka_"}${uuid(r)}`],
  ["settlemint", (r) => `sm${"_pat_"}${r.alnum(16)}`],
  ["grafana cloud", (r) => `gl${"c_"}ey${"J"}${r.alnum(100)}`],
  ["grafana legacy", (r) => `ey${"JrIjoi"}${r.alnum(72)}`],
  ["sentry user", (r) => `sntry${"u_"}${r.hex(64)}`],
  ["dynatrace platform", (r) => `dt0${"s16."}${r.upperDigits(8)}.${r.upperDigits(64)}`],
  ["posthog", (r) => `ph${"x_"}${r.alnum(43)}`],
  ["typeform", (r) => `tf${"p_"}${r.alnum(59)}`],
  ["adafruit", (r) => `ai${"o_"}${r.alnum(28)}`],
  ["langsmith", (r) => `lsv2${"_pt_"}${r.hex(32)}_${r.hex(10)}`],
  ["perplexity", (r) => `pp${"lx-"}${r.alnum(48)}`],
  ["xai", (r) => `xa${"i-"}${r.alnum(80)}`],
  ["buildkite", (r) => `bk${"ua_"}${r.hex(40)}`],
  ["fly", (r) => `fm${"2_"}${r.alnum(120)}`],
  ["heroku", (r) => `HR${"KU-"}AA${r.alnum(58)}`],
  ["figma", (r) => `fi${"gd_"}${r.alnum(40)}`],
  ["onepassword service", (r) => `op${"s_ey"}J${r.alnum(250)}`],
  ["sentry org", (r) => `sntry${"s_ey"}J${r.alnum(90)}_${r.alnum(43)}`],
  ["slack app", (r) => `xa${"pp-1-"}A${r.upperDigits(10)}-${r.digits(13)}-${r.hex(64)}`],
  [
    "slack webhook",
    (r) =>
      `https://hooks.slack.com/${"services/"}T${r.upperDigits(10)}/B${r.upperDigits(10)}/${
        r.alnum(24)
      }`,
  ],
  [
    "jwe",
    (r) => `ey${"J"}${r.alnum(60)}.${r.alnum(80)}.${r.alnum(16)}.${r.alnum(120)}.${r.alnum(22)}`,
  ],
];
