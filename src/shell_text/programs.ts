/**
 * Which programs a shell text would start: the words of every command, looked at through the
 * wrappers of `wrappers.ts` and through shell text in strings.
 *
 * It sees names, not effects: what a program does with its arguments, what is in a script file,
 * in input that is piped to a shell, in other languages or on other machines, and what earlier
 * commands defined (functions, aliases, `PATH`) are outside its view.
 *
 * @module
 */

import { isReservedWord } from "./reserved_words.ts";
import { maySplit, type ShellWord } from "./shell_word.ts";
import type { ReadState, ShellDialect } from "./word_reader.ts";
import { readCommands } from "./words.ts";
import { readWrapperOptions, type WrapperReading } from "./wrapper_options.ts";
import { type Wrapper, WRAPPERS } from "./wrappers.ts";

/** Wrappers around wrappers that are followed. */
const MAX_CHAIN = 64;
/** Programs that are listed; a longer text is refused rather than listed in part. */
const MAX_PROGRAMS = 10_000;
/** Characters of source given with a program; whole words only, so that none is cut in half. */
const SHOWN_CHARS = 400;
/** Characters that all nested texts together may have, beside a multiple of the text itself. */
const NESTED_CHARS = 65_536;
const FIND_ACTIONS = ["-exec", "-execdir", "-ok", "-okdir"];

/** A program that a text would start. */
export interface Program {
  /** Its name or path after quote removal; absent when only running the text would tell. */
  readonly name?: string;
  /** The exact source words from the program on, as many whole words as fit 400 characters. */
  readonly words: string;
  /** The names of the wrappers that lead to it, outermost first. */
  readonly via: readonly string[];
}

/** What {@linkcode scanPrograms} found. */
export interface ProgramScan {
  /** The programs, in the order of the text as far as nesting allows. */
  readonly programs: readonly Program[];
  /** True when the text could not be read to its end: there may be more programs. */
  readonly incomplete: boolean;
}

/**
 * The last component of a program's path: `/bin/rm` → `rm`. Of zsh's `=rm`, too.
 *
 * @param name A name or path.
 * @returns The file's name.
 */
export function programBaseName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1).replace(/^=(?=.)/, "");
}

/**
 * Finds the programs that a text would start. Linear in the text's length; it never throws for
 * any text.
 *
 * @param text The shell text.
 * @param shell The shell that will read it: a name or path such as `bash`, `/bin/dash`.
 * @returns The programs, and whether the whole text was read.
 */
export function scanPrograms(text: string, shell: string): ProgramScan {
  const finder = new ProgramFinder(text.length * 4 + NESTED_CHARS);
  finder.readText(text, { shell, via: [] });
  return { programs: finder.programs, incomplete: finder.incomplete };
}

function dialectOf(shell: string): ShellDialect {
  const name = programBaseName(shell);
  return name === "bash" || name === "zsh" ? name : "other";
}

/** Where a command stands: the shell that reads it and the wrappers around it. */
interface CommandContext {
  readonly shell: string;
  readonly via: readonly string[];
}

/** A wrapper's command: its words, the index of the wrapper's name, and what is around it. */
interface WrappedCommand extends CommandContext {
  readonly words: readonly ShellWord[];
  readonly index: number;
}

class ProgramFinder {
  readonly programs: Program[] = [];
  incomplete = false;
  #charsLeft: number;

  constructor(maxChars: number) {
    this.#charsLeft = maxChars;
  }

  readText(text: string, context: CommandContext): void {
    const state: ReadState = {
      dialect: dialectOf(context.shell),
      depth: 0,
      charsLeft: this.#charsLeft,
    };
    const commands: (readonly ShellWord[])[] = [];
    if (!readCommands(text, state, (words) => commands.push(words))) this.incomplete = true;
    this.#charsLeft = state.charsLeft;
    if (commands.length > MAX_PROGRAMS) this.incomplete = true;
    for (const words of commands.slice(0, MAX_PROGRAMS)) this.#readProgram(words, 0, context);
  }

