/**
 * Who we are: the tries to authenticate, in OpenSSH's order, each at most once.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { ExeckitError } from "../../errors.ts";
import { joinSafe, safe, type SafeText } from "../../safe_text.ts";
import { type AgentKey, listAgentKeys } from "./agent_keys.ts";
import { repairEcdsaKey } from "./ecdsa_key.ts";
import { collectIdentities, type Identities, type IdentityFile } from "./identities.ts";
import type { ResolvedSshOptions } from "./resolve_ssh_options.ts";
import type { Ssh2AuthHandler, Ssh2AuthStep, Ssh2Key, Ssh2Module } from "./ssh2_module.ts";
import { answerQuestions } from "./ssh_prompts.ts";
import type { SshHost } from "./ssh_config.ts";

/** Keys that are tried at most: OpenSSH's server ends the connection at the sixth wrong try. */
const MAX_KEYS = 6;
/** Keys that are tried at most when a password or prompts can follow, which need tries as well. */
const MAX_KEYS_BEFORE_SECRETS = 4;

/** The methods by their names in RFC 4252, RFC 4256 and RFC 4462, which messages may show. */
const METHOD_NAMES: ReadonlyMap<string, SafeText> = new Map([
  ["publickey", safe`publickey`],
  ["password", safe`password`],
  ["keyboard-interactive", safe`keyboard-interactive`],
  ["hostbased", safe`hostbased`],
  ["gssapi-with-mic", safe`gssapi-with-mic`],
]);

/** A try, and the name by which it is known not to be made twice. */
interface Candidate {
  readonly name: string;
  readonly step: Ssh2AuthStep;
}

/** What a login is made with. */
export interface LoginRequest {
  /** The package. */
  readonly ssh2: Ssh2Module;
  /** The checked options. */
  readonly options: ResolvedSshOptions;
  /** The host. */
  readonly host: SshHost;
  /** Settles when credentials may be sent; when it rejects, none are. */
  readonly hostAccepted: () => Promise<void>;
}

/** One login to one host. */
export class SshAuthentication {
  readonly #ssh2: Ssh2Module;
  readonly #host: SshHost;
  readonly #hostAccepted: () => Promise<void>;
  #options: ResolvedSshOptions | undefined;
  #candidates: AsyncGenerator<Candidate> | undefined;
  readonly #made = new Set<string>();
  #offered: readonly string[] = [];
  #firstOffered: readonly string[] | undefined;
  #keysTried = 0;
  #keysLeftOut = 0;
  #keysLocked = 0;
  #agentSilent = false;
  #exhausted = false;
  #failure: unknown;

  /**
   * Prepares a login; nothing is read yet.
   *
   * @param request What to log in with.
   */
  constructor(request: LoginRequest) {
    this.#ssh2 = request.ssh2;
    this.#host = request.host;
    this.#options = request.options;
    this.#hostAccepted = request.hostAccepted;
  }

