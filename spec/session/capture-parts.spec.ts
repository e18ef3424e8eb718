import { NEVER, of, throwError } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CaptureFailedError } from '../../lib/error/capture-failed-error.js';
import { captureParts } from '../../lib/session/capture-parts.js';
import { float32Scalar } from '../../lib/tensor/make-tensor.js';
import type { PartState } from '../../lib/tensor/part-state.js';
import { marbles } from '../../lib/testing/marbles.js';

const test = suite('captureParts');
const state: PartState = { tensors: new Map([['w', float32Scalar(1)]]), json: { epoch: 2 } };
const input = { capture: () => state, restore() {} };
const boom = new Error('device lost');

test('names tensors after their parts, and keeps the step with them', () => {
  let names: readonly string[] = [];
  const parts = new Map([['model', input]]);
  const hooks = new Map([['early', { capture: () => state, restore() {} }]]);
  captureParts(7, parts, input, hooks).subscribe(({ tensors, json, globalStep }) => {
    names = [...tensors.keys()];
    assert.is(globalStep, 7);
    assert.equal(json, { parts: { model: { epoch: 2 }, input: { epoch: 2 }, 'hook/early': { epoch: 2 } } });
  });
  assert.equal(names, ['global_step', 'model/w', 'input/w', 'hook/early/w']);
});

for (const [what, capture, fault] of [
  [
    'throws',
    () => {
      throw boom;
    },
    /part "model" could not be captured: device lost/,
  ],
  ['fails later', () => throwError(() => boom), /part "model" could not be captured: device lost/],
  ['gives nothing', () => of<PartState>(), /part "model" could not be captured: no elements/],
] as const) {
  test(`names a part that ${what}`, () => {
    let error: unknown;
    const parts = new Map([['model', { capture, restore() {} }]]);
    captureParts(0, parts, input, new Map()).subscribe({
      error: (thrown: unknown) => {
        error = thrown;
      },
    });
    assert.instance(error, CaptureFailedError);
    assert.match((error as Error).message, fault);
  });
}

test(
  'names a part that never gives its state, when the limit is over',
  marbles(({ expectObservable, scheduler }) => {
    const parts = new Map([['model', { capture: () => NEVER, restore() {} }]]);
    const captured = captureParts(0, parts, input, new Map(), { seconds: 2, scheduler });
    expectObservable(captured).toBe('2s #', undefined, new CaptureFailedError('model', 2));
  }),
);

test.run();
