import type { Observable } from 'rxjs';
import type { CheckpointEvent } from '../../checkpoint/checkpoint-event.js';
import type { CheckpointListener } from '../../checkpoint/checkpoint-listener.js';
import { latestFrom } from '../../checkpoint/latest-from.js';
import { type StoreSaverOptions, storeSaver } from '../../checkpoint/store-saver.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import type { SessionEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import type { RestoreSource } from '../../session/restore-source.js';
import type { SessionState } from '../../session/scaffold.js';
import { makeSession, TRAINING_SESSION_OPTIONS, type TrainingSessionOptions } from '../../session/training-session.js';
import type { CheckpointStore } from '../../store/checkpoint-store.js';
import type { SummarySink } from '../../summary/summary-sink.js';
import { everySteps } from '../../trigger/every-steps.js';
import type { Trigger } from '../../trigger/trigger.js';
import { checkHooks } from '../check-hooks.js';
import { checkpointSaver } from '../checkpoint-saver.js';
import type { StateHook } from '../learn/state-hook.js';
import type { StateUnfitEvent } from '../state-unfit-event.js';
import { nanGuard } from '../stop/nan-guard.js';
import type { SummaryEvent, SummaryFailedEvent } from '../summary/summary-event.js';
import { summarySaver } from '../summary/summary-saver.js';
import { stepCounter } from '../watch/step-counter.js';
import type { StepRateEvent } from '../watch/step-rate-event.js';
import { installedHooks } from './describe-session.js';
import { intervalTrigger } from './interval-trigger.js';
import { waitForChief } from './wait-for-chief.js';

/** The names of the numbers among what steps return. */
type NumberNames<O> = { [Name in keyof O]: O[Name] extends number ? Name : never }[keyof O] & string;

/** Which metric the NaN guard watches: `loss` unless said otherwise; without a `loss`, it has to be said. */
type NanMetric<O> =
  'loss' extends NumberNames<O>
    ? { readonly nanMetric?: NumberNames<O> | null | undefined }
    : { readonly nanMetric: NumberNames<O> | null };

export type MonitoredTrainingSessionOptions<
  S extends SessionState,
  T,
  O,
  Own extends HookEvent = HookEvent,
> = TrainingSessionOptions<S, T, O> & NanMetric<O> & MonitoringOptions<S, O, Own>;

/** What a monitored session adds to a training session. */
export interface MonitoringOptions<S, O, Own extends HookEvent = HookEvent> {
  /** Where checkpoints are saved, and restored from unless `restore` says otherwise. Without it nothing is saved. */
  readonly store?: CheckpointStore | undefined;
  /** Whether this process saves, counts and writes summaries; a worker waits for the chief's state. @default true */
  readonly isChief?: boolean | undefined;
  /** In the chief and in workers, before everything that saves. */
  readonly hooks?: readonly StateHook<NoInfer<S>, Own, NoInfer<O>>[] | undefined;
  /** In the chief only, after `hooks`. */
  readonly chiefOnlyHooks?: readonly StateHook<NoInfer<S>, Own, NoInfer<O>>[] | undefined;
  /** In the chief only, after the saver: what reacts to checkpoints. */
  readonly hooksAfterSave?: readonly StateHook<NoInfer<S>, Own, NoInfer<O>>[] | undefined;
  /** Seconds from one checkpoint to the next; `null` or 0 is off. @default 600, unless steps are given */
  readonly saveCheckpointSeconds?: number | null | undefined;
  /** Steps from one checkpoint to the next; `null` or 0 is off. @default off */
  readonly saveCheckpointSteps?: number | null | undefined;
  /** Where summaries are drawn: what steps return and hooks measure; in the chief only. @default nowhere */
  readonly summaries?: SummarySink | readonly SummarySink[] | undefined;
  /** Makes further hooks that write summaries, given when to; in the chief only. */
  readonly summaryHooks?: ((trigger: Trigger<O>) => readonly StateHook<NoInfer<S>, Own, NoInfer<O>>[]) | undefined;
  /** @default 100, unless seconds are given */
  readonly saveSummariesSteps?: number | null | undefined;
  /** @default off */
  readonly saveSummariesSeconds?: number | null | undefined;
  /** How often the rate of steps is told; `null` or 0 is off. @default 100 */
  readonly logStepCountSteps?: number | null | undefined;
  /** How a checkpoint is written, and which ones stay. */
  readonly saver?: StoreSaverOptions | undefined;
  /** Told of each phase of each save. */
  readonly listeners?: readonly CheckpointListener[] | undefined;
  /** The hook that saves; one with the arguments of `checkpointSaver`. @default checkpointSaver */
  readonly saveWith?: typeof checkpointSaver | undefined;
  /** How long a worker waits for the chief's first checkpoint. @default 7200 */
  readonly maxWaitSeconds?: number | undefined;
  /** How often it looks. @default 30 */
  readonly pollSeconds?: number | undefined;
}

/** What a monitored session adds to the stream by itself. */
export type MonitoringEvent = StateUnfitEvent | StepRateEvent | SummaryEvent | SummaryFailedEvent | CheckpointEvent;

