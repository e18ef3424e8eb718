import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RunKeys } from '../../../../lib/cli/session/keys/run-keys.js';

const test = suite('RunKeys');

function keys() {
  const told: string[] = [];
  const pauses: boolean[] = [];
  const pressed = new RunKeys({
    say: (line) => told.push(line.trim()),
    stop: () => told.push('(stops)'),
    openDashboard: () => told.push('(opens)'),
    onSave: () => told.push('(asked)'),
  });
  pressed.isPaused.subscribe((isPaused) => pauses.push(isPaused));
  return { pressed, told, pauses };
}

test('s asks whoever listens, and says so if nobody does', () => {
  const { pressed, told } = keys();
  pressed.press('s');
  assert.match(told.pop() ?? '', /^warning .* add {2}\(\) => saveRequests/);
  let saves = 0;
  const listening = pressed.saveRequests.subscribe(() => saves++);
  pressed.press('s');
  assert.equal([saves, told], [1, ['save       after this step', '(asked)']]);
  listening.unsubscribe();
  pressed.press('s');
  assert.is(saves, 1);
  assert.match(told.at(-1) ?? '', /^warning/);
});

test('p pauses and goes on; a stop ends the pause, and after it there is nothing to save or to pause', () => {
  const { pressed, told, pauses } = keys();
  for (const key of 'ppp') pressed.press(key);
  pressed.stopping();
  assert.equal(pauses, [false, true, false, true, false]);
  for (const key of 'pqs') pressed.press(key);
  assert.is(pauses.length, 5);
  assert.equal(new Set(told.slice(-3)), new Set(['the run is about to end; Ctrl-C ends it at once']));
});

test('the others', () => {
  const { pressed, told } = keys();
  for (const key of ['d', 'q', 'x', '\r', '']) pressed.press(key);
  assert.equal(told, ['(opens)', '(stops)']);
  pressed.press('h');
  for (const key of 'spdqh') assert.match(told.at(-1) ?? '', new RegExp(`^ *${key} {2}`, 'm'));
});

test.run();
