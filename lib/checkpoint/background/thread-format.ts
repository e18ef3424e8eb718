import { describeReceived } from '../../error/describe-received.js';
import type { CheckpointFormat } from '../format/checkpoint-format.js';
import { safetensors } from '../format/safetensors.js';
import { tensorBundle } from '../format/tensor-bundle.js';

/** The formats that a thread can be told to write by their name. */
const FORMATS: ReadonlyMap<string, () => CheckpointFormat> = new Map([
  ['tensor-bundle', tensorBundle],
  ['safetensors', safetensors],
]);

/** Whether a thread can write this format: functions do not cross threads, so it must know the format by itself. */
export function isThreadFormat(name: string): boolean {
  return FORMATS.has(name);
}

/** @throws RangeError if no format has this name */
export function threadFormat(name: string): CheckpointFormat {
  const make = FORMATS.get(name);
  if (make === undefined) {
    throw new RangeError(
      `threadFormat(name): expected ${[...FORMATS.keys()].join(' or ')}, received ${describeReceived(name)}`,
    );
  }
  return make();
}
