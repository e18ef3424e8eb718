// What a step costs beside the user's own work: hooks that have nothing to do, against other ways to tell many.

import { EventEmitter } from 'node:events';
import { filter, type Observable, Subject } from 'rxjs';
import { hook } from '../../lib/hook/hook.js';
import { Schedule } from '../../lib/hook/schedule.js';
import { silentLogger } from '../../lib/log/logger.js';
import type { AnyEvent } from '../../lib/session/event.js';
import type { Input, ResumableInput } from '../../lib/session/input.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { type BenchmarkReport, type Contestant, interleaved, nanosecondsEach, ratio, spread } from './measure.js';

const STEPS = 500_000;
const ASYNC_STEPS = 50_000;
const RETAINED_STEPS = 10_000_000;
const NEVER_DUE = 1_000_000_000;

let sink = 0;

/** An input that costs nothing, for what is measured is the rest. */
function batches(steps: number): ResumableInput<number> {
  return {
    open: () => {
      let left = steps;
      const batch = { done: false as const, value: 1 };
      const end = { done: true as const, value: undefined };
      return { next: () => (left-- > 0 ? batch : end), capture: () => ({ tensors: new Map() }), restore: () => {} };
    },
  };
}

/** The same as a generator, for comparison. */
const generated = (steps: number): Iterable<number> => ({
  *[Symbol.iterator]() {
    for (let i = 0; i < steps; i++) yield i;
  },
});

/** A hook with a real trigger. */
function triggered(steps: number) {
  return hook('triggered', (output) => {
    const schedule = new Schedule(everySteps(steps));
    return {
      sessionCreated: (event) => {
        schedule.start(event);
        output.sleepUntil(schedule.nextStep);
      },
      step: (event) => {
        if (schedule.isDueAt(event)) sink++;
        output.sleepUntil(schedule.nextStep);
      },
      teardown: () => schedule.stop(),
    };
  });
}

/** A hook that looks at every step, and finds nothing to do. */
function looking() {
  return hook('looking', () => ({
    step: (event) => {
      if (event.globalStep % NEVER_DUE === 0) sink++;
    },
  }));
}

function sessionWith(
  hooks: number,
  make: () => ReturnType<typeof looking>,
  step: () => unknown,
  steps: number,
  input: Input<number> = batches(steps),
) {
  let session$: Observable<AnyEvent> = trainingSession({
    scaffold: { create: () => ({}) },
    input,
    step,
    logger: silentLogger,
  });
  for (let i = 0; i < hooks; i++) session$ = session$.pipe(make());
  return session$;
}

function session(
  hooks: number,
  make: () => ReturnType<typeof looking> = looking,
  step: () => unknown = () => undefined,
  steps = STEPS,
  input: Input<number> = batches(steps),
): Contestant {
  return () =>
    new Promise((resolve, reject) => {
      const started = process.hrtime.bigint();
      sessionWith(hooks, make, step, steps, input).subscribe({
        error: reject,
        complete: () => resolve(Number(process.hrtime.bigint() - started) / steps),
      });
    });
}

function handWritten(hooks: number): Contestant {
  return () => {
    const due = Array.from({ length: hooks }, () => NEVER_DUE);
    return nanosecondsEach(STEPS, () => {
      for (let step = 1; step <= STEPS; step++) {
        for (let i = 0; i < due.length; i++) if (step >= (due[i] as number)) sink++;
      }
    });
  };
}

function subject(hooks: number): Contestant {
  return () => {
    const steps = new Subject<{ readonly globalStep: number }>();
    for (let i = 0; i < hooks; i++) {
      steps.pipe(filter(({ globalStep }) => globalStep % NEVER_DUE === 0)).subscribe(() => sink++);
    }
    return nanosecondsEach(STEPS, () => {
      for (let step = 1; step <= STEPS; step++) steps.next({ globalStep: step });
    });
  };
}

function emitter(hooks: number): Contestant {
  return () => {
    const events = new EventEmitter().setMaxListeners(hooks);
    for (let i = 0; i < hooks; i++) {
      events.on('step', ({ globalStep }: { readonly globalStep: number }) => {
        if (globalStep % NEVER_DUE === 0) sink++;
      });
    }
    return nanosecondsEach(STEPS, () => {
      for (let step = 1; step <= STEPS; step++) events.emit('step', { globalStep: step });
    });
  };
}

/** As TensorFlow.js's CallbackList does it: each callback is awaited in turn, at both ends of each batch. */
function callbackList(hooks: number): Contestant {
  const callbacks = Array.from({ length: hooks }, () => ({
    async onBatchBegin(): Promise<void> {},
    async onBatchEnd(step: number): Promise<void> {
      if (step % NEVER_DUE === 0) sink++;
    },
  }));
  const steps = ASYNC_STEPS / Math.max(1, hooks / 5);
  return async () => {
    const started = process.hrtime.bigint();
    for (let step = 1; step <= steps; step++) {
      for (const callback of callbacks) await callback.onBatchBegin();
      for (const callback of callbacks) await callback.onBatchEnd(step);
    }
    return Number(process.hrtime.bigint() - started) / steps;
  };
}

