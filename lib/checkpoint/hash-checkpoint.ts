import { createHash } from 'node:crypto';
import { checkMethods } from '../error/check-methods.js';
import { checkObject } from '../error/check-object.js';
import { digestChunks } from '../tensor/digest-chunks.js';
import { makeStringTensor } from '../tensor/make-tensor.js';
import type { CheckpointReader } from './format/checkpoint-format.js';
import { encodeStateJson, STATE_JSON } from './format/state-json.js';

/**
 * The SHA-256 of the state that a checkpoint holds, as lower-case hexadecimal: the same state has the same hash,
 * whatever format, folder and time it was saved in.
 *
 * Hashed is, for each tensor in the order of the UTF-8 bytes of the names: the name's length (uint32, little-endian) and
 * bytes, the dtype's and the shape's text with a zero byte behind each (`float32`, `784,10`), then the elements as in
 * {@link hashTensor}. The state that is not tensors counts as the scalar string `_tidemark/state`, which it is in a
 * bundle.
 *
 * @throws CorruptDataError, UnsupportedDataError if a tensor cannot be read
 */
export function hashCheckpoint(checkpoint: CheckpointReader): string {
  checkMethods('hashCheckpoint(checkpoint)', 'one that readCheckpoint(store, prefix) gives', checkpoint, [
    'read',
    'snapshot',
  ]);
  const tensors = checkpoint.entries.map(({ name }) => ({ name, read: () => checkpoint.read(name) }));
  if (!tensors.some(({ name }) => name === STATE_JSON)) {
    const { json } = checkpoint.snapshot();
    const state = makeStringTensor([], [encodeStateJson(json)]);
    if (json !== null) tensors.push({ name: STATE_JSON, read: () => state });
  }
  const hash = createHash('sha256');
  const named = tensors.map(({ name, read }) => ({ read, bytes: Buffer.from(name, 'utf8') }));
  named.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  for (const { read, bytes } of named) {
    const tensor = read();
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    hash
      .update(length)
      .update(bytes)
      .update(`${tensor.dtype}\0${tensor.shape.join(',')}\0`);
    for (const chunk of digestChunks(tensor)) hash.update(chunk);
  }
  return hash.digest('hex');
}

/**
 * The SHA-256 of one tensor's elements as lower-case hexadecimal: of its bytes, little-endian and row-major; of texts
 * each length (uint64) and bytes.
 */
export function hashTensor(tensor: Parameters<typeof digestChunks>[0]): string {
  checkObject('hashTensor(tensor)', 'a tensor', tensor);
  const hash = createHash('sha256');
  for (const chunk of digestChunks(tensor)) hash.update(chunk);
  return hash.digest('hex');
}
