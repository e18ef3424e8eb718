import { TestScheduler } from 'rxjs/testing';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawMarbles } from '../../lib/testing/draw-marbles.js';

const test = suite('drawMarbles');

// Inside `run` a frame is a millisecond.
const parse = (marbles: string, values?: Record<string, unknown>, error?: unknown) =>
  new TestScheduler(() => {}).run(() => TestScheduler.parseMarbles(marbles, values, error, true, true));

// Drawn lines are marbles themselves: what RxJS reads from them is what was drawn.
for (const marbles of [
  '',
  '-',
  '|',
  'a',
  '-a-b-|',
  '-(ab)--(cd|)',
  '(ab#)',
  '------------a',
  'a 900ms b 13ms |',
  '2000ms a',
  '--#',
]) {
  test(`reads back "${marbles}"`, () => {
    const notifications = parse(marbles);
    assert.equal(parse(drawMarbles(notifications).line), notifications);
  });
}

test('draws what it was given', () => {
  assert.is(drawMarbles(parse('-a-(bc)-|')).line, '-a-(bc)-|');
  assert.is(drawMarbles(parse('-a------------b')).line, '-a------------b');
  assert.is(drawMarbles(parse('-a 13ms b')).line, '-a 13ms b');
  assert.is(drawMarbles(parse('1s a 900ms |')).line, '1000ms a 900ms |');
});

test('says the frame of what comes before a group would have ended', () => {
  const value = (frame: number, text: string) => ({
    frame,
    notification: { kind: 'N' as const, value: text },
  });
  assert.is(drawMarbles([value(1, 'a'), value(1, 'b'), value(2, 'c')]).line, '-(ab)@2 c');
});

test('shows errors', () => {
  assert.is(drawMarbles(parse('-#')).line, '-#');
  assert.is(drawMarbles(parse('-#', {}, new Error('out of paper'))).line, '-#<out of paper>');
  assert.is(drawMarbles(parse('-#', {}, { code: 5 })).line, '-#<{code: 5}>');
});

test('gives equal values one letter and lists them', () => {
  const { line, legend } = drawMarbles(parse('-x-y-z-|', { x: { step: 1 }, y: { step: 2 }, z: { step: 1 } }));
  assert.is(line, '-a-b-a-|');
  assert.equal(legend, ['a = {step: 1}', 'b = {step: 2}']);
});

test('does not run out of letters', () => {
  const notifications = Array.from({ length: 60 }, (_, i) => ({
    frame: i,
    notification: { kind: 'N' as const, value: i },
  }));
  const { line, legend } = drawMarbles(notifications);
  assert.is(new Set(line).size, 60);
  assert.is(legend.length, 60);
});

test.run();