const asyncStep = async (): Promise<number> => sink;

async function plainAwaits(): Promise<number> {
  const started = process.hrtime.bigint();
  for (let step = 0; step < ASYNC_STEPS; step++) await asyncStep();
  return Number(process.hrtime.bigint() - started) / ASYNC_STEPS;
}

/** Bytes of heap that stay behind for each of many steps. */
function retainedBytes(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return Promise.reject(new Error('retained bytes: expected node --expose-gc'));
  const heap = (): number => {
    gc();
    return process.memoryUsage().heapUsed;
  };
  return new Promise((resolve, reject) => {
    let atStart = 0;
    let step = 0;
    const measure = (): void => {
      step++;
      if (step === RETAINED_STEPS / 10) atStart = heap();
      if (step === RETAINED_STEPS + RETAINED_STEPS / 10) resolve((heap() - atStart) / RETAINED_STEPS);
    };
    sessionWith(5, looking, measure, RETAINED_STEPS * 1.1).subscribe({ error: reject });
  });
}

export async function run(): Promise<BenchmarkReport> {
  const m = await interleaved({
    'ours 0': session(0),
    'generator 0': session(0, looking, () => undefined, STEPS, generated(STEPS)),
    'ours 5': session(5),
    'ours 20': session(20),
    'ours 100': session(100),
    'ours, with triggers 5': session(5, () => triggered(NEVER_DUE)),
    'ours, with triggers 20': session(20, () => triggered(NEVER_DUE)),
    'ours, with triggers 100': session(100, () => triggered(NEVER_DUE)),
    'firing every 100 5': session(5, () => triggered(100)),
    'loop 0': handWritten(0),
    'loop 5': handWritten(5),
    'loop 20': handWritten(20),
    'loop 100': handWritten(100),
    'emitter 5': emitter(5),
    'emitter 20': emitter(20),
    'emitter 100': emitter(100),
    'subject 5': subject(5),
    'subject 20': subject(20),
    'subject 100': subject(100),
    'callbacks 5': callbackList(5),
    'callbacks 20': callbackList(20),
    'callbacks 100': callbackList(100),
    'async ours': session(0, looking, asyncStep, ASYNC_STEPS),
    'async await': plainAwaits,
  });
  const row = (name: string, measured: readonly (keyof typeof m | undefined)[]): string[] => [
    name,
    ...measured.map((key) => (key === undefined ? '' : spread(m[key]))),
  ];
  const bytes = await retainedBytes();
  return {
    title: 'A step with idle hooks, in nanoseconds',
    columns: ['', '0 hooks', '5', '20', '100'],
    rows: [
      row('hooks with a trigger', [
        'ours 0',
        'ours, with triggers 5',
        'ours, with triggers 20',
        'ours, with triggers 100',
      ]),
      row('hooks that look at every step', ['ours 0', 'ours 5', 'ours 20', 'ours 100']),
      row('hooks with a trigger that fires every 100 steps', [undefined, 'firing every 100 5', undefined, undefined]),
      row('no hooks, batches from a generator', ['generator 0', undefined, undefined, undefined]),
      row('hand-written loop with due checks', ['loop 0', 'loop 5', 'loop 20', 'loop 100']),
      row("Node's EventEmitter", [undefined, 'emitter 5', 'emitter 20', 'emitter 100']),
      row('Subject, filtered subscribers', [undefined, 'subject 5', 'subject 20', 'subject 100']),
      row("awaited callbacks, as TensorFlow.js's CallbackList", [
        undefined,
        'callbacks 5',
        'callbacks 20',
        'callbacks 100',
      ]),
    ],
    notes: [
      `no hooks / EventEmitter with 5 listeners: ${ratio(m['ours 0'], m['emitter 5'])} (goal 0.60)`,
      `5 hooks with triggers / EventEmitter with 5: ${ratio(m['ours, with triggers 5'], m['emitter 5'])} (reach 1.00)`,
      `20 hooks with triggers / EventEmitter with 20: ${ratio(m['ours, with triggers 20'], m['emitter 20'])} (goal 0.80, reach 0.40)`,
      `20 looking hooks / EventEmitter with 20: ${ratio(m['ours 20'], m['emitter 20'])} (goal 0.80)`,
      `100 hooks with triggers / none: ${ratio(m['ours, with triggers 100'], m['ours 0'])} (reach 1.25)`,
      `5 hooks firing every 100 steps / idle: ${ratio(m['firing every 100 5'], m['ours, with triggers 5'])} (goal 1.20)`,
      `asynchronous step / plain await: ${spread(m['async ours'], 0)} ns / ${spread(m['async await'], 0)} ns`,
      `retained: ${bytes.toFixed(4)} bytes a step over ${RETAINED_STEPS} steps (goal 0)`,
    ],
  };
}
