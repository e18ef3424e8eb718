export { type CollectOptions, collect } from './collect.js';
export { describeValue } from './describe-value.js';
export { drawMarbles, type MarbleDrawing, type TimedNotification } from './draw-marbles.js';
export { type FakeRun, type FakeRunOptions, fakeRun, type Hold, type StopRequest } from './fake-run.js';
export { type FakeSaver, type FakeSaverOptions, fakeSaver } from './fake-saver.js';
export { type FakeModel, type FakeState, fakeState } from './fake-state.js';
export { firstDifference } from './first-difference.js';
export { type HookLawsOptions, hookLaws } from './hook-laws.js';
export { LawViolationError } from './law-violation-error.js';
export { LetterTable } from './letter-table.js';
export { MarbleMismatchError } from './marble-mismatch-error.js';
export { type MarbleHelpers, marbles } from './marbles.js';
export { type ScriptedSessionOptions, scriptedSession } from './scripted-session.js';
export {
  type FakeOutputs,
  type Lifecycle,
  type LifecycleOptions,
  lifecycle,
  type StepEvents,
  type StepEventsOptions,
  stepEvents,
} from './step-events.js';
export { type TriggerLawsOptions, triggerLaws } from './trigger-laws.js';
export { withoutRealTime } from './without-real-time.js';
