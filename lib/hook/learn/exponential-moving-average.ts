import { defer, finalize, from, type Observable, type ObservableInput, of } from 'rxjs';
import {
  AfterSaveEvent,
  BeforeSaveEvent,
  SaveFailedEvent,
  SaveSkippedEvent,
  SnapshotTakenEvent,
} from '../../checkpoint/checkpoint-event.js';
import { checkFunction } from '../../error/check-function.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import type { BeginEvent, SessionCreatedEvent, StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { isPending } from '../../session/is-pending.js';
import { type HookActions, hook } from '../hook.js';
import { HookState } from '../state/hook-state.js';
import type { StateHook } from './state-hook.js';

/** Float32 values by name; an array may be a view of live memory. */
export type NamedValues = ReadonlyMap<string, Float32Array>;

/** Values that can be read and replaced, such as the weights of a model. */
export interface AveragedValues {
  /** What they are now. The arrays are read at once, and not kept. */
  read(): NamedValues;
  /** Replaces them with copies of `values`, which have the names and lengths that `read` gave. */
  write(values: NamedValues): void;
}

export interface MovingAverageOptions<S> {
  /** The values of a state that are averaged. */
  readonly of: (state: S) => AveragedValues;
  /** How much of the average stays at each step; from 0 to under 1. */
  readonly decay: number;
  /**
   * Whether the average follows fast at first: at update n the decay is no more than `(1 + n) / (10 + n)`.
   *
   * @default false
   */
  readonly warmUp?: boolean | undefined;
  /**
   * What checkpoints hold in the place of the values: the values, or the averages, ready to be used by who reads the
   * checkpoint. The other of the two is in the part of this hook, and a resumed run goes on from the values in both
   * cases. For `averages` the hook must stand after the saver.
   *
   * @default 'values'
   */
  readonly save?: 'values' | 'averages' | undefined;
  /** Where checkpoints keep its state: `hook/<key>`. @default 'movingAverage' */
  readonly key?: string | undefined;
}

const OPTIONS: OptionNames<MovingAverageOptions<never>> = {
  of: true,
  decay: true,
  warmUp: true,
  save: true,
  key: true,
};

/** A hook that averages, and a way to use the averages. */
export interface MovingAverageHook<S> extends StateHook<S> {
  /**
   * Makes a function that runs with the averages in the place of the values, which are put back when it has returned,
   * or what it returned is done. For `evaluate({ run: average.during(measure) })`.
   *
   * @throws Error (from the returned function) if this hook is not in the run of that state
   */
  during<A extends readonly unknown[], R>(
    run: (state: S, ...args: A) => R | ObservableInput<R>,
  ): (state: S, ...args: A) => R | ObservableInput<R>;
}

const SAVES: readonly unknown[] = ['values', 'averages'];

/**
 * Averages values over the steps: after each step `average = decay * average + (1 - decay) * value`, in float32,
 * beginning with the values at the creation of the session. The averages are in checkpoints, as tensors
 * `hook/<key>/averages/<name>`, and a resumed run has the same ones bit for bit.
 *
 * @throws TypeError, RangeError for wrong options
 * @see TensorFlow, moving_averages.py, ExponentialMovingAverage
 */
export function exponentialMovingAverage<S>(options: MovingAverageOptions<S>): MovingAverageHook<S> {
  checkOptions('exponentialMovingAverage(options)', options, OPTIONS);
  const { of: valuesOf, decay, warmUp = false, save = 'values', key = 'movingAverage' } = options;
  checkFunction('exponentialMovingAverage(of)', valuesOf);
  if (!(decay >= 0 && decay < 1)) {
    throw new RangeError(
      `exponentialMovingAverage(decay): expected a number from 0 to under 1, received ${describeReceived(decay)}`,
    );
  }
  if (!SAVES.includes(save)) {
    throw new RangeError(
      `exponentialMovingAverage(save): expected 'values' or 'averages', received ${describeReceived(save)}`,
    );
  }
  /** Which average goes with which state, of all the runs of this hook. */
  const active = new WeakMap<object, ActiveAverage<S>>();
  const settings = { of: valuesOf, decay, warmUp, save, key };
  const average = hook('exponentialMovingAverage', () => new ActiveAverage<S>(settings, active));
  return Object.assign(<E>(source: Observable<E>) => average(source as never) as Observable<E>, {
    during:
      <A extends readonly unknown[], R>(run: (state: S, ...args: A) => R | ObservableInput<R>) =>
      (state: S, ...args: A): R | ObservableInput<R> => {
        const own = typeof state === 'object' && state !== null ? active.get(state) : undefined;
        if (own === undefined) throw new Error('during(): exponentialMovingAverage is not in the run of this state');
        return own.during(() => run(state, ...args));
      },
  });
}

