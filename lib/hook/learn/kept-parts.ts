import { concatMap, defer, EMPTY, from, map, type Observable, of, toArray } from 'rxjs';
import type { Checkpointable } from '../../session/checkpointable.js';
import { isPending } from '../../session/is-pending.js';
import type { Json } from '../../tensor/json.js';
import type { PartState } from '../../tensor/part-state.js';
import type { Tensor } from '../../tensor/tensor.js';

/** A copy of all parts of a state, fit to be the state of a hook. */
export interface KeptParts {
  /** The JSON of each part that has any, as text. */
  readonly json: ReadonlyMap<string, string>;
  /** By `<part>/<name>`. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The names of the parts. */
  readonly names: readonly string[];
}

export const NO_PARTS: KeptParts = { json: new Map(), tensors: new Map(), names: [] };

/** Copies every part of `state`. To be subscribed to while no step is being taken. */
export function keepParts(state: unknown): Observable<KeptParts> {
  return defer(() => from(partsOf(state))).pipe(
    concatMap(([name, part]) => {
      const captured = part.capture();
      return (isPending<PartState>(captured) ? from(captured) : of(captured)).pipe(map((own) => copy(name, own)));
    }),
    toArray(),
    map((copies) => ({
      names: copies.map(({ name }) => name),
      json: new Map(copies.flatMap(({ name, json }) => (json === undefined ? [] : [[name, json]]))),
      tensors: new Map(copies.flatMap(({ tensors }) => tensors)),
    })),
  );
}

/** Puts kept parts back into `state`; parts that were not kept stay as they are. */
export function putBackParts({ names, json, tensors }: KeptParts, state: unknown): Observable<unknown> {
  return defer(() => from(partsOf(state))).pipe(
    concatMap(([name, part]) => {
      if (!names.includes(name)) return EMPTY;
      const text = json.get(name);
      const own = [...tensors].filter(([fullName]) => fullName.startsWith(`${name}/`));
      const work = part.restore({
        tensors: new Map(own.map(([fullName, tensor]) => [fullName.slice(name.length + 1), tensor])),
        // It was made of JSON by this very module, or comes out of a checkpoint whose checksums were verified.
        json: text === undefined ? undefined : (JSON.parse(text) as Json),
      });
      return work === undefined ? EMPTY : from(work);
    }),
  );
}

interface PartCopy {
  readonly name: string;
  readonly json: string | undefined;
  readonly tensors: readonly (readonly [string, Tensor])[];
}

function copy(name: string, { json, tensors }: PartState): PartCopy {
  return {
    name,
    json: json === undefined ? undefined : JSON.stringify(json),
    tensors: [...tensors].map(([own, tensor]) => [`${name}/${own}`, copyOf(tensor)]),
  };
}

function copyOf(tensor: Tensor): Tensor {
  const shape = [...tensor.shape];
  return tensor.dtype === 'string'
    ? { dtype: tensor.dtype, shape, values: tensor.values.map((value) => new Uint8Array(value)) }
    : { dtype: tensor.dtype, shape, bytes: new Uint8Array(tensor.bytes) };
}

function partsOf(state: unknown): readonly (readonly [string, Checkpointable])[] {
  return typeof state === 'object' && state !== null ? Object.entries(state as Record<string, Checkpointable>) : [];
}
