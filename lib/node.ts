/* What needs Node */

export { type ExportSafetensorsOptions, exportSafetensors } from './checkpoint/export-safetensors.js';
export { hashCheckpoint, hashTensor } from './checkpoint/hash-checkpoint.js';
export { closestName } from './error/closest-name.js';
export { RecordedRunError } from './error/recorded-run-error.js';
export { type InspectorCpuProfilerOptions, inspectorCpuProfiler } from './hook/profile/inspector-cpu-profiler.js';
export { type ProfileFolderOptions, profileFolder } from './hook/profile/profile-folder.js';
export { paintFor } from './hook/progress/paint-for.js';
export { EventLogReader } from './hook/record/event-log-reader.js';
export {
  type EventLog,
  type ReadRunOptions,
  type RecordedRun,
  type RunSummary,
  readRecordedRun,
  readRunRecord,
} from './hook/record/read-run.js';
export type {
  RecordedEnd,
  RecordedError,
  RecordedEvent,
  RecordedHold,
  RecordedSave,
  RecordedSteps,
} from './hook/record/recorded-event.js';
export { type ReplayRunOptions, replayRun } from './hook/record/replay-run.js';
export { ReplayedHookEvent } from './hook/record/replayed-events.js';
export { eventFilesAmong } from './hook/record/run-files.js';
export type { RecordedCheckpoint, RecordedProcess, RunRecord } from './hook/record/run-record.js';
export { type RunRecorderOptions, runRecorder } from './hook/record/run-recorder.js';
export { RUN_STATES, type RunState } from './hook/record/run-state.js';
export { isSecretName, scrubSecrets } from './hook/record/scrub-secrets.js';
export { type HookCost, sumHookCosts } from './hook/record/sum-hook-costs.js';
export { buildTimeline } from './hook/record/timeline/build-timeline.js';
export { type DrawTimelineOptions, drawTimeline } from './hook/record/timeline/draw-timeline.js';
export { timeOfStep } from './hook/record/timeline/steps-in-blocks.js';
export type { RunContext, SessionExport } from './hook/run-context.js';
export type { StopDecisionEvent } from './hook/stop/stop-decision-event.js';
export {
  SIGNAL_EXIT_CODES,
  type SignalSource,
  type StopOnSignalsOptions,
  type StopSignal,
  stopOnSignals,
} from './hook/stop-on-signals.js';
export { nativeCrc32c } from './store/file/native-crc32c.js';
export { type FileStoreOptions, fileStore } from './store/file-store.js';
export type { FileSystem } from './store/file-system.js';
export { nodeFileSystem } from './store/node-file-system.js';
export { type EventFileWriterOptions, eventFileWriter } from './summary/event-file/event-file-writer.js';
export { type Embedding, type WriteEmbeddingsOptions, writeEmbeddings } from './summary/projector/write-embeddings.js';
export { type TailEventsOptions, tailEvents } from './summary/tail/tail-events.js';
export type { TailedEvent, TailedRecord, TailFault, TailReset } from './summary/tail/tailed-event.js';
