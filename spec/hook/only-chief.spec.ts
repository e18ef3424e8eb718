import { lastValueFrom, toArray } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hook } from '../../lib/hook/hook.js';
import { MetricsEvent } from '../../lib/hook/metrics-event.js';
import { onlyChief } from '../../lib/hook/only-chief.js';
import { hookLaws } from '../../lib/testing/hook-laws.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';

const test = suite('onlyChief');
const loud = hook<MetricsEvent>('loud', ({ emit }) => ({
  step: ({ globalStep }) => emit(new MetricsEvent('loud', globalStep, new Map([['n', 1]]))),
}));

for (const isChief of [true, false]) {
  hookLaws({ test: (name, body) => test(`${name} (${isChief})`, body), factory: () => onlyChief(loud, isChief) });

  test(isChief ? 'acts in the chief' : 'keeps quiet in a worker', async () => {
    const events = await lastValueFrom(scriptedSession('(12|)').pipe(onlyChief(loud, isChief), toArray()));
    assert.is(events.filter((event) => event instanceof MetricsEvent).length, isChief ? 2 : 0);
  });
}

test('wrong arguments are told at once', () => {
  assert.throws(() => onlyChief(1 as never, true), /onlyChief\(hook\)/);
  assert.throws(() => onlyChief(loud, undefined as never), /onlyChief\(isChief\)/);
});

test.run();
