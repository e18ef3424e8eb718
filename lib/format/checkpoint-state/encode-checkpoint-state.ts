import { isWellFormed } from '../is-well-formed.js';
// model_checkpoint_path: "m-2"
// all_model_checkpoint_paths: "m-1"            one line a path
// all_model_checkpoint_timestamps: 1795176857.82   one line a path, or none
// last_preserved_timestamp: 1795176856.75      or none

import type { CheckpointState } from './checkpoint-state.js';
import { pythonFloat } from './python-float.js';

const NAMED_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x27, "\\'"],
  [0x5c, '\\\\'],
]);

/**
 * Encodes a `checkpoint` state file byte for byte as TensorFlow does: fields in the order of their numbers, one a line,
 * and everything that is not printable ASCII as octal escapes.
 *
 * @throws RangeError if a path is empty or no valid Unicode, `latest` is not the last of `all`, or there are not as
 *   many timestamps as paths
 *
 * @see docs/formats/checkpoint-state.md
 * @see TensorFlow, tensorflow/python/training/checkpoint_state.proto
 */
export function encodeCheckpointState({ latest, all, timestamps, lastPreserved }: CheckpointState): Uint8Array {
  if (all.at(-1) !== latest) {
    throw new RangeError(
      `encodeCheckpointState(state): expected the last of all to be ${JSON.stringify(latest)}, received ${JSON.stringify(all.at(-1))}`,
    );
  }
  if (timestamps !== undefined && timestamps.length !== all.length) {
    throw new RangeError(
      `encodeCheckpointState(state): expected ${all.length} timestamps, received ${timestamps.length}`,
    );
  }
  const lines = [`model_checkpoint_path: ${quote(latest)}\n`];
  for (const path of all) lines.push(`all_model_checkpoint_paths: ${quote(path)}\n`);
  for (const seconds of timestamps ?? []) lines.push(`all_model_checkpoint_timestamps: ${pythonFloat(seconds)}\n`);
  if (lastPreserved !== undefined) lines.push(`last_preserved_timestamp: ${pythonFloat(lastPreserved)}\n`);
  return new TextEncoder().encode(lines.join(''));
}

function quote(path: string): string {
  if (path === '' || !isWellFormed(path)) {
    throw new RangeError(`encodeCheckpointState(state): expected a path, received ${JSON.stringify(path)}`);
  }
  let text = '"';
  for (const byte of new TextEncoder().encode(path)) {
    const isPrintable = byte >= 0x20 && byte < 0x7f;
    text +=
      NAMED_ESCAPES.get(byte) ?? (isPrintable ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`);
  }
  return `${text}"`;
}
