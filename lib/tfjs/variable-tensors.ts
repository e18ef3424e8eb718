import { backend, getBackend, type Tensor as TfTensor, tensor, tidy, type Variable } from '@tensorflow/tfjs-core';
import { UnsupportedDataError } from '../error/unsupported-data-error.js';
import type { FixedTensor, Tensor, Tensors } from '../tensor/tensor.js';

type StoredDType = 'float32' | 'int32' | 'bool';
type Elements = Float32Array | Int32Array | Uint8Array;

/** Backends that cannot give a tensor's elements without waiting. */
const ASYNC_BACKENDS = new Set(['webgpu']);

/** A backend whose tensors lie in memory that can be looked at, as wasm's do. */
interface HeapBackend {
  /** The elements where they lie. @see BackendWasm of tfjs-backend-wasm */
  typedArrayFromHeap(tensor: TfTensor): Elements;
}

/** Whether the elements of tensors have to be awaited on the backend that is used now. */
export function isAsyncBackend(): boolean {
  return ASYNC_BACKENDS.has(getBackend());
}

/**
 * Tensors that read from TensorFlow.js when their `bytes` are asked for. They show the variables as they are then, so
 * they are valid until the next step.
 */
export function readTensors(sources: ReadonlyMap<string, TfTensor>): Tensors {
  const heap = heapBackend();
  const tensors = new Map<string, Tensor>();
  for (const [name, source] of sources) tensors.set(name, new LazyTensor(name, source, heap));
  return tensors;
}

/** As {@link readTensors}, with the bytes read when the promise is fulfilled. */
export async function readTensorsAsync(sources: ReadonlyMap<string, TfTensor>): Promise<Tensors> {
  const entries = [...sources].map(async ([name, source]): Promise<[string, Tensor]> => {
    const dtype = storedDType(name, source.dtype);
    return [name, { dtype, shape: source.shape, bytes: bytesOf(dtype, await source.data()) }];
  });
  return new Map(await Promise.all(entries));
}

class LazyTensor implements FixedTensor {
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  readonly #source: TfTensor;
  readonly #heap: HeapBackend | undefined;

  constructor(name: string, source: TfTensor, heap: HeapBackend | undefined) {
    this.dtype = storedDType(name, source.dtype);
    this.shape = source.shape;
    this.#source = source;
    this.#heap = heap;
  }

  get bytes(): Uint8Array {
    // There, `dataSync` copies into fresh memory, which takes ten times as long as the copy that a saver makes.
    return bytesOf(this.dtype, this.#heap?.typedArrayFromHeap(this.#source) ?? this.#source.dataSync());
  }
}

function heapBackend(): HeapBackend | undefined {
  const current: object = backend();
  return 'typedArrayFromHeap' in current && typeof current.typedArrayFromHeap === 'function'
    ? (current as HeapBackend)
    : undefined;
}

/** Copies the elements of `value` into `variable`; its dtype and shape must fit. Leaks no tensor. */
export function assignTensor(variable: Variable, value: Tensor): void {
  tidy(() => variable.assign(toTfTensor(value)));
}

/** A TensorFlow.js tensor with a copy of the elements of `value`. The caller disposes it. */
export function toTfTensor(value: Tensor): TfTensor {
  const dtype = storedDType('tensor', value.dtype);
  const bytes = 'bytes' in value ? value.bytes.slice() : new Uint8Array();
  return tensor(elementsOf(dtype, bytes), [...value.shape], dtype);
}

function elementsOf(dtype: StoredDType, bytes: Uint8Array<ArrayBuffer>): Elements {
  if (dtype === 'float32') return new Float32Array(bytes.buffer);
  return dtype === 'int32' ? new Int32Array(bytes.buffer) : bytes;
}

function bytesOf(dtype: StoredDType, elements: ArrayLike<number>): Uint8Array {
  const { buffer, byteOffset, byteLength } = exactArray(dtype, elements);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The cpu backend keeps some results in arrays of another type than their dtype's. */
function exactArray(dtype: StoredDType, elements: ArrayLike<number>): Elements {
  if (dtype === 'float32') return elements instanceof Float32Array ? elements : Float32Array.from(elements);
  if (dtype === 'int32') return elements instanceof Int32Array ? elements : Int32Array.from(elements);
  return elements instanceof Uint8Array ? elements : Uint8Array.from(elements);
}

function storedDType(name: string, dtype: string): StoredDType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new UnsupportedDataError('tfjs', name, `variables of dtype ${dtype} cannot be saved`);
}
