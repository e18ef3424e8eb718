import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SaveEstimate } from '../../../lib/hook/stop/save-estimate.js';

const test = suite('SaveEstimate');

const table: readonly {
  readonly name: string;
  readonly saves: readonly (readonly [sizeBytes: number, seconds: number])[];
  readonly sizeBytes?: number;
  readonly expected: number | undefined;
}[] = [
  { name: 'knows nothing without a save', saves: [], expected: undefined },
  { name: 'adds a quarter', saves: [[100, 4]], expected: 5 },
  {
    name: 'goes by the slowest',
    saves: [
      [100, 1],
      [100, 8],
      [100, 2],
    ],
    expected: 10,
  },
  {
    name: 'forgets all but five',
    saves: [
      [1, 80],
      [1, 4],
      [1, 4],
      [1, 4],
      [1, 4],
      [1, 4],
    ],
    expected: 5,
  },
  { name: 'expects more of more bytes', saves: [[100, 4]], sizeBytes: 300, expected: 15 },
  { name: 'expects as much of fewer bytes', saves: [[100, 4]], sizeBytes: 1, expected: 5 },
  {
    name: 'takes the size of the last',
    saves: [
      [100, 4],
      [200, 4],
    ],
    expected: 10,
  },
  { name: 'does without sizes', saves: [[0, 4]], expected: 5 },
];

for (const { name, saves, sizeBytes, expected } of table) {
  test(name, () => {
    const estimate = new SaveEstimate();
    for (const [bytes, seconds] of saves) estimate.add(bytes, seconds);
    assert.is(estimate.secondsFor(sizeBytes), expected);
  });
}

test.run();
