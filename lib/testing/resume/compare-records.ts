import { RunNotRepeatableError } from '../../error/run-not-repeatable-error.js';
import { elementBytes } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';
import { describeValue } from '../describe-value.js';
import { firstDifference } from '../first-difference.js';
import type { StepRecord } from './run-record.js';

/**
 * Compares what came of a step in a resumed run with what came of it in the straight one: outputs, what hooks said,
 * every byte of every tensor, and the rest of the state.
 *
 * @throws RunNotRepeatableError naming the first difference
 */
export function compareRecords(cut: number, globalStep: number, resumed: StepRecord, straight: StepRecord): void {
  const fail = (what: string, index: number | undefined, details: string): never => {
    throw new RunNotRepeatableError(cut, globalStep, what, index, details);
  };
  const tell = (expected: unknown, received: unknown): string =>
    `${describeValue(expected)} in the straight run, ${describeValue(received)} in the resumed one`;

  for (const [name, expected] of straight.tensors) {
    const received = resumed.tensors.get(name);
    if (received === undefined) fail(`tensor ${name}`, undefined, 'it is missing in the resumed run');
    else compareTensor(expected, received, (index, details) => fail(`tensor ${name}`, index, details));
  }
  for (const name of resumed.tensors.keys()) {
    if (!straight.tensors.has(name)) fail(`tensor ${name}`, undefined, 'it is missing in the straight run');
  }
  const inJson = firstDifference(resumed.json, straight.json);
  if (inJson !== undefined) fail(`state ${inJson}`, undefined, tell(straight.json, resumed.json));
  const inOutputs = firstDifference(resumed.outputs, straight.outputs);
  if (inOutputs !== undefined) fail(`output ${inOutputs}`, undefined, tell(straight.outputs, resumed.outputs));
  const inEvents = firstDifference(resumed.events, straight.events);
  if (inEvents !== undefined) fail(`hook event ${inEvents}`, undefined, tell(straight.events, resumed.events));
}

function compareTensor(
  expected: Tensor,
  received: Tensor,
  fail: (index: number | undefined, details: string) => never,
): void {
  if (expected.dtype !== received.dtype || expected.shape.join() !== received.shape.join()) {
    fail(
      undefined,
      `${expected.dtype}[${expected.shape}] in the straight run, ${received.dtype}[${received.shape}] in the resumed one`,
    );
  }
  if (expected.dtype === 'string' || received.dtype === 'string') {
    const difference = firstDifference(received, expected);
    if (difference !== undefined) fail(undefined, `the texts differ at ${difference}`);
    return;
  }
  const size = elementBytes(expected.dtype);
  for (let at = 0; at < expected.bytes.length; at++) {
    if (expected.bytes[at] === received.bytes[at]) continue;
    const index = Math.floor(at / size);
    const hex = (bytes: Uint8Array): string =>
      [...bytes.subarray(index * size, (index + 1) * size)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    fail(index, `bytes ${hex(expected.bytes)} in the straight run, ${hex(received.bytes)} in the resumed one`);
  }
}
