import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { ExeckitError } from "../../../src/errors.ts";
import {
  type DockerEndpoint,
  type DockerEnvironment,
  findEndpoint,
} from "../../../src/transports/docker/docker_endpoint.ts";
import { makeCertificates } from "../../support/dockerd.ts";
import { isInstalled, makeTestFolder } from "../../support/open_session.ts";

/** Runs the docker command with nothing in its environment but what the case says. */
function dockerCommand(env: DockerEnvironment, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: process.env["PATH"], ...env } };
    execFile("docker", args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(stderr));
    });
  });
}

/** The address as the docker command writes it. */
function addressOf(endpoint: DockerEndpoint): string {
  return endpoint.kind === "socket"
    ? `unix://${endpoint.path}`
    : `tcp://${endpoint.host}:${endpoint.port}`;
}

async function refusal(
  options: Parameters<typeof findEndpoint>[0],
  env: DockerEnvironment,
): Promise<string> {
  try {
    await findEndpoint(options, env);
  } catch (cause) {
    if (cause instanceof ExeckitError) return cause.code;
    throw cause;
  }
  throw new Error("The endpoint was accepted");
}

/** A configuration with the contexts `one` (current) and `two`, made by the docker command. */
async function makeContexts(directory: string): Promise<void> {
  const env = { DOCKER_CONFIG: directory };
  const make = (name: string, host: string) =>
    dockerCommand(env, "context", "create", name, "--docker", `host=${host}`);
  await make("one", "tcp://127.0.0.1:4001");
  await make("two", "unix:///run/user/1000/docker.sock");
  await dockerCommand(env, "context", "use", "one");
}

const CASES: readonly (readonly [name: string, env: DockerEnvironment])[] = [
  ["the current context", {}],
  ["DOCKER_CONTEXT", { DOCKER_CONTEXT: "two" }],
  ["DOCKER_CONTEXT=default", { DOCKER_CONTEXT: "default" }],
  ["DOCKER_HOST over both", { DOCKER_HOST: "tcp://127.0.0.1:4003", DOCKER_CONTEXT: "two" }],
  ["an address without a scheme", { DOCKER_HOST: "127.0.0.1:4004" }],
  ["an address without a port", { DOCKER_HOST: "tcp://127.0.0.1" }],
  ["a socket", { DOCKER_HOST: "unix:///tmp/x.sock" }],
  ["an empty DOCKER_HOST", { DOCKER_HOST: "" }],
];

const skip = isInstalled("docker") ? false : "docker is not installed";
const tlsSkip = skip || (isInstalled("openssl") ? false : "openssl is not installed");

describe("findEndpoint()", () => {
  it("goes where the docker command goes", { skip }, async () => {
    using folder = makeTestFolder();
    await makeContexts(folder.path);
    for (const [name, rest] of CASES) {
      const env = { DOCKER_CONFIG: folder.path, HOME: folder.path, ...rest };
      const theirs = await dockerCommand(
        env,
        "context",
        "inspect",
        "--format",
        "{{.Endpoints.docker.Host}}",
      );
      assert.equal(addressOf(await findEndpoint({}, env)), theirs, name);
    }
  });

  it("lets the caller's words win over the environment's", { skip }, async () => {
    using folder = makeTestFolder();
    await makeContexts(folder.path);
    const env = { DOCKER_CONFIG: folder.path, DOCKER_HOST: "tcp://127.0.0.1:4003" };
    const context = await findEndpoint({ context: "two" }, env);
    assert.equal(addressOf(context), "unix:///run/user/1000/docker.sock");
    const host = await findEndpoint({ dockerHost: "unix:///tmp/y.sock" }, env);
    assert.equal(addressOf(host), "unix:///tmp/y.sock");
    const standard = await findEndpoint({ context: "default" }, env);
    assert.equal(addressOf(standard), "tcp://127.0.0.1:4003");
  });

  it("takes the certificates of a context", { skip: tlsSkip }, async () => {
    using folder = makeTestFolder();
    await makeCertificates(folder.path);
    const ca = join(folder.path, "ca.pem");
    const env = { DOCKER_CONFIG: folder.path };
    const docker = `host=tcp://127.0.0.1:4005,ca=${ca}`;
    await dockerCommand(env, "context", "create", "tls", "--docker", docker);
    const endpoint = await findEndpoint({ context: "tls" }, env);
    assert.ok(endpoint.kind === "tcp");
    assert.equal(endpoint.tls?.ca, readFileSync(ca, "utf8"));
  });

  it("refuses a context that does not check the certificate", { skip }, async () => {
    using folder = makeTestFolder();
    const env = { DOCKER_CONFIG: folder.path };
    const docker = "host=tcp://127.0.0.1:4005,skip-tls-verify=true";
    await dockerCommand(env, "context", "create", "loose", "--docker", docker);
    assert.equal(await refusal({ context: "loose" }, env), "unsupported");
  });

  it("speaks TLS when it is told to, with the files of DOCKER_CERT_PATH", async () => {
    using folder = makeTestFolder();
    for (const name of ["ca", "cert", "key"]) {
      writeFileSync(join(folder.path, `${name}.pem`), `the ${name}`);
    }
    const env = { DOCKER_HOST: "tcp://127.0.0.1", DOCKER_TLS_VERIFY: "1" };
    assert.deepEqual(await findEndpoint({}, { ...env, DOCKER_CERT_PATH: folder.path }), {
      kind: "tcp",
      host: "127.0.0.1",
      port: 2376,
      pathPrefix: "/",
      tls: { ca: "the ca", cert: "the cert", key: "the key" },
    });
    assert.deepEqual(
      await findEndpoint({ tlsDirectory: folder.path, dockerHost: "tcp://[::1]:4006/engine" }, {}),
      {
        kind: "tcp",
        host: "::1",
        port: 4006,
        pathPrefix: "/engine",
        tls: { ca: "the ca", cert: "the cert", key: "the key" },
      },
    );
  });

  it("speaks in the clear when the operator's address says so", async () => {
    const endpoint = await findEndpoint({}, { DOCKER_HOST: "tcp://192.0.2.1:2375" });
    assert.ok(endpoint.kind === "tcp");
    assert.equal(endpoint.tls, undefined);
  });

  it("refuses an engine behind SSH, whose host key nobody would check", async () => {
    assert.equal(await refusal({}, { DOCKER_HOST: "ssh://me@host" }), "unsupported");
  });

  it("refuses what it cannot read", async () => {
    using folder = makeTestFolder();
    const env = { DOCKER_CONFIG: folder.path };
    assert.equal(await refusal({}, { ...env, DOCKER_CONTEXT: "gone" }), "invalid_config");
    assert.equal(await refusal({ context: "gone" }, env), "invalid_argument");
    assert.equal(await refusal({}, { ...env, DOCKER_HOST: "fd://" }), "invalid_config");
    assert.equal(await refusal({ dockerHost: "tcp://a:b@c" }, env), "invalid_argument");
    assert.equal(await refusal({ dockerHost: "unix://relative" }, env), "invalid_argument");
    const tls = { DOCKER_HOST: "tcp://127.0.0.1", DOCKER_TLS_VERIFY: "1" };
    assert.equal(await refusal({}, { ...env, ...tls }), "invalid_config");
    writeFileSync(join(folder.path, "config.json"), "{");
    assert.equal(await refusal({}, env), "invalid_config");
    writeFileSync(join(folder.path, "config.json"), `{"currentContext": "gone"}`);
    assert.equal(await refusal({}, env), "invalid_config");
  });
});