interface Averages {
  readonly updates: number;
  readonly averages: ReadonlyMap<string, Float32Array>;
  /** The values themselves, while the averages are in their place; otherwise empty. */
  readonly values: ReadonlyMap<string, Float32Array>;
}

type Settings<S> = { readonly [Name in keyof MovingAverageOptions<S>]-?: NonNullable<MovingAverageOptions<S>[Name]> };

class ActiveAverage<S> implements HookActions {
  readonly #settings: Settings<S>;
  readonly #active: WeakMap<object, ActiveAverage<S>>;
  readonly #state: HookState<Averages>;
  #target: AveragedValues | undefined;
  /** The step whose save has the averages in the place of the values; events of others may come meanwhile. */
  #savedStep: number | undefined;

  constructor(settings: Settings<S>, active: WeakMap<object, ActiveAverage<S>>) {
    this.#settings = settings;
    this.#active = active;
    const initial = (): Averages => ({ updates: 0, averages: new Map(), values: new Map() });
    this.#state = new HookState({ key: settings.key, initial });
  }

  begin(event: BeginEvent): void {
    event.track(this.#settings.key, this.#state);
  }

  sessionCreated({ state }: SessionCreatedEvent): void {
    // The type of the hook asks for a session whose state is an S.
    const target = this.#settings.of(state as S);
    this.#target = target;
    if (typeof state === 'object' && state !== null) this.#active.set(state, this);
    const { values, averages } = this.#state.current;
    if (values.size > 0) this.#putBack();
    const current = target.read();
    if (averages.size === 0) this.#state.current = { ...this.#state.current, averages: copyOf(current) };
    else mustFit(averages, current);
  }

  step(_event: StepEvent): void {
    const { decay, warmUp } = this.#settings;
    const { updates, averages } = this.#state.current;
    const now = warmUp ? Math.min(decay, (1 + updates) / (10 + updates)) : decay;
    for (const [name, values] of this.#target?.read() ?? []) {
      const average = averages.get(name);
      if (average === undefined) throw new Error(`exponentialMovingAverage: "${name}" was not there at the start`);
      for (let i = 0; i < average.length; i++) average[i] = now * (average[i] ?? 0) + (1 - now) * (values[i] ?? 0);
    }
    this.#state.current = { ...this.#state.current, updates: updates + 1 };
  }

  hookEvent(event: HookEvent): void {
    if (this.#settings.save === 'values') return;
    if (event instanceof BeforeSaveEvent) {
      // Last of all that holds the save, so that nothing else sees the averages: the state is taken right after it.
      event.waitUntil(
        defer(() => {
          this.#savedStep = event.globalStep;
          return of(this.#swapIn());
        }),
      );
    } else if (
      (event instanceof SnapshotTakenEvent ||
        event instanceof AfterSaveEvent ||
        event instanceof SaveFailedEvent ||
        event instanceof SaveSkippedEvent) &&
      event.globalStep === this.#savedStep
    ) {
      this.#savedStep = undefined;
      this.#putBack();
    }
  }

  teardown(): void {
    this.#target = undefined;
  }

  during<R>(run: () => R | ObservableInput<R>): R | ObservableInput<R> {
    this.#swapIn();
    let result: R | ObservableInput<R>;
    try {
      result = run();
    } catch (error) {
      this.#putBack();
      throw error;
    }
    if (isPending<R>(result)) return from(result).pipe(finalize(() => this.#putBack()));
    this.#putBack();
    return result;
  }

  #swapIn(): void {
    const target = this.#target;
    const { averages, values } = this.#state.current;
    if (target === undefined || values.size > 0) return;
    this.#state.current = { ...this.#state.current, values: copyOf(target.read()) };
    target.write(averages);
  }

  #putBack(): void {
    const { values } = this.#state.current;
    if (values.size === 0) return;
    this.#target?.write(values);
    this.#state.current = { ...this.#state.current, values: new Map() };
  }
}

function copyOf(values: NamedValues): ReadonlyMap<string, Float32Array> {
  return new Map([...values].map(([name, array]) => [name, new Float32Array(array)]));
}

function mustFit(averages: NamedValues, values: NamedValues): void {
  const names = new Set([...averages.keys(), ...values.keys()]);
  for (const name of names) {
    const [saved, own] = [averages.get(name)?.length, values.get(name)?.length];
    if (saved !== own) {
      throw new RangeError(
        `exponentialMovingAverage: "${name}" has ${own ?? 'no'} values in this state, ${saved ?? 'no'} in the checkpoint`,
      );
    }
  }
}