const MONITORING: OptionNames<MonitoringOptions<never, never>> = {
  store: true,
  isChief: true,
  hooks: true,
  chiefOnlyHooks: true,
  hooksAfterSave: true,
  saveCheckpointSeconds: true,
  saveCheckpointSteps: true,
  summaries: true,
  summaryHooks: true,
  saveSummariesSteps: true,
  saveSummariesSeconds: true,
  logStepCountSteps: true,
  saver: true,
  listeners: true,
  saveWith: true,
  maxWaitSeconds: true,
  pollSeconds: true,
};

const OPTIONS = { ...TRAINING_SESSION_OPTIONS, ...MONITORING, nanMetric: true } as const;

const SAVERS: readonly string[] = ['checkpointSaver', 'asyncCheckpointSaver'];

/**
 * A training session with what every run should have, under TensorFlow's names and with its defaults: it resumes from
 * the newest checkpoint, saves every 600 seconds and at the end, stops at NaN, and tells how fast it goes. The hooks
 * act in this order:
 *
 *     1  nanGuard                before anything acts on a spoilt state
 *     2  hooks                   before the saver: what they measure and change is in the checkpoint
 *     3  chiefOnlyHooks          (chief)
 *     4  stepCounter             (chief)
 *     5  summarySaver            (chief, with sinks), then summaryHooks
 *     6  checkpointSaver         (chief, with a store)
 *     7  hooksAfterSave          (chief)
 *
 * `describeSession` prints those that are installed. Other options are those of `trainingSession`.
 *
 * @throws TypeError, RangeError for wrong options, at once; for one, if there are two savers
 * @see TensorFlow, monitored_session.py, MonitoredTrainingSession
 * @see docs/guide/monitored-session.md
 */
export function monitoredTrainingSession<
  S extends SessionState,
  T = undefined,
  O = void,
  Own extends HookEvent = never,
>(options: MonitoredTrainingSessionOptions<S, T, O, Own>): Observable<SessionEvent<S, O> | MonitoringEvent | Own> {
  checkOptions('monitoredTrainingSession(options)', options, OPTIONS);
  const { isChief = true, hooks = [], logger, scheduler } = options;
  const { store, restore = store && latestFrom(store, { logger }), nanMetric = 'loss' } = options;
  const { maxWaitSeconds, pollSeconds } = options;
  if (typeof isChief !== 'boolean') {
    throw new TypeError(
      `monitoredTrainingSession(isChief): expected true or false, received ${describeReceived(isChief)}`,
    );
  }
  for (const name of ['hooks', 'chiefOnlyHooks', 'hooksAfterSave'] as const) {
    checkHooks(`monitoredTrainingSession(${name})`, options[name] ?? []);
  }
  let source: RestoreSource | undefined = restore;
  if (!isChief) {
    if (restore === undefined) {
      throw new TypeError(
        'monitoredTrainingSession(store): expected the store of the chief, for a worker starts from it',
      );
    }
    source = waitForChief(restore, { maxWaitSeconds, pollSeconds, scheduler });
  }

  type Event = SessionEvent<S, O> | MonitoringEvent | Own;
  const installed: StateHook<S, MonitoringEvent | Own, O>[] = [];
  // The type of the options asks for steps that return this number.
  if (nanMetric !== null) installed.push(nanGuard(nanMetric) as unknown as StateHook<S, StateUnfitEvent, O>);
  installed.push(...hooks);
  if (isChief) installed.push(...chiefHooks(options));
  let stream: Observable<Event> = makeSession<S, T, O>({ ...options, restore: source });
  for (const install of installed) stream = install(stream);

  const savers = installedHooks(stream).filter((name) => SAVERS.includes(name));
  if (savers.length > 1) {
    throw new RangeError(
      `monitoredTrainingSession(hooks): expected one saver, received ${savers.join(' and ')}; to use your own, turn this ` +
        'one off with `saveCheckpointSeconds: null, saveCheckpointSteps: null`',
    );
  }
  return stream;
}

function chiefHooks<S extends SessionState, T, O, Own extends HookEvent>(
  options: MonitoredTrainingSessionOptions<S, T, O, Own>,
): readonly StateHook<S, MonitoringEvent | Own, O>[] {
  const { chiefOnlyHooks = [], hooksAfterSave = [], summaryHooks, logStepCountSteps = 100, scheduler } = options;
  const { store, saver, listeners, saveWith = checkpointSaver, summaries: sinks } = options;
  const checkpoints = intervalTrigger(
    'saveCheckpoint',
    { steps: options.saveCheckpointSteps, seconds: options.saveCheckpointSeconds },
    { seconds: 600, isDoneAtCreation: true },
    scheduler,
  );
  const summaries = intervalTrigger(
    'saveSummaries',
    { steps: options.saveSummariesSteps, seconds: options.saveSummariesSeconds },
    { steps: 100 },
    scheduler,
  );
  const isCounting = logStepCountSteps !== null && logStepCountSteps !== 0;
  return [
    ...chiefOnlyHooks,
    ...(isCounting ? [stepCounter<O>({ trigger: everySteps(logStepCountSteps) })] : []),
    ...(summaries === undefined || sinks === undefined ? [] : [summarySaver<O>(sinks, { trigger: summaries })]),
    ...(summaries === undefined || summaryHooks === undefined ? [] : summaryHooks(summaries)),
    ...(checkpoints === undefined || store === undefined
      ? []
      : [saveWith<O>(storeSaver(store, saver), { trigger: checkpoints, listeners })]),
    ...hooksAfterSave,
  ];
}
