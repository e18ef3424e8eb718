// Compiled, never run: what steps return decides which hooks fit.

import type { Observable } from 'rxjs';
import { keepBest } from '../../lib/checkpoint/retention/keep-best.js';
import { globalStepWaiter } from '../../lib/hook/global-step-waiter.js';
import type { MetricsEvent } from '../../lib/hook/metrics-event.js';
import type { StateUnfitEvent } from '../../lib/hook/state-unfit-event.js';
import { nanGuard } from '../../lib/hook/stop/nan-guard.js';
import { stopAfterSeconds } from '../../lib/hook/stop/stop-after-seconds.js';
import { stopAtStep } from '../../lib/hook/stop/stop-at-step.js';
import { feed } from '../../lib/hook/values/feed.js';
import { finalOps } from '../../lib/hook/values/final-ops.js';
import type { FinalValuesEvent } from '../../lib/hook/values/final-values-event.js';
import { heartbeat } from '../../lib/hook/watch/heartbeat.js';
import { memoryStats } from '../../lib/hook/watch/memory-stats.js';
import { stepCounter } from '../../lib/hook/watch/step-counter.js';
import { stepLogger } from '../../lib/hook/watch/step-logger.js';
import type { StepOverdueEvent } from '../../lib/hook/watch/step-overdue-event.js';
import type { StepRateEvent } from '../../lib/hook/watch/step-rate-event.js';
import { tensorLeakGuard } from '../../lib/hook/watch/tensor-leak-guard.js';
import type { SessionEvent } from '../../lib/session/event.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { type FakeState, fakeState } from '../../lib/testing/fake-state.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import type { Trigger } from '../../lib/trigger/trigger.js';

const scaffold = { create: () => fakeState() };
interface Outputs {
  readonly loss: number;
  readonly label: string;
}
type Events = SessionEvent<FakeState, Outputs>;
const session = trainingSession({ scaffold, step: (): Outputs => ({ loss: 1, label: 'a' }) });
const silent = trainingSession({ scaffold, step: () => {} });
const trigger = everySteps(2);

// The events of hooks join those of the session; the types of its state and outputs are kept.
session.pipe(nanGuard('loss')) satisfies Observable<Events | StateUnfitEvent>;
session.pipe(stepCounter()) satisfies Observable<Events | StepRateEvent>;
session.pipe(heartbeat(5)) satisfies Observable<Events | StepOverdueEvent>;
session.pipe(memoryStats(() => ({ rss: 1 }))) satisfies Observable<Events | MetricsEvent>;
session.pipe(finalOps(() => ({ accuracy: 0.5 }))) satisfies Observable<Events | FinalValuesEvent<{ accuracy: number }>>;
session.pipe(
  stopAtStep({ lastStep: 5 }),
  stopAfterSeconds(5),
  feed(() => ({})),
  globalStepWaiter(0, () => 0),
) satisfies Observable<Events>;
session.pipe(stepLogger(['loss', 'label'], { trigger })) satisfies Observable<Events>;

// A metric must be a number that the step returns.
// @ts-expect-error no such output
session.pipe(nanGuard('NO_SUCH_METRIC'));
// @ts-expect-error a text
session.pipe(nanGuard('label'));
// @ts-expect-error the steps return nothing
silent.pipe(nanGuard('loss'));
// @ts-expect-error no such output
session.pipe(stepLogger(['loss', 'NO_SUCH_OUTPUT'], { trigger }));
// @ts-expect-error the steps return nothing
silent.pipe(stepLogger(['loss'], { trigger }));
silent.pipe(stepCounter(), stopAtStep({ numSteps: 5 }));

// A hook asks for what its trigger looks at.
declare const onAccuracy: Trigger<{ readonly accuracy: number }>;
declare const onLoss: Trigger<{ readonly loss: number }>;
session.pipe(
  stepCounter({ trigger: onLoss }),
  memoryStats(() => ({}), { trigger: onLoss }),
);
session.pipe(stepLogger(['label'], { trigger: onLoss }));
// @ts-expect-error the steps return no accuracy
session.pipe(stepCounter({ trigger: onAccuracy }));
// @ts-expect-error the steps return no accuracy
session.pipe(memoryStats(() => ({}), { trigger: onAccuracy }));
// @ts-expect-error the steps return no accuracy
session.pipe(stepLogger(['label'], { trigger: onAccuracy }));

// A watched hook is the hook that it was.
const probe = (): number => 0;
session.pipe(tensorLeakGuard(nanGuard('loss'), { probe })) satisfies Observable<Events | StateUnfitEvent>;
// @ts-expect-error the steps return nothing
silent.pipe(tensorLeakGuard(nanGuard('loss'), { probe }));
// @ts-expect-error without a probe
tensorLeakGuard(nanGuard('loss'), {});

// Options.
// @ts-expect-error both
stopAtStep({ numSteps: 1, lastStep: 2 });
// @ts-expect-error neither
stopAtStep({});
// @ts-expect-error no such action
nanGuard('loss', { action: 'NO_SUCH_ACTION' });
// @ts-expect-error lower or higher: which is better is not guessed
keepBest('loss', 3, {});
