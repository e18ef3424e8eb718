import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Progress, plainProgressLine, progressLine } from '../../../lib/hook/progress/progress-line.js';

const test = suite('progressLine');

const bare: Progress = {
  globalStep: 0,
  totalSteps: undefined,
  metrics: [],
  stepsPerSecond: undefined,
  checkpoint: undefined,
  isPaused: false,
};

function line(progress: Partial<Progress>): string {
  return progressLine({ ...bare, ...progress }, (_, text) => text);
}

test('says all that is known, and no more', () => {
  const all: Progress = {
    globalStep: 412,
    totalSteps: 2000,
    metrics: [
      { name: 'loss', value: 0.31274, trend: -1 },
      { name: 'accuracy', value: 0.861, trend: 1 },
      { name: 'rate', value: 1, trend: 0 },
    ],
    stepsPerSecond: 1932,
    checkpoint: { globalStep: 400, state: 'saved' },
    isPaused: false,
  };
  assert.is(
    progressLine(all, (_, text) => text),
    'step  412/2000 ━━━━━───────────────────  20%  loss 0.3127 ↓  accuracy 0.8610 ↑  rate 1.000    1.9k/s  eta 0:01  ckpt 400 ✔',
  );
  assert.is(plainProgressLine(all), 'step 412/2000 loss 0.3127 accuracy 0.8610 rate 1.000 1.9k/s eta 0:01 ckpt 400');
  assert.is(
    plainProgressLine({ ...all, isPaused: true }),
    'step 412/2000 loss 0.3127 accuracy 0.8610 rate 1.000 paused ckpt 400',
  );
  assert.match(
    progressLine({ ...all, isPaused: true }, (_, text) => text),
    / {2}paused {2}ckpt 400 ✔$/,
  );
  assert.is(line({ globalStep: 3 }), 'step 3');
  assert.is(plainProgressLine({ ...bare, globalStep: 3 }), 'step 3');
});

for (const [globalStep, totalSteps, expected] of [
  [0, 10, 'step  0/10 ────────────────────────   0%'],
  [5, 10, 'step  5/10 ━━━━━━━━━━━━────────────  50%'],
  [6, 2000, 'step    6/2000 ────────────────────────   0%'],
  [50, 2000, 'step   50/2000 ╸───────────────────────   2%'],
  [10, 10, 'step 10/10 ━━━━━━━━━━━━━━━━━━━━━━━━ 100%'],
  [12, 10, 'step 12/10 ━━━━━━━━━━━━━━━━━━━━━━━━ 100%'],
  [0, 0, 'step 0/0 ━━━━━━━━━━━━━━━━━━━━━━━━ 100%'],
  [9999, 10000, 'step  9999/10000 ━━━━━━━━━━━━━━━━━━━━━━━━  99%'],
] as const) {
  test(`draws ${globalStep} of ${totalSteps}`, () => assert.is(line({ globalStep, totalSteps }), expected));
}

for (const [value, expected] of [
  [0, '0.000'],
  [1, '1.000'],
  [-0.5, '-0.5000'],
  [0.00012345, '1.23e-4'],
  [123456, '1.23e+5'],
  [12345.6, '1.235e+4'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
] as const) {
  test(`writes ${value} as ${expected}`, () => {
    assert.is(plainProgressLine({ ...bare, metrics: [{ name: 'm', value, trend: 0 }] }), `step 0 m ${expected}`);
  });
}

for (const [stepsPerSecond, left, expected] of [
  [0.5, 10, '0.50/s eta 0:20'],
  [4.25, 17, '4.3/s eta 0:04'],
  [15.4, 15, '15/s eta 0:01'],
  [1, 750, '1.0/s eta 12:30'],
  [1, 3723, '1.0/s eta 1:02:03'],
  [0, 10, '0.0/s'],
  [1, 0, '1.0/s eta 0:00'],
] as const) {
  test(`at ${stepsPerSecond} a second with ${left} to go: ${expected}`, () => {
    assert.is(plainProgressLine({ ...bare, totalSteps: left, stepsPerSecond }), `step 0/${left} ${expected}`);
  });
}

test('tells a save that goes on and one that failed from one that is done', () => {
  assert.match(line({ checkpoint: { globalStep: 7, state: 'saving' } }), 'ckpt 7 …');
  assert.match(line({ checkpoint: { globalStep: 7, state: 'saving', writtenShare: 0.437 } }), 'ckpt 7 43% …');
  assert.match(line({ checkpoint: { globalStep: 7, state: 'failed' } }), 'ckpt 7 ✘');
  assert.is(plainProgressLine({ ...bare, checkpoint: { globalStep: 7, state: 'failed' } }), 'step 0 ckpt 7 failed');
});

test('colours parts, and nothing but parts', () => {
  const painted = progressLine(
    { ...bare, totalSteps: 4, globalStep: 2, checkpoint: { globalStep: 2, state: 'failed' } },
    (style, text) => `<${style}>${text}</>`,
  );
  assert.is(painted, 'step 2/4 <cyan>━━━━━━━━━━━━</><dim>────────────</>  50%  <dim>ckpt</> 2 <red>✘</>');
});

test('shortens the bar, then leaves it out, then metrics, before it loses pace and checkpoint', () => {
  const all: Progress = {
    globalStep: 412,
    totalSteps: 2000,
    metrics: [
      { name: 'loss', value: 0.31274, trend: -1 },
      { name: 'accuracy', value: 0.861, trend: 1 },
    ],
    stepsPerSecond: 1932,
    checkpoint: { globalStep: 400, state: 'saved' },
    isPaused: false,
  };
  const paint = (_: string, text: string): string => `\x1b[2m${text}\x1b[0m`;
  for (let columns = 66; columns <= 130; columns++) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
    const text = progressLine(all, paint, columns).replace(/\x1b\[\d*m/g, '');
    assert.ok([...text].length <= columns, `${columns}: ${text}`);
    assert.match(text, /^step {2}412\/2000 .*20% {2}loss 0\.3127 ↓.* {2}1\.9k\/s {2}eta 0:01 {2}ckpt 400 ✔$/);
    assert.is(/accuracy/.test(text), columns >= 83, text);
    const cells = [...text].filter((char) => '━╸─'.includes(char)).length;
    assert.ok(cells === 0 || cells >= 6, text);
    if (columns >= 108) assert.is(cells, 24);
    if (columns >= 90) assert.ok(cells > 0, `${columns}: ${text}`);
  }
});

test.run();