  #readProgram(words: readonly ShellWord[], index: number, context: CommandContext): void {
    const word = words[index];
    if (word === undefined) return;
    const { via, shell } = context;
    if (via.length > MAX_CHAIN || this.programs.length >= MAX_PROGRAMS) {
      this.incomplete = true;
      return;
    }
    // `{}` is what find and xargs replace; behind a shell's own wrapper, a reserved word may rule.
    const unclear = word.bare.includes("{}") || (via.length > 0 && isReservedWord(word));
    const name = unclear ? undefined : word.value;
    this.#add(words, index, { via, shell }, name);
    if (name === undefined) return;
    const baseName = programBaseName(name);
    const wrapper = WRAPPERS.get(baseName);
    if (wrapper === undefined) return;
    this.#readWrapper(wrapper, { words, index, shell, via: [...via, baseName] });
  }

  #add(words: readonly ShellWord[], index: number, { via }: CommandContext, name?: string): void {
    let source = words[index]?.source ?? "";
    if (source.length > SHOWN_CHARS) source = "";
    for (let at = index + 1; at < words.length; at++) {
      const next = words[at]?.source ?? "";
      if (source.length + next.length >= SHOWN_CHARS) break;
      source += ` ${next}`;
    }
    this.programs.push({ words: source, via, ...(name === undefined ? {} : { name }) });
  }

  #addUnknown(command: WrappedCommand): void {
    this.#add(command.words, command.index, command);
  }

  #readWrapper(wrapper: Wrapper, command: WrappedCommand): void {
    const { words, index } = command;
    if (wrapper.kind === "script") return this.#readScript(command);
    if (wrapper.kind === "login") return this.#readLogin(command);
    if (wrapper.kind === "find") return this.#readFind(command);
    const reading = readWrapperOptions(wrapper, words, index + 1);
    if (reading.unclear) return this.#addUnknown(command);
    if (reading.stops) return;
    if (wrapper.kind === "argv" && reading.texts.length === 0) {
      return this.#readArguments(wrapper, command, reading);
    }
    // Wrappers repeated inside find would each look at all that follows: that counts as work.
    this.#charsLeft -= words.length - reading.index;
    if (this.#charsLeft < 0) this.incomplete = true;
    if (this.incomplete) return;
    const operands = words.slice(reading.index);
    if (reading.texts.length > 0) this.#readEnvText(command, reading.texts, operands);
    else this.#readOperandTexts(wrapper, command, operands);
  }

  #readArguments(wrapper: Wrapper, command: WrappedCommand, reading: WrapperReading): void {
    const { words } = command;
    const start = reading.index + (wrapper.operands ?? 0);
    const unclear = words.slice(reading.index, start).some(maySplit);
    const takesInput = command.via.includes("xargs") && command.via.at(-1) !== "xargs";
    const opensShell = words[start] === undefined && (reading.opensShell || takesInput);
    if (unclear || opensShell) this.#addUnknown(command);
    else this.#readProgram(words, start, command);
  }

  #readOperandTexts(
    wrapper: Wrapper,
    command: WrappedCommand,
    operands: readonly ShellWord[],
  ): void {
    const values = operands.map((word) => word.value);
    const shell = command.via.at(-1) === "watch" ? "sh" : command.shell;
    const texts = wrapper.kind === "text"
      ? [values.includes(undefined) ? undefined : values.join(" ")]
      : wrapper.kind === "aliases"
      ? values.map((value) => value?.replace(/^[^=]*=?/, ""))
      : values.slice(0, values.length > 1 ? 1 : 0);
    for (const text of texts) this.#readInnerText(command, text, shell);
  }

  /** `env -S` splits its text by rules of its own: close to the shell's but for backslashes. */
  #readEnvText(
    command: WrappedCommand,
    texts: readonly string[],
    operands: readonly ShellWord[],
  ): void {
    const text = texts.join(" ");
    const rest = operands.map((word) => word.source).join(" ");
    this.#readInnerText(command, text.includes("\\") ? undefined : `env ${text} ${rest}`, "sh");
  }

  #readInnerText(command: WrappedCommand, text: string | undefined, shell: string): void {
    const replaced = command.via.some((name) => name === "xargs" || name === "find");
    if (text === undefined || (replaced && text.includes("{}"))) this.#addUnknown(command);
    if (text !== undefined) this.readText(text, { shell, via: command.via });
  }

  #readFind(command: WrappedCommand): void {
    const { words, index } = command;
    for (let at = index + 1; at < words.length && !this.incomplete; at++) {
      const word = words[at];
      if (word?.splits) return this.#addUnknown(command);
      if (FIND_ACTIONS.includes(word?.value ?? "")) this.#readProgram(words, at + 1, command);
    }
  }

  /** A shell: its text is judged, its script file is not read, its input cannot be known. */
  #readScript(command: WrappedCommand): void {
    const { words } = command;
    let at = command.index + 1;
    let takesText = false;
    let takesInput = false;
    for (; at < words.length; at++) {
      const value = words[at]?.value;
      if (value === undefined || !/^[-+]./.test(value)) break;
      if (value === "--help" || value === "--version") return;
      if (value === "--") {
        at++;
        break;
      }
      const letters = value.startsWith("--") ? "" : value.slice(1);
      if (value === "--rcfile" || value === "--init-file" || value === "--emulate") at++;
      takesText ||= letters.includes("c");
      takesInput ||= letters.includes("s");
      at += letters.replace(/[^oO]/g, "").length;
    }
    const operand = words[at]?.value;
    const name = command.via.at(-1) ?? "sh";
    if (takesText) this.#readInnerText(command, operand, name);
    else if (takesInput || operand === undefined || /^-$|^\/(dev|proc)\//.test(operand)) {
      this.#addUnknown(command);
    }
  }

  #readLogin(command: WrappedCommand): void {
    const { words, index } = command;
    const option = words.findIndex((word, at) =>
      at > index && /^(-\w*c|--(session-)?command)$/.test(word.value ?? "")
    );
    const unclear = option < 0 || words.slice(index, option).some((word) => !word.value);
    this.#readInnerText(command, unclear ? undefined : words[option + 1]?.value, "sh");
  }
}
