/**
 * What a shell at a terminal may hold of a command that is being typed, as far as it can be known
 * from what was typed.
 *
 * A command may be typed in parts, and over several lines. Keys edit a line in ways that depend on
 * who reads it. What is judged is therefore everything that may have become one command, or, once a
 * line was edited, a text that no policy can know.
 *
 * @module
 */

import { findSubjects } from "../../shell_text/finder.ts";
import type { Findings } from "../../shell_text/subjects.ts";

/** What a policy is shown in place of a line that nobody can know. */
export const UNKNOWN_LINE = 'eval "$EXECKIT_UNKNOWN_LINE"';

/** Keys that end a line: carriage return and line feed, under all their names. */
export const ENTER_KEYS: ReadonlySet<string> = new Set(["enter", "ctrl_m", "ctrl_j"]);
/** readline's ctrl_o runs the line, and then fetches one of the history. */
const RUN_AND_FETCH_KEY = "ctrl_o";
/** ctrl_x begins ctrl_x ctrl_e: an editor opens, and what it leaves of the line is run. */
const EDITOR_KEY = "ctrl_x";
/** After these ctrl_c may be a character, or bring a line back: quoted insert, push-line, editors. */
const STICKY_KEYS: ReadonlySet<string> = new Set(["ctrl_q", "ctrl_v", "ctrl_x"]);
/** Unfinished texts that are kept at most, and their characters: beyond, the line is unknown. */
const MAX_HELD = 32;
const MAX_HELD_CHARS = 32_768;

const NOTHING_DEFINED = { aliases: new Map(), functions: new Set<string>() } as const;

/** What may be in the line, and whether that is all. */
interface LineState {
  /** The texts that the reader may hold and has not run; one of them is right while it is known. */
  readonly held: readonly string[];
  /** Whether the line was edited. */
  readonly isUnknown: boolean;
  /** Whether ctrl_c may not clear it. */
  readonly isSticky: boolean;
}

/** What some input means for the line. */
export interface TypedPlan {
  /** The texts that a policy has to judge before it is typed. */
  readonly toJudge: readonly string[];
  /** The line afterwards, for {@linkcode TypedLine.typed}. */
  readonly after: LineState;
}

const EMPTY_LINE: LineState = { held: [""], isUnknown: false, isSticky: false };

/** A line at a terminal. */
export class TypedLine {
  #state = EMPTY_LINE;

  /**
   * Tells what a policy has to judge before something is typed. Nothing is changed by asking.
   *
   * @param text Text to be typed.
   * @param keys Names of keys to be typed behind it.
   * @returns What to judge, and the line afterwards.
   */
  plan(text: string, keys: readonly string[]): TypedPlan {
    const toJudge = new Set<string>();
    let state = this.#state;
    if (text !== "") {
      // The terminal makes a line feed of a carriage return, as readline does.
      const typed = text.replaceAll(/\r\n?/g, "\n");
      const whole = { ...state, held: state.held.map((before) => before + typed) };
      judged(whole).forEach((one) => toJudge.add(one));
      state = afterText(state, typed);
    }
    for (const key of keys) {
      if (maySubmit(key, state)) judged(state).forEach((one) => toJudge.add(one));
      if (key === EDITOR_KEY && !isEmpty(state)) toJudge.add(UNKNOWN_LINE);
      state = afterKey(state, key);
    }
    return { toJudge: [...toJudge], after: state };
  }

  /**
   * Notes what was typed.
   *
   * @param plan What was said of it before.
   */
  typed({ after }: TypedPlan): void {
    this.#state = after;
  }
}

/**
 * Of what may stand in the line, what is no shell text by itself is the end of something that is:
 * a shell that gets it alone runs nothing.
 */
function judged({ held, isUnknown }: LineState): readonly string[] {
  if (isUnknown) return [UNKNOWN_LINE];
  const texts = held.filter((text) => text.trim() !== "");
  if (texts.length < 2) return texts;
  const whole = texts.filter((text) => findingsOf(text).problem?.kind !== "syntax");
  return whole.length === 0 ? texts : whole;
}

function isEmpty({ held, isUnknown }: LineState): boolean {
  return !isUnknown && held.every((text) => text === "");
}

/** ctrl_d gives a shell what is in the line, without ending the line; at its start it is the end. */
function maySubmit(key: string, state: LineState): boolean {
  if (ENTER_KEYS.has(key) || key === RUN_AND_FETCH_KEY) return true;
  return key === "ctrl_d" && !isEmpty(state);
}

function afterKey(state: LineState, key: string): LineState {
  if (ENTER_KEYS.has(key)) return afterText(state, "\n");
  if (key === "space") return afterText(state, " ");
  if (key === "ctrl_c") return state.isSticky ? state : EMPTY_LINE;
  // It ends the input of a program that a shell started, or is put together with what comes.
  if (key === "ctrl_d") return { ...state, held: distinct([...state.held, ""]) };
  const isSticky = state.isSticky || STICKY_KEYS.has(key);
  return { ...state, isUnknown: true, isSticky };
}

function afterText(state: LineState, text: string): LineState {
  const end = text.lastIndexOf("\n") + 1;
  if (end === 0) return bounded(state, state.held.map((before) => before + text));
  const rest = text.slice(end);
  // Whoever edited the line has run it, and what it began is not known.
  if (state.isUnknown) return state.isSticky ? state : { ...EMPTY_LINE, held: [rest] };
  const open = state.held.map((before) => before + text.slice(0, end)).filter(isUnfinished);
  // A program that the shell runs may have read what came before: then the rest stands alone.
  return bounded(state, [...open.map((before) => before + rest), rest]);
}

function bounded(state: LineState, held: readonly string[]): LineState {
  const texts = distinct(held);
  const chars = texts.reduce((sum, text) => sum + text.length, 0);
  if (texts.length <= MAX_HELD && chars <= MAX_HELD_CHARS) return { ...state, held: texts };
  return { ...state, held: [""], isUnknown: true };
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** A command that shows whether it would be one behind what was typed. */
const NEXT_COMMAND = "EXECKIT_NEXT_COMMAND";

/**
 * Whether a shell goes on reading behind these lines: behind a backslash, in quotes, in a compound,
 * or in a here-document, where it takes the next command for text.
 */
function isUnfinished(lines: string): boolean {
  if (lines.trim() === "") return false;
  if (lines.length > MAX_HELD_CHARS) return true;
  if (/(?:^|[^\\])(?:\\\\)*\\\n$/.test(lines) || isBroken(findingsOf(lines))) return true;
  const { subjects } = findingsOf(`${lines}${NEXT_COMMAND}\n`);
  return !subjects.some((subject) =>
    subject.kind === "program" && subject.name === NEXT_COMMAND && subject.via.length === 0 &&
    subject.at.start >= lines.length
  );
}

function isBroken({ problem }: Findings): boolean {
  return problem !== undefined && problem.kind !== "dialect";
}

function findingsOf(text: string): Findings {
  return findSubjects({ text, shell: "bash", definitions: NOTHING_DEFINED });
}
