/* The session */

/* Checkpoints */
export type { Checkpoint } from './checkpoint/checkpoint.js';
export type {
  AfterSaveEvent,
  BeforeSaveEvent,
  CheckpointDeletedEvent,
  CheckpointEvent,
  SaveFailedEvent,
  SaveProgressEvent,
  SaveSkippedEvent,
  SnapshotTakenEvent,
} from './checkpoint/checkpoint-event.js';
export {
  type CheckpointListener,
  type CheckpointListenerOptions,
  checkpointListener,
} from './checkpoint/checkpoint-listener.js';
export { checkpoints } from './checkpoint/checkpoints.js';
export { type FoundCheckpoint, findCheckpoints } from './checkpoint/find-checkpoints.js';
export type { CheckpointEntry, CheckpointFormat, CheckpointReader } from './checkpoint/format/checkpoint-format.js';
export { safetensors } from './checkpoint/format/safetensors.js';
export { tensorBundle } from './checkpoint/format/tensor-bundle.js';
export { checkpointFrom, type LatestFromOptions, latestFrom } from './checkpoint/latest-from.js';
export {
  type NewCheckpointsOptions,
  type NewCheckpointsWorkOptions,
  newCheckpoints,
} from './checkpoint/new-checkpoints.js';
export { type ReadableCheckpoint, readCheckpoint } from './checkpoint/read-checkpoint.js';
export { explain, type RetentionVerdict } from './checkpoint/retention/explain.js';
export { keepAll } from './checkpoint/retention/keep-all.js';
export { keepAnyOf } from './checkpoint/retention/keep-any-of.js';
export { type KeepBestOptions, keepBest } from './checkpoint/retention/keep-best.js';
export { type KeepEveryHoursOptions, keepEveryHours } from './checkpoint/retention/keep-every-hours.js';
export { keepEverySteps } from './checkpoint/retention/keep-every-steps.js';
export { keepLatest } from './checkpoint/retention/keep-latest.js';
export { pinned } from './checkpoint/retention/pinned.js';
export type { Retention } from './checkpoint/retention/retention.js';
export type { OpenSaver, Saver } from './checkpoint/saver.js';
export { type StoreSaverOptions, storeSaver } from './checkpoint/store-saver.js';
export { type CheckpointReport, verifyCheckpoint } from './checkpoint/verify-checkpoint.js';
export type { WriteProgress } from './checkpoint/write-progress.js';
/* Errors */
export { AbortedError } from './error/aborted-error.js';
export { CaptureFailedError } from './error/capture-failed-error.js';
export { CheckpointExistsError } from './error/checkpoint-exists-error.js';
export { CheckpointNotFoundError } from './error/checkpoint-not-found-error.js';
export { CodedError } from './error/coded-error.js';
export { CombinedError } from './error/combined-error.js';
export { CorruptDataError } from './error/corrupt-data-error.js';
export { DeadlineExceededError } from './error/deadline-exceeded-error.js';
export { EventPassedError } from './error/event-passed-error.js';
export { FeedConflictError } from './error/feed-conflict-error.js';
export { FetchError } from './error/fetch-error.js';
export { HoldTimeoutError } from './error/hold-timeout-error.js';
export { HookFailedError } from './error/hook-failed-error.js';
export { LossSpikeError } from './error/loss-spike-error.js';
export { NanLossError } from './error/nan-loss-error.js';
export { NoValidCheckpointError } from './error/no-valid-checkpoint-error.js';
export { NonFiniteStateError } from './error/non-finite-state-error.js';
export { SaveWorkerError } from './error/save-worker-error.js';
export { StateMismatchError } from './error/state-mismatch-error.js';
export { StepOverdueError } from './error/step-overdue-error.js';
export { StorageError } from './error/storage-error.js';
export { StoreInUseError } from './error/store-in-use-error.js';
export { TensorLeakError } from './error/tensor-leak-error.js';
export { TruncatedDataError } from './error/truncated-data-error.js';
export { UnavailableError } from './error/unavailable-error.js';
export { UnknownMetricError } from './error/unknown-metric-error.js';
export { UnsavableStateError } from './error/unsavable-state-error.js';
export { UnsupportedDataError } from './error/unsupported-data-error.js';
export { type AsyncCheckpointSaverOptions, asyncCheckpointSaver } from './hook/async-checkpoint-saver.js';
/* Hooks */
export { type CheckpointSaverOptions, checkpointSaver } from './hook/checkpoint-saver.js';
export { type GlobalStepWaiterOptions, globalStepWaiter } from './hook/global-step-waiter.js';
export { type Hook, type HookActions, type HookOutput, hook } from './hook/hook.js';
export { type EarlyStoppingOptions, earlyStopping } from './hook/learn/early-stopping.js';
export { type EvaluateOptions, evaluate, type Metrics } from './hook/learn/evaluate.js';
export {
  type AveragedValues,
  exponentialMovingAverage,
  type MovingAverageHook,
  type MovingAverageOptions,
  type NamedValues,
} from './hook/learn/exponential-moving-average.js';
export { type LearningRateScheduleOptions, learningRateSchedule } from './hook/learn/learning-rate-schedule.js';
export { type PlateauRateOptions, type PlateauState, plateauRate } from './hook/learn/plateau-rate.js';
export {
  type CosineRateOptions,
  constantRate,
  cosineRate,
  type MetricRateSchedule,
  type RateSchedule,
  type StepDecayOptions,
  sequenceOfRates,
  stepDecay,
  type WarmUpOptions,
  warmUpRate,
} from './hook/learn/rate-schedule.js';
export { type Rollback, type RollbackOptions, rollbackOnSpike } from './hook/learn/rollback-on-spike.js';
export type { StateHook } from './hook/learn/state-hook.js';
export { MetricsEvent } from './hook/metrics-event.js';
export { describeSession, installedHooks } from './hook/monitored/describe-session.js';
export {
  type MonitoredTrainingSessionOptions,
  type MonitoringEvent,
  type MonitoringOptions,
  monitoredTrainingSession,
} from './hook/monitored/monitored-training-session.js';
export { type WaitForChiefOptions, waitForChief } from './hook/monitored/wait-for-chief.js';
export { onlyChief } from './hook/only-chief.js';
export { PausedEvent, type PauseEvent, ResumedEvent } from './hook/pause/pause-event.js';
export { pauseWhile } from './hook/pause/pause-while.js';
export type { CpuProfiler } from './hook/profile/cpu-profiler.js';
export type { ProfileSink } from './hook/profile/profile-sink.js';
export { type ProfilerOptions, profiler } from './hook/profile/profiler.js';
export { StepProfiledEvent } from './hook/profile/step-profiled-event.js';
export { type ProgressBar, type ProgressBarOptions, progressBar } from './hook/progress/progress-bar.js';
export type { Timeline, TimelineItem, TimelineLane } from './hook/record/timeline/timeline.js';
export {
  type TimelineCluster,
  type TimelineView,
  type TimelineWindow,
  timelineView,
  windowOfSteps,
} from './hook/record/timeline/timeline-view.js';
export { type HookFold, type StatefulHookOptions, statefulHook } from './hook/state/stateful-hook.js';
export { StateUnfitEvent } from './hook/state-unfit-event.js';
export { type NanGuardOptions, nanGuard } from './hook/stop/nan-guard.js';
export { stopAfterSeconds } from './hook/stop/stop-after-seconds.js';
export { type StopAtStepOptions, stopAtStep } from './hook/stop/stop-at-step.js';
/* Hooks that draw */
export { type GradientHistogramsOptions, gradientHistograms } from './hook/summary/gradient-histograms.js';
export { hookMetrics } from './hook/summary/hook-metrics.js';
export { type HparamsOptions, hparams } from './hook/summary/hparams.js';
export { stepOutputs } from './hook/summary/step-outputs.js';
export { SummaryEvent, SummaryFailedEvent } from './hook/summary/summary-event.js';
export { type SummarySaverOptions, summarySaver } from './hook/summary/summary-saver.js';
export type { SummaryFunction, SummaryMoment, SummarySource } from './hook/summary/summary-source.js';
export { type TrainingHealthOptions, trainingHealth } from './hook/summary/training-health.js';
export { type WeightHistogramsOptions, weightHistograms } from './hook/summary/weight-histograms.js';
export { feed } from './hook/values/feed.js';
export { finalOps } from './hook/values/final-ops.js';
export { FinalValuesEvent } from './hook/values/final-values-event.js';
export { type HeartbeatOptions, heartbeat } from './hook/watch/heartbeat.js';
export { type MemoryStatsOptions, memoryStats } from './hook/watch/memory-stats.js';
export { type StepCounterOptions, stepCounter } from './hook/watch/step-counter.js';
export { type LoggedValues, type StepLoggerOptions, stepLogger } from './hook/watch/step-logger.js';
export { StepOverdueEvent } from './hook/watch/step-overdue-event.js';
export { StepRateEvent } from './hook/watch/step-rate-event.js';
export { type TensorLeakGuardOptions, tensorLeakGuard } from './hook/watch/tensor-leak-guard.js';
/* Plain values */
export type { Logger } from './log/logger.js';
export { silentLogger } from './log/logger.js';
export type { Checkpointable } from './session/checkpointable.js';
export type { Coordinator } from './session/coordinator.js';
export type {
  AnyEvent,
  BeforeStepEvent,
  BeginEvent,
  EndEvent,
  FetchFunction,
  SessionCreatedEvent,
  SessionEvent,
  StepEvent,
} from './session/event.js';
export { HookEvent } from './session/hook-event.js';
export type { Input, InputCursor, ResumableInput } from './session/input.js';
export { macrotaskScheduler } from './session/macrotask-scheduler.js';
export { ofType } from './session/of-type.js';
export { prefetched } from './session/prefetched.js';
export { type Random, random } from './session/random.js';
export type { RecoverOptions } from './session/recovery.js';
export type { RestoredCheckpoint, RestoredFrom, RestoreSource, SkippedCheckpoint } from './session/restore-source.js';
export type { TrackedPart } from './session/run-control.js';
export type { Scaffold, SessionState } from './session/scaffold.js';
export { type ShuffledBatchesOptions, shuffledBatches } from './session/shuffled-batches.js';
export type { StepContext } from './session/step-context.js';
export { steps } from './session/steps.js';
export { type TrainingSessionOptions, trainingSession } from './session/training-session.js';
/* Stores */
export type {
  CheckpointStore,
  OpenedCheckpoint,
  StoredBytes,
  StoredFile,
  StoreLock,
} from './store/checkpoint-store.js';
export { type MemoryStoreOptions, memoryStore } from './store/memory-store.js';
/* Summaries */
export { type MemoryEventWriter, memoryEventWriter } from './summary/event-file/memory-event-writer.js';
export { type DrawnValue, type MemorySummaries, memorySummaries } from './summary/memory-summaries.js';
export { type GaugeMeter, type OtelMetricsOptions, otelMetrics } from './summary/otel-metrics.js';
export { sharedSink } from './summary/shared-sink.js';
export type { SummaryInput } from './summary/summary-batch.js';
export type {
  OpenSummarySink,
  SummaryBatch,
  SummaryFault,
  SummaryRun,
  SummarySink,
} from './summary/summary-sink.js';
export { type ConsoleTableOptions, consoleTable } from './summary/text/console-table.js';
export { type CsvOptions, csv } from './summary/text/csv.js';
export { jsonLines } from './summary/text/json-lines.js';
export type { TextSinkOptions, TextTarget } from './summary/text/text-sink.js';
export { DTYPES, type DType, elementBytes, type FixedDType } from './tensor/dtype.js';
export type { Json } from './tensor/json.js';
export { float32Scalar, int64Scalar, makeStringTensor, makeTensor } from './tensor/make-tensor.js';
export type { PartState } from './tensor/part-state.js';
export type { StateSnapshot } from './tensor/state-snapshot.js';
export type { FixedTensor, StringTensor, Tensor, TensorSpec, Tensors } from './tensor/tensor.js';
export { tensorValues } from './tensor/tensor-values.js';
/* Triggers */
export { after } from './trigger/after.js';
export { allOf } from './trigger/all-of.js';
export { anyOf } from './trigger/any-of.js';
export { atMostEvery } from './trigger/at-most-every.js';
export { atSteps } from './trigger/at-steps.js';
export { everySeconds } from './trigger/every-seconds.js';
export { type EveryStepsOptions, everySteps } from './trigger/every-steps.js';
export { firstStep } from './trigger/first-step.js';
export { never } from './trigger/never.js';
export { not } from './trigger/not.js';
export type { SaveCost } from './trigger/save-cost.js';
export { type SaveWithinBudgetOptions, saveWithinBudget } from './trigger/save-within-budget.js';
export { type SecondOrStepTimerOptions, secondOrStepTimer } from './trigger/second-or-step-timer.js';
export type { StepTrigger, Trigger } from './trigger/trigger.js';
export { until } from './trigger/until.js';
