import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AfterSaveEvent } from '../../lib/checkpoint/checkpoint-event.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { hook } from '../../lib/hook/hook.js';
import { MetricsEvent } from '../../lib/hook/metrics-event.js';
import { fakeSaver } from '../../lib/testing/fake-saver.js';
import { marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('MetricsEvent');

/** Measures `10 × globalStep` at these steps, and at the end. */
const measuring = (source: string, ...steps: readonly number[]) =>
  hook<MetricsEvent>(source, (output) => {
    const measure = (globalStep: number): void =>
      output.emit(new MetricsEvent(source, globalStep, new Map([['loss', globalStep * 10]])));
    return {
      step: ({ globalStep }) => steps.includes(globalStep) && measure(globalStep),
      end: (event) => event.globalStep === 5 && event.waitUntil([measure(5)]),
    };
  });

test(
  "joins the step's own numbers in the checkpoint of the same step, also in the last one",
  marbles(({ flush }) => {
    const saved: unknown[] = [];
    scriptedSession('-1-2-3-4-5-|', { outputs: (step) => ({ loss: step, text: 'none' }) })
      .pipe(
        measuring('validation', 2, 3),
        measuring('test', 2),
        checkpointSaver(fakeSaver(), { trigger: everySteps(2) }),
      )
      .subscribe((event) => {
        if (event instanceof AfterSaveEvent)
          saved.push([event.globalStep, Object.fromEntries(event.checkpoint.metrics)]);
      });
    flush();
    assert.equal(saved, [
      [0, {}],
      [2, { loss: 2, 'validation/loss': 20, 'test/loss': 20 }],
      [4, { loss: 4 }],
      [5, { loss: 5, 'validation/loss': 50, 'test/loss': 50 }],
    ]);
  }),
);

test.run();
