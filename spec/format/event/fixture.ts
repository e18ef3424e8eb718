import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ByteSource, bytesSource } from '../../../lib/format/byte-source.js';
import type { Tensor } from '../../../lib/tensor/tensor.js';

const ROOT = new URL('../../../../shared/fixtures/', import.meta.url);

/** Files that real programs wrote; `expected/events` says what TensorBoard made of them. */
export const FIXTURES = [
  'hparams',
  'restart_bare',
  'restart_session_log',
  'tensorboard_writer',
  'tensorboardx',
  'tf1_all',
  'tf1_values',
  'tf2_all',
  'torch',
];

/** The event files of a fixture, by path below it, in byte order. */
export function eventFiles(name: string): Map<string, ByteSource> {
  const folder = new URL(`events/${name}/`, ROOT);
  const paths = readdirSync(fileURLToPath(folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.includes('tfevents'))
    .sort();
  return new Map(paths.map((path) => [path, bytesSource(path, new Uint8Array(readFileSync(new URL(path, folder))))]));
}

export function expectedOf(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`expected/events/${name}`, ROOT), 'utf8'));
}

export function projectorFile(path: string): string {
  return readFileSync(new URL(`events/torch/${path}`, ROOT), 'utf8');
}

/** Bytes as the expectations have them: text, or the length and up to 60 bytes in base64. */
export function bytesMatch(bytes: Uint8Array, expected: unknown): boolean {
  if (typeof expected === 'string') return Buffer.from(bytes).equals(Buffer.from(expected));
  const { len, base64 } = expected as { len: number; base64: string };
  return bytes.length === len && Buffer.from(bytes.subarray(0, 60)).toString('base64') === base64;
}

/** A number as the expectations have it, where JSON has none. */
export function jsonNumber(value: number): number | string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return 'Infinity';
  return value === -Infinity ? '-Infinity' : value;
}

export function numbersOf(tensor: Tensor): number[] {
  if (tensor.dtype === 'string') throw new TypeError('no numbers');
  const { buffer } = tensor.bytes.slice();
  switch (tensor.dtype) {
    case 'float32':
      return [...new Float32Array(buffer)];
    case 'float64':
      return [...new Float64Array(buffer)];
    case 'int32':
      return [...new Int32Array(buffer)];
    case 'int64':
      return [...new BigInt64Array(buffer)].map(Number);
    case 'uint8':
      return [...new Uint8Array(buffer)];
    default:
      throw new TypeError(tensor.dtype);
  }
}
