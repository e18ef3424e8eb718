import { AfterSaveEvent, SaveFailedEvent, SnapshotTakenEvent } from '../../checkpoint/checkpoint-event.js';
import { checkFunction } from '../../error/check-function.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { scalarsOf } from '../scalars-of.js';
import { HoldTimes } from './hold-times.js';
import type { SummaryMoment, SummarySource } from './summary-source.js';

export interface TrainingHealthOptions<S> {
  /** What the tags begin with. @default 'health' */
  readonly prefix?: string | undefined;
  /** The learning rate of a state. @default not drawn */
  readonly learningRate?: ((state: S) => number) | undefined;
  /** Measures memory: numbers by name, e.g. `() => process.memoryUsage()` or `() => tf.memory()`. @default not drawn */
  readonly memory?: (() => object) | undefined;
}

const OPTIONS: OptionNames<TrainingHealthOptions<never>> = { prefix: true, learningRate: true, memory: true };

/**
 * Draws how the training itself does, by default under `health/`:
 *
 *     steps_per_second     since the firing before, all that was done between the steps included
 *     summary_seconds      for how long the firing before held up the loop
 *     learning_rate        if asked for
 *     memory/<name>        if asked for
 *     save_seconds         from the beginning of a save to when it was durable
 *     save_stall_seconds   for how long it held up the loop
 *     failed_saves         how many saves of this run failed, at each that did
 *     hold_seconds/<hook>  for how long each hook held the loop since the firing before, of those that ever did
 *
 * Saves are told by events, so the saver of summaries stands behind the saver of checkpoints to draw them.
 *
 * @throws TypeError for wrong arguments
 */
export function trainingHealth<S = unknown>(options: TrainingHealthOptions<S> = {}): SummarySource {
  checkOptions('trainingHealth(options)', options, OPTIONS);
  const { prefix = 'health', learningRate, memory } = options;
  for (const [name, probe] of Object.entries({ learningRate, memory })) {
    if (probe !== undefined) checkFunction(`trainingHealth(${name})`, probe);
  }
  return {
    forRun() {
      // A save that tells of its snapshot is one in the background, which holds up the loop for the copy only.
      let copiedStep: number | undefined;
      let failedSaves = 0;
      const holds = new HoldTimes();
      return {
        begin: (event) => holds.begin(event),
        values({ state }, moment) {
          const scalars = ofFiring(state as S, moment, prefix, learningRate, memory);
          for (const [name, seconds] of holds.take()) scalars.set(`${prefix}/hold_seconds/${name}`, seconds);
          return scalars;
        },
        onHookEvent(event) {
          if (event instanceof SaveFailedEvent) return { [`${prefix}/failed_saves`]: ++failedSaves };
          if (event instanceof SnapshotTakenEvent) {
            copiedStep = event.globalStep;
            return { [`${prefix}/save_stall_seconds`]: event.stallSeconds };
          }
          if (!(event instanceof AfterSaveEvent)) return undefined;
          const { seconds } = event;
          const stall = event.globalStep === copiedStep ? {} : { [`${prefix}/save_stall_seconds`]: seconds };
          return { [`${prefix}/save_seconds`]: seconds, ...stall };
        },
      };
    },
  };
}

function ofFiring<S>(
  state: S,
  { since, lastFiringSeconds }: SummaryMoment,
  prefix: string,
  learningRate: ((state: S) => number) | undefined,
  memory: (() => object) | undefined,
): Map<string, number> {
  const scalars = new Map<string, number>();
  if (since !== undefined && since.seconds > 0) {
    scalars.set(`${prefix}/steps_per_second`, since.steps / since.seconds);
  }
  if (lastFiringSeconds !== undefined) scalars.set(`${prefix}/summary_seconds`, lastFiringSeconds);
  if (learningRate !== undefined) scalars.set(`${prefix}/learning_rate`, learningRate(state));
  if (memory !== undefined) {
    for (const [name, value] of scalarsOf(memory())) scalars.set(`${prefix}/memory/${name}`, value);
  }
  return scalars;
}
