/**
 * The commands that a session remembers: the running one and the last ones, with their output.
 *
 * @module
 */

import { withDeadline } from "../../clock.ts";
import { LIMITS } from "../../limits.ts";
import type { CommandHouse } from "./command_house.ts";
import { type CommandRecord, type ResultForm, unknownCommand } from "./command_record.ts";
import { HeldCommand } from "./session_command.ts";

interface Remembered {
  readonly record: CommandRecord;
  readonly command: HeldCommand;
}

/** The commands of one session. */
export class CommandHistory {
  readonly #house: CommandHouse;
  readonly #remembered = new Map<string, Remembered>();

  /** @param house What the session lends to its commands. */
  constructor(house: CommandHouse) {
    this.#house = house;
  }

  /**
   * Remembers a command, and forgets the oldest where there are too many.
   *
   * @param record The command.
   * @param form How its results are shaped when nobody says otherwise.
   * @returns A hold on it.
   */
  add(record: CommandRecord, form: ResultForm): HeldCommand {
    const command = new HeldCommand(record, this.#house, form);
    this.#remembered.set(record.label.commandId, { record, command });
    for (const [id, old] of this.#remembered) {
      if (this.#remembered.size <= LIMITS.recentCommands) break;
      if (!old.record.isOver) continue;
      this.#remembered.delete(id);
      void old.record.output.close();
    }
    return command;
  }

  /**
   * Finds a command.
   *
   * @param commandId Its id.
   * @returns A hold on it.
   * @throws {ExeckitError} `unknown_command`.
   */
  get(commandId: string): HeldCommand {
    const found = this.#remembered.get(commandId);
    if (found === undefined) throw unknownCommand();
    return found.command;
  }

  /** All of them, newest first. */
  list(): readonly HeldCommand[] {
    return [...this.#remembered.values()].map(({ command }) => command).reverse();
  }

  /**
   * Forgets all, and gives memory and files back. A command that is ending gets its end first.
   *
   * @param keep Takes over what would be given back, and gives it back later.
   */
  async close(keep?: (release: () => Promise<void>) => void): Promise<void> {
    const all = [...this.#remembered.values()];
    this.#remembered.clear();
    await Promise.all(all.map(({ record }) => withDeadline(record.ended, LIMITS.closeTimeoutMs)));
    const release = async () => {
      await Promise.all(all.map(({ record }) => record.output.close()));
    };
    if (keep === undefined) await release();
    else keep(release);
  }
}
