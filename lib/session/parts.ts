import { concatMap, defer, from, map, type Observable, type ObservableInput, of, reduce } from 'rxjs';
import { describeReceived } from '../error/describe-received.js';
import { StateMismatchError } from '../error/state-mismatch-error.js';
import type { Json } from '../tensor/json.js';
import type { PartState } from '../tensor/part-state.js';
import { GLOBAL_STEP, type StateSnapshot } from '../tensor/state-snapshot.js';
import type { Tensor, Tensors } from '../tensor/tensor.js';
import type { Checkpointable } from './checkpointable.js';
import { isPending } from './is-pending.js';
import type { RestoredCheckpoint } from './restore-source.js';
import type { TrackedPart } from './run-control.js';
import type { SessionState } from './scaffold.js';

/** The part that holds the input's position. */
export const INPUT = 'input';
/** What the names of hooks' parts begin with. */
export const HOOK = 'hook/';

const RESERVED = new Set([GLOBAL_STEP, 'input', 'hook', '_tidemark']);

/** The parts whose state makes up a snapshot, by the name that their tensors begin with. */
export type Parts = ReadonlyMap<string, Checkpointable>;

/**
 * Checks the names of a state's parts.
 *
 * @throws RangeError for a name that is empty, reserved or holds a slash
 * @throws TypeError for a part that is none
 */
export function partsOfState(state: SessionState): Map<string, Checkpointable> {
  const parts = new Map<string, Checkpointable>();
  for (const [name, part] of Object.entries(state)) {
    if (name === '' || name.includes('/') || RESERVED.has(name)) {
      throw new RangeError(
        `scaffold: expected part names without "/" other than ${[...RESERVED].join(', ')}, received ${describeReceived(name)}`,
      );
    }
    if (typeof part?.capture !== 'function' || typeof part.restore !== 'function') {
      throw new TypeError(`scaffold: expected part "${name}" to have capture() and restore()`);
    }
    parts.set(name, part);
  }
  return parts;
}

/**
 * Gives every part its state out of `checkpoint`. All parts are asked first whether their state fits.
 *
 * @throws StateMismatchError if anything does not fit; nothing was changed then
 */
export function restoreParts(
  checkpoint: RestoredCheckpoint,
  parts: Parts,
  input: Checkpointable,
  hooks: ReadonlyMap<string, TrackedPart>,
  warn: (message: string) => void,
): Observable<unknown> {
  return defer(() => {
    const states = statesOf(checkpoint.snapshot);
    const wanted: [string, Checkpointable][] = [...parts];
    // A checkpoint of other origin, such as TensorFlow's, knows no position of an input: it starts at the beginning.
    if (states.has(INPUT)) wanted.push([INPUT, input]);

    return differencesOf(states, wanted).pipe(
      concatMap((differences) => {
        if (differences.length > 0) throw new StateMismatchError(checkpoint.from.prefix, differences);
        for (const [key, hook] of hooks) hook.restore(states.get(HOOK + key));
        for (const name of states.keys()) {
          if (name.startsWith(HOOK) && !hooks.has(name.slice(HOOK.length))) {
            warn(
              `checkpoint ${checkpoint.from.prefix} holds the state of a hook that is not there: ${name.slice(HOOK.length)}`,
            );
          }
        }
        return from(wanted).pipe(
          concatMap(([name, part]) => {
            const work = part.restore(states.get(name) ?? EMPTY_STATE);
            return work === undefined ? of(undefined) : from(work);
          }),
        );
      }),
      reduce(() => undefined, undefined),
    );
  });
}

const EMPTY_STATE: PartState = { tensors: new Map() };

function differencesOf(
  states: ReadonlyMap<string, PartState>,
  wanted: readonly [string, Checkpointable][],
): Observable<readonly string[]> {
  const names = new Set(wanted.map(([name]) => name));
  const unknown = [...states.keys()]
    .filter((name) => !names.has(name) && !name.startsWith(HOOK) && name !== INPUT)
    .map((name) => `${name} is in the checkpoint, but not in this state`);
  return from(wanted).pipe(
    concatMap(([name, part]) => {
      const state = states.get(name) ?? EMPTY_STATE;
      const own = part.differences === undefined ? specDifferences(part, state) : of(part.differences(state));
      return own.pipe(map((differences) => differences.map((difference) => `${name}/${difference}`)));
    }),
    reduce((all, differences) => all.concat(differences), unknown),
  );
}

/** Compares names, dtypes and shapes with those that the part has now. */
function specDifferences(part: Checkpointable, state: PartState): Observable<readonly string[]> {
  return asStream(part.capture()).pipe(map((current) => tensorDifferences(current.tensors, state.tensors)));
}

/** How `found` in a checkpoint differs from `expected` in names, dtypes and shapes, one sentence each. */
export function tensorDifferences(expected: Tensors, found: Tensors): readonly string[] {
  const differences: string[] = [];
  for (const [name, tensor] of expected) {
    const other = found.get(name);
    if (other === undefined) {
      differences.push(`${name} is not in the checkpoint`);
    } else if (other.dtype !== tensor.dtype || other.shape.join() !== tensor.shape.join()) {
      differences.push(`${name} is ${specText(other)} in the checkpoint, ${specText(tensor)} in this state`);
    }
  }
  for (const name of found.keys()) {
    if (!expected.has(name)) differences.push(`${name} is in the checkpoint, but not in this state`);
  }
  return differences;
}

function specText({ dtype, shape }: Tensor): string {
  return `${dtype}[${shape.join(', ')}]`;
}

/** Sorts a snapshot's tensors and JSON by part. */
function statesOf(snapshot: StateSnapshot): ReadonlyMap<string, PartState> {
  const tensors = new Map<string, Map<string, Tensor>>();
  const json = new Map<string, Json>(Object.entries(partsJson(snapshot.json)));
  for (const [fullName, tensor] of snapshot.tensors) {
    if (fullName === GLOBAL_STEP) continue;
    const [part, name] = splitName(fullName);
    let ofPart = tensors.get(part);
    if (ofPart === undefined) tensors.set(part, (ofPart = new Map()));
    ofPart.set(name, tensor);
  }
  const states = new Map<string, PartState>();
  for (const part of new Set([...tensors.keys(), ...json.keys()])) {
    states.set(part, { tensors: tensors.get(part) ?? new Map(), json: json.get(part) });
  }
  return states;
}

function partsJson(json: Json): Readonly<Record<string, Json>> {
  const parts = isObject(json) ? json['parts'] : undefined;
  return parts !== undefined && isObject(parts) ? parts : {};
}

function isObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** `hook/early/best` is tensor `best` of part `hook/early`; everything else is cut at its first slash. */
function splitName(fullName: string): [part: string, name: string] {
  const start = fullName.startsWith(HOOK) ? HOOK.length : 0;
  const slash = fullName.indexOf('/', start);
  return slash < 0 ? [fullName, ''] : [fullName.slice(0, slash), fullName.slice(slash + 1)];
}

function asStream<T>(value: T | ObservableInput<T>): Observable<T> {
  return isPending(value) ? from(value) : of(value);
}