  /** What `ssh2` asks for tries. */
  readonly handler: Ssh2AuthHandler = (methodsLeft, partialSuccess, next) => {
    this.#next(methodsLeft, partialSuccess === true).catch((cause: unknown) => {
      this.#failure = cause;
      return false as const;
    }).then((step) => {
      this.#exhausted = step === false;
      next(step);
    });
  };

  /** Drops the options with their secrets: the login is over. */
  forget(): void {
    this.#options = undefined;
    this.#candidates = undefined;
  }

  /** Whether nothing is left to try. */
  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** Whether the server was asked for anything beyond its methods. */
  get attempted(): boolean {
    return this.#made.size > 0;
  }

  /**
   * Says why the login failed, without any of the values that were tried.
   *
   * @param cutOff Whether the server ended the connection before every try was made.
   * @returns The error.
   */
  failure(cutOff: "cut_off" | "exhausted"): ExeckitError {
    if (this.#failure instanceof ExeckitError) return this.#failure;
    const parts = [
      safe`The host did not accept the login: tried ${this.#tried()}; it offers ${
        joinWords((this.#firstOffered ?? []).map(nameOf))
      }`,
    ];
    if (this.#keysLocked > 0) {
      parts.push(safe`${countOf(this.#keysLocked, safe`key`)} not opened by the passphrase`);
    }
    if (this.#agentSilent) parts.push(safe`the SSH agent could not be asked`);
    if (this.#keysLeftOut > 0) {
      parts.push(safe`${countOf(this.#keysLeftOut, safe`key`)} not tried, to stay under its limit`);
    }
    if (cutOff === "cut_off") parts.push(safe`it ended the connection after these tries`);
    const tooMany = this.#keysLeftOut > 0 || (cutOff === "cut_off" && this.#keysTried > 2);
    return new ExeckitError({
      code: "auth_failed",
      message: joinSafe(parts, safe`; `),
      ...(tooMany
        ? {
          hint: safe`There are too many keys for the host's limit: name the right one by keyPath`,
        }
        : {}),
      cause: this.#failure,
    });
  }

  async #next(
    methodsLeft: readonly string[] | null,
    partialSuccess: boolean,
  ): Promise<Ssh2AuthStep | false> {
    if (methodsLeft === null) {
      await this.#hostAccepted();
      // RFC 4252, 5.2: the answer to "none" lists what the server takes.
      return { type: "none", username: this.#host.user };
    }
    this.#offered = methodsLeft;
    this.#firstOffered ??= methodsLeft;
    if (partialSuccess) this.#candidates = undefined;
    const options = this.#options;
    if (options === undefined) return false;
    this.#candidates ??= this.#makeCandidates(options);
    for (;;) {
      const { value, done } = await this.#candidates.next();
      if (done === true) return false;
      if (this.#made.has(value.name)) continue;
      this.#made.add(value.name);
      if (value.step.type === "agent" || value.step.type === "publickey") this.#keysTried += 1;
      return value.step;
    }
  }

  async *#makeCandidates(options: ResolvedSshOptions): AsyncGenerator<Candidate> {
    const username = this.#host.user;
    if (this.#offers("publickey") && this.#host.publicKeys) yield* this.#keys(options);
    const prompt = this.#host.prompts ? answerQuestions(options, this.#fail) : undefined;
    if (this.#offers("keyboard-interactive") && prompt !== undefined) {
      const step = { type: "keyboard-interactive", username, prompt } as const;
      yield { name: "keyboard-interactive", step };
    }
    const { password } = options;
    if (this.#offers("password") && this.#host.passwords && password !== undefined) {
      yield { name: "password", step: { type: "password", username, password } };
    }
  }

  async *#keys(options: ResolvedSshOptions): AsyncGenerator<Candidate> {
    const identities = await collectIdentities(options, this.#host);
    const secretsFollow = options.password !== undefined || options.answerPrompts !== undefined;
    const most = secretsFollow ? MAX_KEYS_BEFORE_SECRETS : MAX_KEYS;
    for await (const candidate of this.#allKeys(options, identities)) {
      if (this.#made.has(candidate.name)) continue;
      if (this.#keysTried < most) yield candidate;
      else this.#keysLeftOut += 1;
    }
  }

  /** First what the agent holds, keys with a configured file before the others; then the files. */
  async *#allKeys(
    options: ResolvedSshOptions,
    { agentSocket, keys }: Identities,
  ): AsyncGenerator<Candidate> {
    const username = this.#host.user;
    const held = agentSocket === undefined ? [] : await listAgentKeys(this.#ssh2, agentSocket);
    this.#agentSilent = held === undefined;
    const seen = new Set<string>();
    for (const { name, agent } of this.#order(held ?? [], keys)) {
      seen.add(name);
      yield { name, step: { type: "agent", username, agent } };
    }
    for (const file of keys) {
      const known = file.publicBlob === undefined ? undefined : nameOfKey(file.publicBlob);
      if (!file.hasPrivate || (known !== undefined && seen.has(known))) continue;
      const key = await this.#open(file, options.passphrase);
      const name = key === undefined ? "" : nameOfKey(key.getPublicSSH());
      if (key === undefined || seen.has(name)) continue;
      seen.add(name);
      yield { name, step: { type: "publickey", username, key } };
    }
  }

  #order(held: readonly AgentKey[], files: readonly IdentityFile[]): readonly AgentKey[] {
    const wanted = files.flatMap(({ publicBlob }) =>
      publicBlob === undefined ? [] : [nameOfKey(publicBlob)]
    );
    const first = held.filter(({ name }) => wanted.includes(name));
    if (this.#host.identitiesOnly) return first;
    return [...first, ...held.filter(({ name }) => !wanted.includes(name))];
  }

  /** A key that cannot be opened is no reason not to try the next one. */
  async #open(file: IdentityFile, passphrase: string | undefined): Promise<Ssh2Key | undefined> {
    const bytes = Buffer.from(await file.read());
    const parsed = this.#ssh2.utils.parseKey(bytes, passphrase);
    bytes.fill(0);
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    if (key !== undefined && !(key instanceof Error) && key.isPrivateKey()) {
      return repairEcdsaKey(key);
    }
    this.#keysLocked += 1;
    return undefined;
  }

  #offers(method: string): boolean {
    return this.#offered.includes(method);
  }

  readonly #fail = (cause: unknown): void => {
    this.#failure ??= cause;
  };

  #tried(): SafeText {
    const words: SafeText[] = [];
    if (this.#keysTried > 0) words.push(countOf(this.#keysTried, safe`key`));
    for (const method of ["keyboard-interactive", "password"]) {
      if (this.#made.has(method)) words.push(nameOf(method));
    }
    return joinWords(words);
  }
}

function nameOfKey(blob: Uint8Array): string {
  return Buffer.from(blob).toString("base64");
}

function nameOf(method: string): SafeText {
  return METHOD_NAMES.get(method) ?? safe`another method`;
}

function joinWords(words: readonly SafeText[]): SafeText {
  if (words.length === 0) return safe`nothing`;
  return joinSafe(words, safe`, `);
}

function countOf(count: number, word: SafeText): SafeText {
  return count === 1 ? safe`1 ${word}` : safe`${count} ${word}s`;
}
