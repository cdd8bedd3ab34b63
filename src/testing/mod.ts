/**
 * For those who bring a transport of their own: record what it carries, replay it without a
 * machine, and hold a session over it against the promises.
 *
 * @module
 */

export { filesContract } from "./files_contract.ts";
export type {
  ContractFiles,
  ContractFilesSession,
  ContractProgress,
  ContractPutOptions,
  ContractTransferred,
  FilesSubject,
} from "./files_subject.ts";
export { type RecordingFactory, recordTransport } from "./record_transport.ts";
export { type ReplayOptions, replayTransport } from "./replay_transport.ts";
export {
  type ContractOpenOptions,
  type ContractSession,
  type ContractSubject,
  sessionContract,
} from "./session_contract.ts";
export type {
  Transcript,
  TranscriptAside,
  TranscriptChunk,
  TranscriptEnd,
  TranscriptLaunch,
  TranscriptMoment,
} from "./transcript.ts";
