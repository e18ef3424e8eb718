export { type CollectOptions, collect } from './collect.js';
export { type CheckpointCrashLawOptions, checkpointCrashLaw } from './crash/checkpoint-crash-law.js';
export { type CrashLawOptions, type CrashReport, crashLaw } from './crash/crash-law.js';
export { type CrashModel, type CrashStatesOptions, crashStates } from './crash/crash-states.js';
export { type FaultPlan, type FaultyFileSystem, type FileFault, faultyFileSystem } from './crash/faulty-file-system.js';
export { type MemoryFileSystem, memoryFileSystem } from './crash/memory-file-system.js';
export { type RecordingFileSystem, recordingFileSystem } from './crash/recording-file-system.js';
export { describeValue } from './describe-value.js';
export { drawMarbles, type MarbleDrawing, type TimedNotification } from './draw-marbles.js';
export { type FakeBackground, type FakeBackgroundOptions, fakeBackground } from './fake-background.js';
export { type FakeOutputs, fakeOutputs } from './fake-outputs.js';
export { type FakeRun, type FakeRunOptions, fakeRun, type Hold, type StopRequest } from './fake-run.js';
export { type FakeSaver, type FakeSaverOptions, fakeSaver } from './fake-saver.js';
export { type FakeModel, type FakeState, fakeState } from './fake-state.js';
export { firstDifference } from './first-difference.js';
export { type HookLawsOptions, hookLaws } from './hook-laws.js';
export { LawViolationError } from './law-violation-error.js';
export { LetterTable } from './letter-table.js';
export { MarbleMismatchError } from './marble-mismatch-error.js';
export { type MarbleHelpers, marbles } from './marbles.js';
export { type MakeRun, type ResumeLawOptions, type ResumeReport, resumeLaw } from './resume-law.js';
export { type ResumeLawByKillOptions, resumeLawByKill } from './resume-law-by-kill.js';
export { type RunCrashLawOptions, runCrashLaw } from './run-crash-law.js';
export { type ScriptedSessionOptions, scriptedSession } from './scripted-session.js';
export {
  type Lifecycle,
  type LifecycleOptions,
  lifecycle,
  type StepEvents,
  type StepEventsOptions,
  stepEvents,
} from './step-events.js';
export { type StoreLawsOptions, type StoreUnderTest, storeLaws } from './store-laws.js';
export { type SummarySinkLawsOptions, type SummarySinkUnderTest, summarySinkLaws } from './summary-sink-laws.js';
export { type TriggerLawsOptions, triggerLaws } from './trigger-laws.js';
export { withoutRealTime } from './without-real-time.js';
