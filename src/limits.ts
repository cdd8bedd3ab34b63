/**
 * Every default and ceiling in execkit: value, unit, and why it is that.
 *
 * @module
 */

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The numbers that commands, sessions and their output are bound by. */
export const LIMITS = {
  /** Milliseconds a command may live by default: long enough for most builds, never endless. */
  commandTimeoutMs: 2 * MINUTE_MS,
  /** Milliseconds a command may be given at most: a day; longer work belongs in a job system. */
  commandTimeoutMaxMs: 24 * HOUR_MS,
  /** Milliseconds that opening a session may take: a loaded machine starts a shell in about 1 s. */
  openTimeoutMs: 15 * SECOND_MS,
  /** Milliseconds that a login profile may take before its snapshot is given up. */
  loginEnvTimeoutMs: 5 * SECOND_MS,
  /** Milliseconds that a side script (signal, upload) may take. */
  asideTimeoutMs: 10 * SECOND_MS,
  /** Milliseconds that a caller waits for a running command by default: a look, not a vigil. */
  waitMs: 10 * SECOND_MS,
  /** Milliseconds that a caller waits for a detached command by default: a look, not a vigil. */
  detachedWaitMs: 10 * SECOND_MS,
  /** Milliseconds that closing a transport may take before it is killed: 50 at once take about 5 s. */
  closeTimeoutMs: 15 * SECOND_MS,

  /** Milliseconds that a closing session may be silent before its processes are woken. */
  wakeAfterMs: 1 * SECOND_MS,

  /** Milliseconds from ^C until the next rung: most programs are back in under 50 ms. */
  interruptGraceMs: 300,
  /** Milliseconds from TERM until KILL: time for a handler to write its state. */
  terminateGraceMs: 500,
  /** Milliseconds from KILL of the descendants until the shell itself is replaced. */
  killGraceMs: 700,
  /** Milliseconds between the two halves of an end marker before the frame is examined. */
  markerGraceMs: 500,
  /** Milliseconds that a shell has to answer a synchronising frame. */
  resyncTimeoutMs: 2 * SECOND_MS,

  /** UTF-8 bytes of a command at most: far above any real one, far below memory trouble. */
  commandMaxBytes: 4 * MIB,
  /** Command bytes above which it goes by file: shells read a pipe one byte per system call. */
  inlineCommandMaxBytes: 64 * KIB,
  /** Bytes of `stdin` text for a command at most. */
  stdinMaxBytes: 16 * MIB,
  /** Environment variables at open at most, and bytes of all of them together. */
  envMaxEntries: 1000,
  /** Bytes of all environment variables at open together at most. */
  envMaxBytes: 1 * MIB,
  /** Bytes of a path argument: PATH_MAX of Linux. */
  pathMaxBytes: 4096,

  /** Bytes kept of each stream of a command: half from its start, half from its end. */
  streamKeepBytes: 8 * MIB,
  /** Bytes of background output kept between two commands; the newest win. */
  backgroundKeepBytes: 64 * KIB,
  /** Characters of each stream in a library result by default, as upstream's 100 000. */
  resultMaxChars: 100_000,
  /** Characters of each stream in an MCP result: under what every measured client shows whole. */
  mcpResultMaxChars: 16_000,
  /** Lines of each stream in an MCP result: under the 2,000 lines where clients cut. */
  mcpResultMaxLines: 400,
  /** Ceiling of `maxChars` in a budget. */
  budgetMaxChars: 10_000_000,
  /** Ceiling of line counts in a budget. */
  budgetMaxLines: 1_000_000,
  /** Ceiling of context lines around a match. */
  budgetMaxContext: 1000,
  /** Characters of a pattern from an agent at most, as upstream's 4096. */
  patternMaxChars: 4096,

  /** Bytes of a policy file at most: thousands of rules, and no endless device. */
  policyFileMaxBytes: 1 * MIB,
  /** Bytes of a line that `policy check --stdin` takes: far above what a policy reads of one. */
  policyLineMaxBytes: 8 * MIB,
  /** Bytes of a line of an audit file that is read back: two whole streams, escaped for JSON. */
  auditLineMaxBytes: 64 * MIB,
  /** Rules that `policy suggest` proposes at most: more is nothing that a person reads. */
  suggestedRulesMax: 500,
  /** Milliseconds that an approver has by default: time for a person to read and decide. */
  approveTimeoutMs: 5 * MINUTE_MS,
  /** Milliseconds that an approver may be given at most, as for a command. */
  approveTimeoutMaxMs: 24 * HOUR_MS,

  /** Bytes that the redactor holds back at most while a secret might still be open. */
  redactionHoldMaxBytes: 64 * KIB,
  /** Characters below which a registered value is too common to redact everywhere. */
  knownValueMinChars: 6,

  /** Bytes of a command's redacted output that are kept at most: the notes' 64 MB. */
  outputKeepMaxBytes: 64 * MIB,
  /** Bytes of a command's output that stay in memory before a spool file is made for it. */
  outputMemoryBytes: 256 * KIB,
  /** Bytes kept of a command in memory when there is no file: 8 MiB of each stream, and marks. */
  outputMemoryOnlyMaxBytes: 17 * MIB,
  /** Bytes of a command's output that wait for the disk: 50 ms of what redaction lets through. */
  outputQueueMaxBytes: 16 * MIB,
  /** Bytes that the output of one session's commands takes by default: four full ones. */
  outputSessionMaxBytes: 256 * MIB,
  /** Bytes that all kept output takes by default, in memory and on disk. */
  outputProcessMaxBytes: 1024 * MIB,
  /** Milliseconds that a reader waits for the disk before it says so. */
  outputDiskTimeoutMs: 10 * SECOND_MS,
  /** Rows of a command's terminal by default: a large window of a person's. */
  ttyRows: 40,
  /** Columns of a command's terminal by default. */
  ttyCols: 120,
  /** Rows of a command's terminal at most: its screen is held in memory. */
  ttyMaxRows: 500,
  /** Columns of a command's terminal at most. */
  ttyMaxCols: 1000,
  /** Lines that one read gives by default. */
  outputReadLines: 200,
  /** Matches that one search gives by default. */
  outputSearchMatches: 100,
  /** Characters of each line that a search shows: enough to see a match, and why it is one. */
  outputSearchLineChars: 2000,
  /** Milliseconds after which a search stops and says where to go on. */
  outputSearchMaxMs: 10 * SECOND_MS,

  /** Processes and threads in a sandbox by default: room for a parallel build, not for a bomb. */
  sandboxProcesses: 512,
  /** Bytes that a file may grow to in a sandbox by default: far above what builds make. */
  sandboxFileBytes: 1024 * MIB,
  /** Open descriptors of a process in a sandbox by default: the usual limit of a login. */
  sandboxOpenFiles: 1024,
  /** Bytes of a sandbox's private /tmp by default: it is held in memory. */
  sandboxTmpBytes: 512 * MIB,

  /** Bytes that reading a file into memory takes by default: larger ones are downloaded. */
  filesReadMaxBytes: 64 * MIB,
  /** Bytes of one file that is written, uploaded or downloaded, by default. */
  filesTransferMaxBytes: 4096 * MIB,
  /** Bytes of a file's piece on its way: large enough for throughput, small against memory. */
  filesChunkBytes: 256 * KIB,
  /** Accesses to files of one session at a time; sshd allows ten channels by default. */
  filesConcurrent: 4,
  /** Entries of a directory that are listed by default. */
  filesListEntries: 10_000,
  /** Entries of a directory that can be asked for at most: the list is held in memory. */
  filesListMaxEntries: 200_000,
  /** Milliseconds in which no byte of a file moves until its transfer has failed. */
  filesIdleTimeoutMs: 1 * MINUTE_MS,
  /** Bytes per millisecond that hashing and syncing a written file is waited for: a slow disk's. */
  filesFinishBytesPerMs: 4 * KIB,
  /** Milliseconds that a cancelled transfer has to remove its temporary file by itself. */
  filesCancelGraceMs: 1 * SECOND_MS,
  /** Milliseconds between two progress reports. */
  filesProgressEveryMs: 100,

  /** Sessions of one registry at most by default, as upstream's 64. */
  maxSessions: 64,
  /** Milliseconds without a command after which an MCP session is closed, as upstream's 30 min. */
  sessionIdleMs: 30 * MINUTE_MS,
  /** Finished commands that a registry remembers of each session. */
  recentCommands: 20,
  /** Detached commands whose machine and reader's place a registry remembers: some 50 KiB. */
  detachedRemembered: 200,
  /** Detached commands that an MCP list shows; running ones always, up to the next number. */
  detachedListed: 20,
  /** Running detached commands that an MCP list shows at most: about 20 000 characters. */
  detachedListedMax: 100,
  /** Detached commands that an MCP server's state directory notes: as many small files. */
  detachedNoted: 1000,
  /** Files of detached commands that are read at a time: few beside the usual 1024 descriptors. */
  detachedNotesAtOnce: 16,
  /** Milliseconds an MCP call may take: the strictest measured client gives up at 60 s. */
  mcpCallMaxMs: 45 * SECOND_MS,
} as const;
