/**
 * The simple commands of a shell text: every list of words that a shell would start as a program.
 *
 * It follows lists, pipelines, groups, subshells, compound commands, function bodies, coprocesses
 * and all substitutions. It is no syntax check: it may accept what a shell would refuse, and it
 * gives up where a shell might see a command that it does not.
 *
 * @module
 */

import { COMPOUND_STARTS, type KeywordKind, KEYWORDS } from "./reserved_words.ts";
import type { ShellWord } from "./shell_word.ts";
import { UnreadableShellText } from "./text_cursor.ts";
import { type ReadState, WordReader } from "./word_reader.ts";

const ASSIGNMENT = /^[A-Za-z_]\w*(\[[^\]]*\])?\+?=/;
const DESCRIPTOR = /^(\d+|\{\w+\})$/;

/** Where the reader stands in one list of commands. */
interface ListPosition {
  readonly end: "" | ")" | "}";
  /** The words of the present simple command, without assignments and redirections. */
  words: ShellWord[];
  /** True once an assignment or redirection came: no reserved word is recognised any more. */
  prefixed: boolean;
  /** True right behind a compound command, where no simple command can start. */
  closed: boolean;
  /** True once a redirection came in the present command. */
  redirected: boolean;
  /** True behind `|`, where `time` is a program. */
  piped: boolean;
  /** The reserved word in force: `time`, `function` or `coproc`. */
  header: ShellWord | undefined;
  cases: number;
  braces: number;
}

class CommandReader extends WordReader {
  readonly #emit: (words: readonly ShellWord[]) => void;

  constructor(text: string, state: ReadState, emit: (words: readonly ShellWord[]) => void) {
    super(text, state);
    this.#emit = emit;
  }

  protected fork(text: string): CommandReader {
    return new CommandReader(text, this.state, this.#emit);
  }

  readList(end: "" | ")" | "}"): void {
    const list: ListPosition = {
      end,
      words: [],
      prefixed: false,
      closed: false,
      redirected: false,
      piped: false,
      header: undefined,
      cases: 0,
      braces: 0,
    };
    for (;;) {
      this.skipBlanks();
      const next = this.peek();
      if (next === "" || next === ")") return this.#endList(list, next);
      if (this.#readOperator(list, next)) continue;
      if (this.#placeWord(list, this.readWord())) return;
    }
  }

  #endList(list: ListPosition, closer: string): void {
    if (closer !== list.end || list.cases > 0 || list.braces > 0) this.fail();
    if (closer === "") this.checkHeredocsRead();
    else this.pos++;
    this.#finishCommand(list);
  }

  #finishCommand(list: ListPosition): void {
    // A function's name alone, with its body on the next line, starts nothing.
    const namesFunction = list.header?.bare === "function" && list.words.length === 1;
    if (list.words.length > 0 && !namesFunction) this.#emit(list.words);
    // A redirection alone starts zsh's $NULLCMD.
    const alone = list.redirected && list.words.length === 0 && !list.closed;
    if (alone && this.state.dialect === "zsh") this.fail();
    this.#startCommand(list);
  }

  #startCommand(list: ListPosition): void {
    list.words = [];
    list.prefixed = false;
    list.closed = false;
    list.redirected = false;
    list.piped = false;
    list.header = undefined;
  }

