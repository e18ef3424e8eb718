// Runs for `resume-law-by-kill.spec.ts`, of which some forget what they should keep.

import type { Observable } from 'rxjs';
import { latestFrom } from '../../../lib/checkpoint/latest-from.js';
import { storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { hook } from '../../../lib/hook/hook.js';
import { MetricsEvent } from '../../../lib/hook/metrics-event.js';
import { silentLogger } from '../../../lib/log/logger.js';
import type { AnyEvent } from '../../../lib/session/event.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import type { CheckpointStore } from '../../../lib/store/checkpoint-store.js';
import { makeTensor } from '../../../lib/tensor/make-tensor.js';
import type { PartState } from '../../../lib/tensor/part-state.js';
import type { MakeRun } from '../../../lib/testing/resume-law.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';

export type Forgotten = 'an element' | 'the output' | 'the count of a hook' | undefined;

/** What only the process knows. */
let stepsOfProcess = 0;

export function runThatForgets(what: Forgotten): MakeRun {
  return (store: CheckpointStore): Observable<AnyEvent> =>
    trainingSession({
      scaffold: { create: () => ({ model: new Weights(what === 'an element') }) },
      step: ({ state }) => {
        state.model.train();
        stepsOfProcess++;
        return { loss: what === 'the output' ? stepsOfProcess : state.model.values[0] };
      },
      restore: latestFrom(store, { logger: silentLogger }),
      logger: silentLogger,
    }).pipe(
      hook<MetricsEvent>('counter', (output) => ({
        step: ({ globalStep }) => {
          const seen = what === 'the count of a hook' ? stepsOfProcess : globalStep;
          output.emit(new MetricsEvent('counter', globalStep, new Map([['seen', seen]])));
        },
      })),
      checkpointSaver(storeSaver(store), { trigger: everySteps(what === 'an element' ? 5 : 2) }),
    );
}

class Weights {
  readonly values = new Float32Array(3);
  readonly #isForgetful: boolean;

  constructor(isForgetful: boolean) {
    this.#isForgetful = isForgetful;
  }

  train(): void {
    for (let i = 0; i < 3; i++) this.values[i] = Math.fround((this.values[i] ?? 0) * 1.5 + i + 1);
  }

  capture(): PartState {
    return { tensors: new Map([['w', makeTensor('float32', [3], this.values)]]) };
  }

  restore({ tensors }: PartState): void {
    const tensor = tensors.get('w');
    if (tensor === undefined || tensor.dtype === 'string') throw new Error('no tensor');
    this.values.set(new Float32Array(tensor.bytes.slice().buffer));
    if (this.#isForgetful) this.values[1] = 0;
  }
}

export const makeRun = runThatForgets(undefined);
