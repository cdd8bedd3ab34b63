/**
 * Decides where a command's blocks are kept, and which of them go when there is no room.
 *
 * Memory first, then a spool file. What the disk does not take in time stays in a bounded queue.
 * Whoever writes is asked to wait while the queue is half full, for a bounded time; when it is full
 * in spite of that, its middle is dropped.
 *
 * @module
 */

import { TIMED_OUT, withDeadline } from "../../clock.ts";
import { ExeckitError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { safe, type SafeText } from "../../safe_text.ts";
import { systemCode } from "../../system_code.ts";
import type { StreamName } from "../output_store.ts";
import { HoldBack } from "./hold_back.ts";
import type { BlockContent, OutputBlock } from "./output_block.ts";
import type { OutputQuota } from "./output_quota.ts";
import type { SpoolDirectory } from "./spool_directory.ts";
import type { SpoolFile } from "./spool_file.ts";
import type { StreamLog } from "./stream_log.ts";

/** Blocks of a stream that are never given up for a quota: its start and its end. */
const LEAST_BLOCKS = 2;
/** Blocks that are written at once: 2 MiB. */
const WRITES_AT_ONCE = 32;

/** How much of a command's output is kept, and where. */
export interface KeepOptions {
  /** Where output goes that is too much for memory. Default: nowhere, it stays in memory. */
  readonly spool?: SpoolDirectory;
  /** The session's quota. Default: none but the command's own. */
  readonly quota?: OutputQuota;
  /** Bytes of one command that are kept at most. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** Bytes that stay in memory before a file is made. Default: 256 KiB. */
  readonly memoryBytes?: number;
  /** Bytes that are kept in memory when there is no file. Default: 17 MiB. */
  readonly memoryOnlyMaxBytes?: number;
  /** Bytes that wait for the disk at most. Default: 16 MiB. */
  readonly queueMaxBytes?: number;
}

/** Why something is not kept. */
export type KeepProblem = "quota" | "no_spool" | "disk_failed" | "disk_slow";

/** What is kept of a stream in complete blocks. */
interface KeptLog {
  readonly log: StreamLog;
  bytes: number;
  blocks: number;
  /** Blocks in front of the place where more goes, once something has gone. */
  split: number | undefined;
}

/** Keeps the blocks of one command. */
export class BlockKeeper {
  readonly #options: Required<Omit<KeepOptions, "spool" | "quota">>;
  readonly #spool: SpoolDirectory | undefined;
  readonly #quota: OutputQuota | undefined;
  readonly #logs = new Map<StreamName, KeptLog>();
  readonly #problems = new Map<KeepProblem, SafeText>();
  readonly #freeSlots: number[] = [];
  readonly #holdBack = new HoldBack();
  #waiting: OutputBlock[] = [];
  #file: SpoolFile | undefined;
  #nextSlot = 0;
  #keptBytes = 0;
  #memoryBytes = 0;
  #pumping: Promise<void> | undefined;
  #spoolFailed = false;
  #isClosed = false;

  /**
   * Makes a keeper that keeps nothing yet.
   *
   * @param options How much is kept, and where.
   */
  constructor(options: KeepOptions) {
    this.#spool = options.spool;
    this.#quota = options.quota;
    this.#options = {
      maxBytes: options.maxBytes ?? LIMITS.outputKeepMaxBytes,
      memoryBytes: options.memoryBytes ?? LIMITS.outputMemoryBytes,
      memoryOnlyMaxBytes: options.memoryOnlyMaxBytes ?? LIMITS.outputMemoryOnlyMaxBytes,
      queueMaxBytes: options.queueMaxBytes ?? LIMITS.outputQueueMaxBytes,
    };
  }

  /** Bytes that are kept in sealed blocks. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** True when a spool file is in use. */
  get isSpooling(): boolean {
    return this.#file !== undefined;
  }

  /** What went wrong so far, in words. */
  get problems(): readonly SafeText[] {
    return [...this.#problems.values()];
  }

  /** Takes a block that is complete. */
  readonly take = (block: OutputBlock, log: StreamLog): void => {
    if (this.#isClosed) {
      block.drop();
      return;
    }
    const kept = this.#logs.get(log.stream) ?? { log, bytes: 0, blocks: 0, split: undefined };
    this.#logs.set(log.stream, kept);
    kept.bytes += block.sealedBytes;
    kept.blocks++;
    this.#makeRoom(block.sealedBytes);
    this.#keptBytes += block.sealedBytes;
    this.#memoryBytes += block.sealedBytes;
    this.#waiting.push(block);
    this.#moveToFile();
    this.#boundMemory();
  };

  /** Loads a block; undefined when it is no longer kept. */
  readonly load = async (block: OutputBlock): Promise<BlockContent | undefined> => {
    if (this.#isClosed) throw outputClosed();
    const content = block.content();
    if (content !== undefined || block.slot === undefined) return content;
    const sealed = await this.#readSlot(block, block.slot);
    if (this.#isClosed) throw outputClosed();
    // While the file was read, the slot may have been given to a newer block.
    return sealed === undefined || block.isDropped ? undefined : block.contentOf(sealed);
  };

  /**
   * Says whether more output should wait, since much of it waits for the disk already.
   *
   * @returns Undefined when it need not; else settles soon, and never rejects.
   */
  room(): Promise<void> | undefined {
    return this.#isBehind() ? this.#holdBack.wait() : undefined;
  }

  /** Waits until what can be written is in the file. */
  async settled(): Promise<void> {
    while (this.#pumping !== undefined) await this.#pumping;
  }

  /** Lets go of everything: memory, file and quota. A second call does nothing more. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      for (const { log } of this.#logs.values()) {
        for (const block of log.blocks) block.drop();
      }
      this.#waiting = [];
      this.#quota?.give(this.#keptBytes);
      this.#keptBytes = 0;
      this.#memoryBytes = 0;
      this.#holdBack.release();
    }
    if (this.#pumping !== undefined) {
      await withDeadline(this.#pumping, LIMITS.outputDiskTimeoutMs);
    }
    await this.#file?.close();
  }

  async #readSlot(block: OutputBlock, slot: number): Promise<Uint8Array | undefined> {
    const file = this.#file;
    if (file === undefined) return undefined;
    try {
      const reading = file.read(slot, block.sealedBytes);
      const sealed = await withDeadline(reading, LIMITS.outputDiskTimeoutMs);
      if (sealed !== TIMED_OUT) return sealed;
    } catch (error) {
      if (!this.#isClosed && !block.isDropped) this.#loseUnreadable(block, error);
      return undefined;
    }
    throw new ExeckitError({
      code: "transfer_failed",
      message: safe`Cannot read the kept output: the disk does not answer`,
      hint: safe`Try again later`,
    });
  }

  #loseUnreadable(block: OutputBlock, error: unknown): void {
    this.#problem("disk_failed", safe`a part of the output cannot be read: ${reasonOf(error)}`);
    const kept = this.#logs.get(block.stream);
    if (kept !== undefined) this.#drop(kept, kept.log.blocks.indexOf(block));
  }

  /** Drops from the middle until a block of this size may be kept. */
  #makeRoom(bytes: number): void {
    const ownMaxBytes = this.#hasFile() ? this.#options.maxBytes : this.#memoryOnlyBytes();
    while (this.#keptBytes + bytes > ownMaxBytes) {
      if (this.#hasFile()) this.#overQuota(safe`the output's quota is used up`);
      else this.#noSpool();
      if (!this.#dropFromMiddle()) break;
    }
    if (this.#quota === undefined) return;
    while (!this.#quota.take(bytes)) {
      this.#overQuota(safe`the quota for the output of all commands is used up`);
      if (this.#dropFromMiddle()) continue;
      this.#quota.force(bytes);
      break;
    }
  }

  #hasFile(): boolean {
    return this.#spool !== undefined && (!this.#spoolFailed || this.#file !== undefined);
  }

  #memoryOnlyBytes(): number {
    return Math.min(this.#options.maxBytes, this.#options.memoryOnlyMaxBytes);
  }

  #overQuota(words: SafeText): void {
    this.#problem("quota", safe`the middle of the output is not kept: ${words}`);
  }

  #noSpool(): void {
    const words = safe`the middle of the output is not kept: it is held in memory only`;
    this.#problem("no_spool", words);
  }

  #problem(problem: KeepProblem, words: SafeText): void {
    if (!this.#problems.has(problem)) this.#problems.set(problem, words);
  }

  /** Of the stream that takes most, the block goes that is nearest to its middle. */
  #dropFromMiddle(): boolean {
    let largest: KeptLog | undefined;
    for (const kept of this.#logs.values()) {
      if (kept.blocks > LEAST_BLOCKS && kept.bytes > (largest?.bytes ?? 0)) largest = kept;
    }
    if (largest === undefined) return false;
    const count = largest.log.blocks.length;
    const split = largest.split ?? count >> 1;
    largest.split = split;
    this.#drop(largest, split > count - split ? split - 1 : split);
    return true;
  }

  #drop(kept: KeptLog, index: number): void {
    const block = kept.log.blocks[index];
    if (block === undefined) return;
    if (kept.split !== undefined && index < kept.split) kept.split--;
    kept.log.remove(index);
    kept.bytes -= block.sealedBytes;
    kept.blocks--;
    this.#keptBytes -= block.sealedBytes;
    this.#quota?.give(block.sealedBytes);
    if (block.slot === undefined) this.#memoryBytes -= block.sealedBytes;
    else this.#freeSlots.push(block.slot);
    block.drop();
  }

  #moveToFile(): void {
    const isDue = this.#memoryBytes > this.#options.memoryBytes || this.#file !== undefined;
    if (this.#spool === undefined || this.#spoolFailed || !isDue) return;
    this.#pumping ??= this.#pump(this.#spool);
  }

  /** True while at least half of the queue for the disk is in use, and the disk is at work. */
  #isBehind(): boolean {
    if (this.#pumping === undefined || this.#spoolFailed) return false;
    const { memoryBytes, queueMaxBytes } = this.#options;
    return this.#memoryBytes > memoryBytes + queueMaxBytes / 2;
  }

  /** What waits for a slow disk, or has no disk to go to, is bounded. */
  #boundMemory(): void {
    if (this.#spool === undefined) return;
    const { memoryBytes, queueMaxBytes } = this.#options;
    const maxBytes = this.#spoolFailed ? this.#memoryOnlyBytes() : memoryBytes + queueMaxBytes;
    while (this.#memoryBytes > maxBytes) {
      this.#waiting = this.#waiting.filter((block) => !block.isDropped);
      const block = this.#waiting[(this.#waiting.length - 1) >> 1];
      const kept = block === undefined ? undefined : this.#logs.get(block.stream);
      if (block === undefined || kept === undefined || this.#waiting.length < 2) return;
      if (!this.#spoolFailed) {
        this.#problem("disk_slow", safe`a part of the output is not kept: the disk is too slow`);
      }
      this.#drop(kept, kept.log.blocks.indexOf(block));
    }
  }

  /** Writes what waits. A failure is never the command's: it is said in the report. */
  async #pump(spool: SpoolDirectory): Promise<void> {
    try {
      this.#file ??= await spool.create();
      while (this.#waiting.length > 0 && !this.#isClosed) await this.#writeSome(this.#file);
      // Closed while the file was being made: nobody else will close it.
      if (this.#isClosed) await this.#file.close();
    } catch (error) {
      this.#spoolFailed = true;
      const words = safe`the output is held in memory only: ${reasonOf(error)}`;
      this.#problem("disk_failed", words);
    } finally {
      this.#pumping = undefined;
      this.#holdBack.release();
    }
    if (this.#spoolFailed) this.#boundMemory();
  }

  /** Several at once, since a busy process hears only now and then that one is written. */
  async #writeSome(file: SpoolFile): Promise<void> {
    this.#waiting = this.#waiting.filter((block) => !block.isDropped);
    const writes = this.#waiting.slice(0, WRITES_AT_ONCE).map((block) => this.#write(file, block));
    const failed = (await Promise.allSettled(writes)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  async #write(file: SpoolFile, block: OutputBlock): Promise<void> {
    const sealed = block.sealedContent();
    if (sealed === undefined) return;
    const slot = this.#freeSlots.pop() ?? this.#nextSlot++;
    await file.write(slot, sealed);
    if (block.isDropped) {
      this.#freeSlots.push(slot);
      return;
    }
    this.#memoryBytes -= block.sealedBytes;
    block.wroteTo(slot);
    this.#waiting.splice(this.#waiting.indexOf(block), 1);
    if (!this.#isBehind()) this.#holdBack.release();
  }
}

/**
 * Makes the error for output that was let go.
 *
 * @returns The error, `unknown_command`.
 */
export function outputClosed(): ExeckitError {
  return new ExeckitError({
    code: "unknown_command",
    message: safe`Cannot read the command's output: it is no longer kept`,
  });
}

function reasonOf(error: unknown): SafeText {
  if (error instanceof ExeckitError) return error.detail;
  switch (systemCode(error)) {
    case "ENOSPC":
      return safe`the disk is full`;
    case "EDQUOT":
      return safe`the disk quota is used up`;
    case "EIO":
      return safe`the disk failed`;
    default:
      return safe`the spool file could not be used`;
  }
}