  /** Reads an operator, a redirection, a comment or a parenthesis; false when a word comes. */
  #readOperator(list: ListPosition, next: string): boolean {
    if (this.atProcessSubstitution()) return false;
    if (next === "<" || next === ">") this.#readRedirection(list);
    else if (next === "(") this.#readParenthesis(list);
    else if (next === "#") this.skipComment();
    else if (next === "&") this.#readAmpersand(list);
    else if (next === "\n" || next === ";" || next === "|") {
      // A pipe goes on behind a newline.
      const piped = list.piped && list.words.length === 0 && next === "\n";
      this.#finishCommand(list);
      list.piped = piped;
      if (next === "\n") this.readNewline();
      else this.#readSeparator(list, next);
    } else return false;
    return true;
  }

  #readSeparator(list: ListPosition, separator: string): void {
    this.pos++;
    if (separator === "|") {
      list.piped = !this.take("|");
      if (list.piped) this.take("&");
    } else if (this.take(";")) {
      this.take("&");
      this.#readPatterns(list);
    } else if (this.take("&") || this.take("|")) this.#readPatterns(list);
  }

  #readAmpersand(list: ListPosition): void {
    this.pos++;
    // Without bash's &> the text goes on with a new command behind the redirection.
    if (this.peek() === ">" && this.state.dialect !== "other") return this.#readRedirection(list);
    this.#finishCommand(list);
    this.take("&");
  }

  #readRedirection(list: ListPosition): void {
    list.redirected = true;
    list.prefixed ||= list.words.length === 0;
    const operator = this.peek();
    this.pos++;
    if (operator === "<" && this.take("<")) {
      if (!this.take("<")) return this.readHeredocOperator();
    } else if (operator === "<") {
      if (!this.take("&")) this.take(">");
    } else if (!this.take(">") && !this.take("&")) this.take("|");
    // A file called `!` in one shell, a flag of the operator in another.
    if (this.peek() === "!") this.fail();
    this.skipBlanks();
    if (this.readWord().source === "") this.fail();
  }

  #readParenthesis(list: ListPosition): void {
    const named = list.header !== undefined && list.header.bare !== "time";
    const defines = list.words.length > 0;
    if (!defines && (list.prefixed || list.closed)) this.fail();
    this.pos++;
    if (defines) {
      this.skipBlanks();
      if (this.take(")")) return this.#startCommand(list);
      if (!named || list.words.length > 1) this.fail();
      this.#finishCommand(list);
    } else if (this.text[this.pos] === "(") {
      // Arithmetic in bash and zsh, subshells in others.
      if (this.state.dialect === "other") this.fail();
      this.readArithmetic();
      return this.#closeCompound(list);
    }
    this.nest(() => this.readList(")"));
    this.#closeCompound(list);
  }

  #closeCompound(list: ListPosition): void {
    this.#startCommand(list);
    list.closed = true;
  }

  /** Puts a word where it belongs; true when it closes the list. */
  #placeWord(list: ListPosition, word: ShellWord): boolean {
    const next = this.peek();
    if ((next === "<" || next === ">") && DESCRIPTOR.test(word.bare)) return false;
    if (list.words.length === 0 && !list.prefixed) {
      const kind = KEYWORDS.get(word.bare);
      if (kind !== undefined && !(kind === "time" && list.piped)) {
        return this.#takeKeyword(list, word, kind);
      }
      if (list.header?.bare === "time" && word.bare.startsWith("-")) {
        // `time -p` is bash's; with any other option `time` is the program of that name.
        if (word.bare !== "-p" && word.bare !== "--") list.words.push(list.header, word);
        return false;
      }
    }
    if (list.closed) this.fail();
    if (list.words.length === 0 && ASSIGNMENT.test(word.bare)) list.prefixed = true;
    else if (this.#startsNamedBody(list, word)) {
      this.#finishCommand(list);
      return this.#placeWord(list, word);
    } else list.words.push(word);
    return false;
  }

  #startsNamedBody(list: ListPosition, word: ShellWord): boolean {
    const named = list.header !== undefined && list.header.bare !== "time";
    return named && list.words.length > 0 && COMPOUND_STARTS.includes(word.bare);
  }

  #takeKeyword(list: ListPosition, word: ShellWord, kind: KeywordKind): boolean {
    list.closed = kind === "end" || kind === "close";
    list.header = kind === "time" || kind === "named" ? word : undefined;
    if (kind === "open") list.braces++;
    else if (kind === "close") {
      if (list.braces === 0 && list.end === "}") return true;
      if (list.braces-- === 0) this.fail();
    } else if (word.bare === "esac") {
      if (list.cases-- === 0) this.fail();
    } else if (kind === "for") return this.#readForHeader(list);
    else if (kind === "case") this.#readCaseHeader(list);
    else if (kind === "test") this.#readTest(list, word);
    return false;
  }

  #readForHeader(list: ListPosition): boolean {
    this.skipBlanks();
    if (this.peek() === "(") {
      this.pos++;
      if (this.text[this.pos] !== "(" || this.state.dialect === "other") this.fail();
      this.readArithmetic();
      return false;
    }
    if (this.readWord().source === "") this.fail();
    this.skipSeparators();
    const word = this.readWord();
    if (word.bare !== "in") return word.source === "" ? false : this.#placeWord(list, word);
    for (this.skipBlanks(); !["", ";", "\n", "#"].includes(this.peek()); this.skipBlanks()) {
      if (this.readWord().source === "") this.fail();
    }
    return false;
  }

  #readCaseHeader(list: ListPosition): void {
    this.skipBlanks();
    if (this.readWord().source === "") this.fail();
    this.skipSeparators();
    if (this.readWord().bare !== "in") this.fail();
    list.cases++;
    this.#readPatterns(list);
  }

  /** Reads the patterns of one case clause, or the `esac` in their place. */
  #readPatterns(list: ListPosition): void {
    if (list.cases === 0) this.fail();
    this.skipSeparators();
    const parenthesised = this.take("(");
    for (let first = true;; first = false) {
      this.skipBlanks();
      const word = this.readWord();
      if (word.source === "") this.fail();
      if (word.bare === "esac" && first && !parenthesised) {
        list.cases--;
        list.closed = true;
        return;
      }
      this.skipBlanks();
      if (this.take(")")) return;
      if (!this.take("|")) this.fail();
    }
  }

  /** Reads `[[ … ]]`, which is an ordinary command where the shell does not know it. */
  #readTest(list: ListPosition, word: ShellWord): void {
    if (this.state.dialect === "other") {
      list.words.push(word);
      return;
    }
    list.closed = true;
    for (;;) {
      this.skipBlanks();
      const next = this.peek();
      if (next === "\n") this.readNewline();
      else if (next === "" || next === "#" || next === ";") this.fail();
      else if ("()<>|&".includes(next) && !this.atProcessSubstitution()) this.pos++;
      else if (this.readWord().bare === "]]") return;
    }
  }
}

/**
 * Reads the simple commands of a text, also those inside substitutions and bodies.
 *
 * @param text The shell text.
 * @param state The shared state of the scan.
 * @param emit Takes the words of each command, its assignments and redirections left out.
 * @returns False when the text could not be read to its end with certainty.
 */
export function readCommands(
  text: string,
  state: ReadState,
  emit: (words: readonly ShellWord[]) => void,
): boolean {
  try {
    new CommandReader(text, state, emit).readList("");
    return true;
  } catch (error) {
    if (error instanceof UnreadableShellText) return false;
    throw error;
  }
}
