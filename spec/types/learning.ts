// Compiled, never run: what learning hooks and the monitored session ask of a run.

import { type Observable, tap } from 'rxjs';
import type { AfterSaveEvent } from '../../lib/checkpoint/checkpoint-event.js';
import { earlyStopping } from '../../lib/hook/learn/early-stopping.js';
import { evaluate } from '../../lib/hook/learn/evaluate.js';
import { exponentialMovingAverage } from '../../lib/hook/learn/exponential-moving-average.js';
import { learningRateSchedule } from '../../lib/hook/learn/learning-rate-schedule.js';
import { plateauRate } from '../../lib/hook/learn/plateau-rate.js';
import { rollbackOnSpike } from '../../lib/hook/learn/rollback-on-spike.js';
import type { MetricsEvent } from '../../lib/hook/metrics-event.js';
import { monitoredTrainingSession } from '../../lib/hook/monitored/monitored-training-session.js';
import { statefulHook } from '../../lib/hook/state/stateful-hook.js';
import type { SessionEvent } from '../../lib/session/event.js';
import { ofType } from '../../lib/session/of-type.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { type FakeState, fakeState } from '../../lib/testing/fake-state.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const scaffold = { create: () => fakeState() };
interface Outputs {
  readonly loss: number;
  readonly label: string;
}
type Events = SessionEvent<FakeState, Outputs>;
const step = (): Outputs => ({ loss: 1, label: 'a' });
const session = trainingSession({ scaffold, step });
const options = { mode: 'min', patience: 3 } as const;
const on = everySteps(2);

// The name of a metric is one of those that steps return, or of something measured.
session.pipe(earlyStopping('loss', options)) satisfies Observable<Events>;
session.pipe(earlyStopping('validation/loss', options)) satisfies Observable<Events>;
// @ts-expect-error no step returns a `los`
session.pipe(earlyStopping('los', options));
// @ts-expect-error a label is no number
session.pipe(earlyStopping('label', options));
session.pipe(rollbackOnSpike('loss').hook);
// @ts-expect-error no step returns a `los`
session.pipe(rollbackOnSpike('los').hook);
session.pipe(learningRateSchedule(() => {}, plateauRate('loss', { rate: 1, mode: 'min' })));
session.pipe(learningRateSchedule(() => {}, plateauRate('validation/loss', { rate: 1, mode: 'min' })));
// @ts-expect-error no step returns a `los`
session.pipe(learningRateSchedule(() => {}, plateauRate('los', { rate: 1, mode: 'min' })));

// What they do with the state must be possible with the state of the session.
session.pipe(evaluate({ on, run: (state: FakeState) => ({ steps: state.model.steps }) })) satisfies Observable<
  Events | MetricsEvent
>;
// @ts-expect-error the state has no optimizer
session.pipe(evaluate({ on, run: (state: { optimizer: { rate: number } }) => ({ rate: state.optimizer.rate }) }));
// @ts-expect-error metrics are numbers
session.pipe(evaluate({ on, run: () => ({ name: 'x' }) }));
// @ts-expect-error the state has no optimizer
session.pipe(learningRateSchedule((state: { optimizer: { rate: number } }, rate) => (state.optimizer.rate = rate), 1));
// @ts-expect-error the state has no weights
session.pipe(exponentialMovingAverage({ of: (state: { weights: never }) => state.weights, decay: 0.9 }));

// A fold goes from state to state.
statefulHook('count', { initial: () => 0, step: (count) => count + 1 });
// @ts-expect-error the next state is a number, too
statefulHook<number>('count', { initial: () => 0, step: () => 'one' });
// @ts-expect-error there is no event of this name
statefulHook('count', { initial: () => 0, stepped: (count: number) => count + 1 });

// The monitored session guards `loss`, or says what; its stream has the events of its hooks, by their types.
const monitored = monitoredTrainingSession({ scaffold, step, hooks: [evaluate({ on, run: () => ({ a: 1 }) })] });
monitored.pipe(ofType('afterSave')) satisfies Observable<AfterSaveEvent>;
monitored.pipe(
  ofType('step'),
  tap((event) => event.outputs.loss satisfies number),
);
monitored.pipe(ofType('metrics')) satisfies Observable<MetricsEvent>;
// @ts-expect-error there is no such event
monitored.pipe(ofType('afterSaved'));
monitoredTrainingSession({ scaffold, step, nanMetric: null });
// @ts-expect-error a label is no number
monitoredTrainingSession({ scaffold, step, nanMetric: 'label' });
// @ts-expect-error without a loss it has to be said what is guarded
monitoredTrainingSession({ scaffold, step: () => ({ error: 1 }) });
monitoredTrainingSession({ scaffold, step: () => ({ error: 1 }), nanMetric: 'error' });
monitoredTrainingSession({ scaffold, step: () => {}, nanMetric: null });
