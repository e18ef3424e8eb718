import { merge, type Observable, of } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BeginEvent, EndEvent, SessionEvent, StepEvent } from '../../lib/session/event.js';
import { HookEvent } from '../../lib/session/hook-event.js';
import { ofType } from '../../lib/session/of-type.js';
import { lifecycle, marbles } from '../../lib/testing/index.js';

const test = suite('ofType');
const events = lifecycle({ steps: 2 });

class SavedEvent extends HookEvent {
  readonly type = 'saved';
}

test(
  'lets events of one type pass',
  marbles(({ cold, expectObservable }) => {
    const source = cold('b-c-A-1-B-2-(e|)', events);
    const expected = '   ------1---2-|   ';
    expectObservable(source.pipe(ofType('step'))).toBe(expected, events);
  }),
);

test(
  'lets events of several types pass',
  marbles(({ cold, expectObservable }) => {
    const source = cold('b-c-A-1-B-2-(e|)', events);
    const expected = '   b-----------(e|)';
    expectObservable(source.pipe(ofType('begin', 'end'))).toBe(expected, events);
  }),
);

test('narrows the stream; a type that it does not have does not compile', () => {
  const session$: Observable<SessionEvent<unknown, { readonly loss: number }>> = of(events.b, events[1], events.e);
  const steps$: Observable<StepEvent<unknown, { readonly loss: number }>> = session$.pipe(ofType('step'));
  const ends$: Observable<BeginEvent | EndEvent> = session$.pipe(ofType('begin', 'end'));
  const saving$: Observable<SessionEvent | SavedEvent> = of(events.b, new SavedEvent());
  const saves$: Observable<SavedEvent> = saving$.pipe(ofType('saved'));
  let count = 0;
  merge(steps$, ends$, saves$).subscribe(() => count++);
  assert.is(count, 1 + 2 + 1);
  // @ts-expect-error misspelt
  session$.pipe(ofType('stpe'));
  // @ts-expect-error only streams with saves have it
  session$.pipe(ofType('saved'));
});

test('refuses to let nothing pass', () => {
  assert.throws(() => ofType(), /ofType\(types\): expected at least one type, received none/);
});

test.run();
