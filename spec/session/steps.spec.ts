import { map, type Observable } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { steps } from '../../lib/session/steps.js';
import { lifecycle, marbles, scriptedSession } from '../../lib/testing/index.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('steps');

test(
  'lets step events pass',
  marbles(({ cold, expectObservable }) => {
    const events = lifecycle();
    const source = cold('b-c-A-1-B-2-(e|)', events);
    const expected = '   ------1---2-|   ';
    expectObservable(source.pipe(steps())).toBe(expected, events);
  }),
);

test('keeps the type of the outputs', () => {
  const losses: number[] = [];
  const loss$: Observable<number> = scriptedSession('(12|)', { outputs: (n) => ({ loss: n / 2 }) }).pipe(
    steps(),
    map(({ outputs }) => outputs.loss),
  );
  marbles(() => loss$.subscribe((loss) => losses.push(loss)))();
  assert.equal(losses, [0.5, 1]);
});

test('a trigger picks steps and keeps their type', () => {
  const losses: number[] = [];
  const loss$: Observable<number> = scriptedSession('(1234|)').pipe(
    steps(),
    everySteps(2),
    map(({ outputs }) => outputs.loss),
  );
  marbles(() => loss$.subscribe((loss) => losses.push(loss)))();
  assert.equal(losses, [0.5, 0.25]);
});

test.run();
