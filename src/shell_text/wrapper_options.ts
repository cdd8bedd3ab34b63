/**
 * Reads a wrapper's own options, to find where the program inside it is named.
 *
 * @module
 */

import { maySplit, type ShellWord } from "./shell_word.ts";
import type { Wrapper } from "./wrappers.ts";

/** Where a wrapper's options end, and what they said. */
export interface WrapperReading {
  /** The index of the first word behind the options. */
  index: number;
  /** True when the options cannot be read with certainty. */
  unclear: boolean;
  /** True when the options say that no program is started. */
  stops: boolean;
  /** True when a shell is started if no program is named. */
  opensShell: boolean;
  /** Shell text that came as an option's value. */
  readonly texts: string[];
}

/** How one short option of a group was taken: the next one follows, or the word is used up. */
type Taken = "next" | "word";

/**
 * Reads the options of a wrapper.
 *
 * @param wrapper Its row in the table.
 * @param words The words of the command.
 * @param start The index of the first word behind the wrapper's name.
 * @returns Where the options end, and what they said.
 */
export function readWrapperOptions(
  wrapper: Wrapper,
  words: readonly ShellWord[],
  start: number,
): WrapperReading {
  const reading: WrapperReading = {
    index: start,
    unclear: false,
    stops: false,
    opensShell: false,
    texts: [],
  };
  while (reading.index < words.length && !reading.unclear) {
    const word = words[reading.index];
    const value = word?.value;
    if (value === undefined) reading.unclear = !isAssignment(wrapper, word);
    if (reading.unclear || value === undefined || value[0] !== "-" || value === "-") break;
    reading.index++;
    if (value === "--") break;
    if (value.startsWith("--")) takeLong(wrapper, value.slice(2), reading);
    else takeShort(wrapper, words, reading);
    const last = words[reading.index - 1];
    if (last !== undefined && maySplit(last)) reading.unclear = true;
  }
  if (wrapper.assignments) {
    while (isAssignment(wrapper, words[reading.index])) reading.index++;
  }
  return reading;
}

function isAssignment(wrapper: Wrapper, word: ShellWord | undefined): boolean {
  if (wrapper.assignments === undefined || word === undefined || maySplit(word)) return false;
  return /^[^=]+=/.test(word.value ?? word.bare);
}

function takeLong(wrapper: Wrapper, option: string, reading: WrapperReading): void {
  const [name = "", value] = option.split("=", 2);
  if (name === "help" || name === "version") reading.stops = true;
  else if (wrapper.longValued?.includes(name)) reading.index += value === undefined ? 1 : 0;
  else if (!wrapper.longFlags?.includes(name)) reading.unclear = true;
}

function takeShort(
  wrapper: Wrapper,
  words: readonly ShellWord[],
  reading: WrapperReading,
): void {
  const group = words[reading.index - 1]?.value ?? "";
  for (let at = 1; at < group.length && !reading.unclear; at++) {
    const rest = group.slice(at + 1);
    if (takeLetter(wrapper, words, { letter: group.charAt(at), rest, reading }) === "word") return;
  }
}

function takeLetter(
  wrapper: Wrapper,
  words: readonly ShellWord[],
  option: { letter: string; rest: string; reading: WrapperReading },
): Taken {
  const { letter, rest, reading } = option;
  const listed = (letters: string | undefined) => letters?.includes(letter) ?? false;
  if (listed(wrapper.texts) || listed(wrapper.placeholders)) {
    const attached = rest !== "" || letter === "i";
    const value = attached ? rest : words[reading.index++]?.value;
    if (listed(wrapper.texts) && value !== undefined) reading.texts.push(value);
    else reading.unclear = value === undefined || !["", "{}"].includes(value);
    return "word";
  }
  if (listed(wrapper.attached)) return "word";
  if (listed(wrapper.valued)) {
    if (rest === "") reading.index++;
    return "word";
  }
  if (listed(wrapper.stops)) reading.stops = true;
  else if (listed(wrapper.shells)) reading.opensShell = true;
  else if (!listed(wrapper.flags)) reading.unclear = true;
  return "next";
}
