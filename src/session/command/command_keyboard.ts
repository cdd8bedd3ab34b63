/**
 * Input for a running command: text, named keys and signals.
 *
 * @module
 */

import { ExeckitError } from "../../errors.ts";
import { joinBytes } from "../../join_bytes.ts";
import { invalidArgument } from "../../option_checks.ts";
import type { PolicyPlace } from "../../policy/policy.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { keyBytes, TYPE_MAX_BYTES, typeKeys } from "../../shell/keyboard.ts";
import { type LadderSignal, signalForeground, typeInterrupt } from "../../shell/process_control.ts";
import type { CommandHouse } from "./command_house.ts";
import type { CommandRecord } from "./command_record.ts";
import { asksForName, findPrompt } from "../../shell/probe/prompt_shapes.ts";
import { InputWatch } from "./input_watch.ts";
import { dropTypedAhead } from "./typed_ahead.ts";
import { UNKNOWN_LINE } from "./typed_line.ts";
import { type SecretLines, TypedSecrets } from "./typed_secrets.ts";

/** What is given to a command: exactly one of the three, or text and then keys. */
export interface CommandInput {
  /** Text, typed as it is; a line ends with the key `enter`. */
  readonly text?: string;
  /**
   * Whether the text is a secret, whatever the command asks: it is hidden in all output from then on,
   * and in the audit. What answers a password prompt is one anyway. Default: false.
   */
  readonly secret?: boolean;
  /** Keys by name, such as `enter`, `tab`, `up`, `ctrl_d`, typed after the text. */
  readonly keys?: readonly string[];
  /** A signal for the foreground processes; `INT` is typed as ^C where there is a terminal. */
  readonly signal?: LadderSignal;
}

const SIGNALS: ReadonlySet<string> = new Set(["INT", "TERM", "KILL"]);
/** Keys of one call at most: more is a program, and belongs into a command. */
const MAX_KEYS = 100;
const LONE_SURROGATE = /\p{Surrogate}/u;
/** zsh's question whether to run another command than the one that was typed: one key answers. */
const CORRECTION_PROMPT = /\[nyae\]\? ?$/;

/** Types for one command. */
export class CommandKeyboard {
  readonly #record: CommandRecord;
  readonly #house: CommandHouse;
  readonly #secrets: TypedSecrets;
  /** Whether the last answer was a user's name: a password comes next. */
  #gaveName = false;
  /** Settles when what was typed last is typed; it never rejects. */
  #lastTyping: Promise<void> = Promise.resolve();

  /**
   * Makes the keyboard of a command.
   *
   * @param record The command.
   * @param house What its session lends.
   */
  constructor(record: CommandRecord, house: CommandHouse) {
    this.#record = record;
    this.#house = house;
    this.#secrets = new TypedSecrets(house.redactor);
  }

  /**
   * Gives input to the command.
   *
   * @param input What.
   * @throws {ExeckitError} `invalid_argument`, `blocked_by_policy`, `unsupported`, `busy` or
   *   `session_lost`.
   */
  async give(input: CommandInput): Promise<void> {
    const checked = checkInput(input);
    const { signal } = checked;
    this.#requireRunning();
    if (signal !== undefined) return await this.#signal(signal);
    if (!this.#house.hasTerminal()) throw noTerminal();
    // What is judged is the line so far: two parts at the same time would each be judged alone.
    const typing = this.#lastTyping.then(() => this.#typeInTurn(checked, input.keys ?? []));
    // Its own caller hears of a failure; the next one may type all the same.
    this.#lastTyping = typing.catch(() => undefined);
    await typing;
  }

  async #typeInTurn(
    { text, keys, secret }: CheckedInput,
    names: readonly string[],
  ): Promise<void> {
    this.#requireRunning();
    const secrets = this.#secrets.plan(text, names, await this.#secretLines(text, { secret }));
    const shownKeys = names.map((name) => this.#house.redactor.text(name));
    const typed = { text: this.#secrets.show(secrets), keys: shownKeys };
    const plan = this.#record.line.plan(text, names);
    const isCorrection = text !== "" && CORRECTION_PROMPT.test(this.#record.rawTail.text);
    const lines = isCorrection ? [UNKNOWN_LINE, ...plan.toJudge] : plan.toJudge;
    const redact = (part: string) => this.#secrets.hide(secrets, part);
    for (const line of lines) await this.#judge(line, { ...typed, redact });
    this.#record.line.typed(plan);
    await this.#note({ kind: "text", ...typed, status: "done" });
    const bytes = joinBytes([new TextEncoder().encode(text), ...keys]);
    // Before a byte of it is typed: the program may show it at once. More than this is never typed.
    if (bytes.length <= TYPE_MAX_BYTES) this.#secrets.typed(secrets);
    await this.#type(bytes);
  }

  #requireRunning(): void {
    const { commandId } = this.#record.label;
    if (!this.#record.isOver && this.#house.isForeground(commandId)) return;
    throw new ExeckitError({
      code: "busy",
      message: safe`Cannot give input to the command: it has ended`,
      hint: safe`Read its output, or run another command`,
    });
  }

  async #signal(signal: LadderSignal): Promise<void> {
    const session = this.#house.session();
    await this.#note({ kind: "signal", text: SIGNAL_NAMES[signal], status: "done" });
    this.#record.touched();
    if (signal === "INT" && this.#house.hasTerminal()) {
      const { line } = this.#record;
      line.typed(line.plan("", ["ctrl_c"]));
      return await typeInterrupt(session);
    }
    await signalForeground(session, signal);
  }

  /** What answers a password prompt is a secret from now on, whatever it looks like. */
  async #secretLines(
    text: string,
    { secret }: { readonly secret: boolean },
  ): Promise<SecretLines> {
    if (secret || this.#secrets.isOpen) return "all";
    if (text === "") return "none";
    await this.#seeWhatIsAsked();
    const { waiting } = this.#record;
    // Who types ahead gives the password before it is asked for.
    const isAhead = waiting === undefined && this.#gaveName;
    const isName = waiting?.kind === "unknown" &&
      asksForName(findPrompt(this.#record.rawTail.text));
    this.#gaveName = isName;
    if (waiting?.kind === "password" || isAhead) return "all";
    return isName ? "later" : "none";
  }

  async #type(bytes: Uint8Array): Promise<void> {
    this.#record.beforeNext(() => dropTypedAhead(this.#house.session()));
    this.#record.touched();
    await typeKeys(this.#house.session(), bytes);
    this.#record.touched();
  }

  /** Who answers without having looked, or twice in a row, may answer a password prompt. */
  async #seeWhatIsAsked(): Promise<void> {
    if (this.#record.waiting !== undefined) return;
    await new InputWatch(this.#record, this.#house.session(), this.#house.redactor).look();
  }

  async #judge(
    line: string,
    { redact, ...typed }: TypedInput & Pick<PolicyPlace, "redact">,
  ): Promise<void> {
    const { policy } = this.#house;
    const verdict = policy.decideInput?.({
      ...this.#house.place(),
      redact,
      input: line,
      command: this.#record.source,
      isTyped: true,
    });
    if (verdict === undefined || verdict.decision === "allow") return;
    if (verdict.decision === "ask" && policy.whenNoHuman === "allow") return;
    await this.#note({ kind: "text", ...typed, status: "blocked" });
    throw new ExeckitError({
      code: "blocked_by_policy",
      message: verdict.reason === undefined
        ? safe`The policy does not allow this input`
        : safe`The policy does not allow this input: ${verdict.reason}`,
      ...(line === UNKNOWN_LINE ? { hint: EDITED_HINT } : {}),
    });
  }

  async #note({ keys = [], ...parts }: NotedInput): Promise<void> {
    const { commandId } = this.#record.label;
    const pressed = keys.length === 0 ? {} : { keys };
    await this.#house.record({ event: "input", commandId, ...parts, ...pressed });
  }
}

/** Text and keys as the audit may show them. */
interface TypedInput {
  readonly text: SafeText;
  readonly keys?: readonly SafeText[];
}

/** What the audit is told. */
interface NotedInput extends TypedInput {
  readonly kind: "text" | "signal";
  readonly status: "done" | "blocked";
}

const EDITED_HINT =
  safe`The line was edited, recalled or left open, so that what runs is not known; send the key ctrl_c alone, then the whole command as text`;

const SIGNAL_NAMES = { INT: safe`INT`, TERM: safe`TERM`, KILL: safe`KILL` } as const;

interface CheckedInput {
  readonly text: string;
  readonly keys: readonly Uint8Array[];
  readonly signal?: LadderSignal;
  readonly secret: boolean;
}

function checkInput({ text, keys, signal, secret = false }: CommandInput): CheckedInput {
  if (typeof secret !== "boolean") throw invalidArgument(safe`'secret' must be true or false`);
  if (secret && text === undefined) throw invalidArgument(safe`'secret' goes with 'text' only`);
  if (signal !== undefined) {
    if (!SIGNALS.has(signal)) throw invalidArgument(safe`'signal' must be INT, TERM or KILL`);
    if (text !== undefined || keys !== undefined) {
      throw invalidArgument(safe`'signal' goes without 'text' and 'keys'`);
    }
    return { text: "", keys: [], signal, secret };
  }
  if (text === undefined && keys === undefined) {
    throw invalidArgument(safe`One of 'text', 'keys' and 'signal' is needed`);
  }
  if (text !== undefined && (typeof text !== "string" || LONE_SURROGATE.test(text))) {
    throw invalidArgument(safe`'text' must be well-formed text`);
  }
  return { text: text ?? "", keys: checkKeys(keys ?? []), secret };
}

function checkKeys(keys: readonly string[]): Uint8Array[] {
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) {
    throw invalidArgument(safe`'keys' must be a list of at most ${MAX_KEYS} names`);
  }
  return keys.map((name, index) => {
    const bytes = typeof name === "string" ? keyBytes(name) : undefined;
    if (bytes !== undefined) return bytes;
    throw new ExeckitError({
      code: "invalid_argument",
      message: safe`'keys' has an unknown name in position ${index + 1}`,
      hint: safe`Names are ${KEYS_IN_WORDS}`,
    });
  });
}

/** What KEY_NAMES has, in words. */
const KEYS_IN_WORDS =
  safe`enter, tab, escape, backspace, delete, up, down, left, right, home, end, page_up, page_down, space, f1 to f12, ctrl_a to ctrl_z`;

function noTerminal(): ExeckitError {
  return new ExeckitError({
    code: "unsupported",
    message: safe`Cannot type for the command: the session has no terminal`,
    hint: safe`Interrupt it, or run it with its answers as standard input`,
  });
}
