import { asyncScheduler, bufferCount, map, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HookFailedError } from '../../../lib/error/hook-failed-error.js';
import { StoreInUseError } from '../../../lib/error/store-in-use-error.js';
import { UnavailableError } from '../../../lib/error/unavailable-error.js';
import { scalarValue } from '../../../lib/format/event/value/scalar-value.js';
import { textValue } from '../../../lib/format/event/value/text-value.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { hook } from '../../../lib/hook/hook.js';
import { MetricsEvent } from '../../../lib/hook/metrics-event.js';
import { SummaryEvent, SummaryFailedEvent } from '../../../lib/hook/summary/summary-event.js';
import { summarySaver } from '../../../lib/hook/summary/summary-saver.js';
import { stepCounter } from '../../../lib/hook/watch/step-counter.js';
import { silentLogger } from '../../../lib/log/logger.js';
import type { Checkpointable } from '../../../lib/session/checkpointable.js';
import type { AnyEvent } from '../../../lib/session/event.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import { type MemorySummaries, memorySummaries } from '../../../lib/summary/memory-summaries.js';
import { sharedSink } from '../../../lib/summary/shared-sink.js';
import type { SummarySink } from '../../../lib/summary/summary-sink.js';
import { fakeSaver } from '../../../lib/testing/fake-saver.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import type { Trigger } from '../../../lib/trigger/trigger.js';
import { told } from '../told.js';

const test = suite('summarySaver');
const everyTwo = everySteps(2);

// For two runs at once, which a sink of one's own refuses.
const anywhere: SummarySink = { location: 'anywhere', open: (run) => memorySummaries().open(run) };
hookLaws({ test, factory: () => summarySaver(anywhere, { trigger: everyTwo }) });

test(
  'draws what steps return at each firing, and tells of it',
  marbles(({ expectObservable, flush }) => {
    const sink = memorySummaries();
    const run = scriptedSession('----1-2---3-4---5-|').pipe(summarySaver(sink, { trigger: everyTwo }));
    expectObservable(run.pipe(told({ summary: 's' }))).toBe('(bc)1-(s2)3-(s4)5-(e|)');
    flush();
    assert.equal(
      [...sink.scalars],
      [
        [
          'loss',
          [
            { globalStep: 2, value: 1 / 2 },
            { globalStep: 4, value: 1 / 4 },
          ],
        ],
      ],
    );
  }),
);

test(
  'computes values on the steps on which it fires, and on no others',
  marbles(({ flush }) => {
    const asked: number[] = [];
    const values = ({ globalStep }: { readonly globalStep: number }): Record<string, number> => {
      asked.push(globalStep);
      return { half: globalStep / 2 };
    };
    const sinks = [memorySummaries(), memorySummaries()];
    scriptedSession('-1-2-3-4-5-6-7-|')
      .pipe(summarySaver(sinks, { trigger: everySteps(3), values }))
      .subscribe();
    flush();
    assert.equal(asked, [3, 6]);
    for (const sink of sinks) {
      assert.equal(sink.scalars.get('half'), [
        { globalStep: 3, value: 1.5 },
        { globalStep: 6, value: 3 },
      ]);
    }
  }),
);

test(
  'draws summary values, and several sources at one step',
  marbles(({ flush }) => {
    const sink = memorySummaries();
    const values = [() => [textValue('note', 'hello'), scalarValue('a', 1)], () => ({ b: 2 }), () => undefined];
    scriptedSession('-1-2-|')
      .pipe(summarySaver(sink, { trigger: everyTwo, values }))
      .subscribe();
    flush();
    assert.equal([...sink.scalars.keys()].sort(), ['a', 'b']);
    assert.equal(
      sink.values.get('note')?.map(({ globalStep }) => globalStep),
      [2],
    );
  }),
);

test(
  'holds the loop for values that are still to come, which stand at the step they come from',
  marbles(({ expectObservable, flush }) => {
    const sink = memorySummaries();
    const values = [() => timer(5).pipe(map(() => ({ late: 1 }))), () => ({ now: 2 })];
    const run = scriptedSession('----1-2-3-|').pipe(summarySaver(sink, { trigger: everyTwo, values }));
    expectObservable(run.pipe(told({ summary: 's' }))).toBe('(bc)1-2----s-3-(e|)');
    flush();
    assert.equal(sink.scalars.get('late'), [{ globalStep: 2, value: 1 }]);
    assert.equal(sink.scalars.get('now'), [{ globalStep: 2, value: 2 }]);
  }),
);

test(
  'draws what earlier hooks measure, when they do',
  marbles(({ flush }) => {
    const sink = memorySummaries();
    const validation = hook<MetricsEvent>('validation', (output) => ({
      step({ globalStep }) {
        if (globalStep === 3) output.emit(new MetricsEvent('validation', 3, new Map([['accuracy', 0.75]])));
      },
    }));
    scriptedSession('-1-2-3-4-|')
      .pipe(stepCounter({ trigger: everySteps(1) }), validation, summarySaver(sink, { trigger: everyTwo }))
      .subscribe();
    flush();
    assert.equal(sink.scalars.get('validation/accuracy'), [{ globalStep: 3, value: 0.75 }]);
    assert.equal(
      sink.scalars.get('global_step/sec')?.map(({ globalStep }) => globalStep),
      [2, 3, 4],
    );
    assert.equal(sink.scalars.get('global_step/sec')?.[0]?.value, 500);
  }),
);

test(
  'requests fetches for the firing steps alone where the trigger tells its next step',
  marbles(({ flush }) => {
    const { requested, sink } = drawFetch(everySteps(3));
    flush();
    assert.equal(requested, [3, 6]);
    assert.equal(
      sink.scalars.get('grad')?.map(({ globalStep, value }) => [globalStep, value]),
      [
        [3, 30],
        [6, 60],
      ],
    );
  }),
);

test(
  'requests fetches for the step after the firing where the trigger does not tell',
  marbles(({ flush }) => {
    const { requested, sink } = drawFetch(bufferCount(3));
    flush();
    assert.equal(requested, [4, 7]);
    assert.equal(
      sink.scalars.get('grad')?.map(({ globalStep }) => globalStep),
      [4, 7],
    );
  }),
);

test(
  'draws fetches that are computed from the step, and refuses what is no value',
  marbles(({ flush }) => {
    const fetches = hook('fetches', () => ({
      begin(event) {
        event.addFetch('double', ({ globalStep }) => globalStep * 2);
        event.addFetch('note', () => textValue('note', 'hello'));
        event.addFetch('wrong', () => 'text');
      },
    }));
    const sink = memorySummaries();
    const run = (names: readonly string[], into: SummarySink) =>
      scriptedSession('-1-2-|').pipe(fetches, summarySaver(into, { trigger: everyTwo, fetches: names }));
    run(['double', 'note'], sink).subscribe();
    const errors: unknown[] = [];
    run(['wrong'], memorySummaries()).subscribe({ error: (error) => errors.push(error) });
    flush();
    assert.equal(sink.scalars.get('double'), [{ globalStep: 2, value: 4 }]);
    assert.equal(sink.values.get('note')?.length, 1);
    assert.match(
      causeOf(errors[0]),
      /^summarySaver\(fetches\): expected a number or summary values, "wrong" is a string/,
    );
  }),
);

test(
  'writes out before a checkpoint is taken, wherever it stands, and adds nothing to it',
  marbles(({ flush }) => {
    for (const isBefore of [true, false]) {
      const said: string[] = [];
      const sink = tellingSink(said);
      const saver = fakeSaver({ latencyMs: 2 });
      const summaries = summarySaver(sink, { trigger: everySteps(1) });
      const checkpoints = checkpointSaver(saver, { trigger: everyTwo });
      const session = scriptedSession('-1-2-3-|');
      const run = isBefore ? session.pipe(summaries, checkpoints) : session.pipe(checkpoints, summaries);
      run.subscribe((event) => {
        if (event.type === 'afterSave') said.push(`saved ${event.globalStep}`);
      });
      flush();
      assert.equal(said, [
        ...['start 0', 'flush', 'saved 0', 'write 1', 'write 2', 'flush', 'saved 2', 'write 3', 'flush', 'flush'],
        ...['saved 3', 'close'],
      ]);
      assert.equal(Object.keys(Object(saver.saved[0]?.json).parts), ['input']);
      assert.equal([...(saver.saved[0]?.tensors.keys() ?? [])], ['global_step', 'model/steps', 'model/weights']);
    }
  }),
);

test(
  'marks the step from which a run goes on, once for all hooks that share a sink, and again after a recovery',
  marbles(({ flush }) => {
    const said: string[] = [];
    const sink = tellingSink(said);
    scriptedSession('-1-2-#-4-|', { startAt: 5, error: new UnavailableError('gone'), recover: { maxRetries: 1 } })
      .pipe(
        summarySaver(sink, { trigger: everySteps(1) }),
        summarySaver(sink, { trigger: everySteps(100), values: () => ({ rare: 1 }) }),
      )
      .subscribe({ error: (error) => said.push(String(error)) });
    flush();
    assert.equal(
      said.filter((line) => line.startsWith('start')),
      ['start 5', 'start 5'],
    );
    assert.equal(said.filter((line) => line === 'close').length, 1);
  }),
);

test(
  'goes on when a sink fails, and tells of it; or fails the run if it is told to',
  marbles(({ flush }) => {
    const failure = new Error('the disk is full');
    const failing: SummarySink = {
      location: 'nowhere',
      open: ({ onFault }) => ({
        droppedValues: 1,
        start() {},
        write() {
          onFault({ location: 'nowhere', error: failure, droppedValues: 1 });
        },
        graph() {},
        flush: () => undefined,
        close() {},
      }),
    };
    const events: AnyEvent[] = [];
    const errors: unknown[] = [];
    scriptedSession('-1-2-3-|')
      .pipe(summarySaver(failing, { trigger: everyTwo }))
      .subscribe((event) => events.push(event));
    scriptedSession('-1-2-3-|')
      .pipe(summarySaver(failing, { trigger: everyTwo, onFailure: 'failRun' }))
      .subscribe({ error: (error) => errors.push(error) });
    flush();
    const faults = events.filter((event) => event instanceof SummaryFailedEvent);
    assert.equal(
      faults.map(({ fault }) => fault.error),
      [failure],
    );
    assert.is(events.at(-1)?.type, 'end');
    assert.equal(errors, [failure]);
  }),
);

test(
  'refuses a sink that another run has',
  marbles(({ flush }) => {
    const sink = memorySummaries();
    const errors: unknown[] = [];
    scriptedSession('-1-2-|')
      .pipe(summarySaver(sink, { trigger: everyTwo }))
      .subscribe();
    scriptedSession('-1-2-|')
      .pipe(summarySaver(sink, { trigger: everyTwo }))
      .subscribe({ error: (error) => errors.push(error) });
    flush();
    assert.instance((errors[0] as Error).cause, StoreInUseError);
    assert.is(sink.scalars.get('loss')?.length, 1);
  }),
);

test(
  'fails the run for values that nobody can draw, with the reason',
  marbles(({ flush }) => {
    const wrong: [unknown, RegExp][] = [
      [() => ({ '': 1 }), /^summarySaver\(values\)\(tag\): expected a tag, received an empty string/],
      [() => ({ a: '1' }), /expected a number under "a", received a string/],
      [() => [scalarValue('a', 1), scalarValue('a', 2)], /expected each tag once a step, received "a" twice/],
      [[() => ({ a: 1 }), () => ({ a: 2 })], /expected each tag once a step, received "a" twice/],
      [() => [{ tag: 1 }], /expected summary values, received an object/],
      [() => ({ '\ud800': 1 }), /lone surrogate/],
      [() => 5, /expected numbers by tag or summary values, received a number/],
    ];
    const errors: unknown[] = [];
    for (const [values] of wrong) {
      scriptedSession('-1-2-|')
        .pipe(summarySaver(memorySummaries(), { trigger: everyTwo, values: values as never }))
        .subscribe({ error: (error) => errors.push(error) });
    }
    flush();
    assert.is(errors.length, wrong.length);
    for (const [i, [, pattern]] of wrong.entries()) assert.match(causeOf(errors[i]), pattern);
  }),
);

test(
  'draws at the start, at the end and at a failure',
  marbles(({ flush }) => {
    const source = {
      atStart: () => ({ start: 1 }),
      atEnd: () => ({ end: 1 }),
      atFailure: () => ({ failure: 1 }),
      graphDef: () => Uint8Array.of(1),
    };
    const [whole, broken] = [memorySummaries(), memorySummaries()];
    scriptedSession('-1-2-|')
      .pipe(summarySaver(whole, { trigger: everyTwo, values: source }))
      .subscribe();
    scriptedSession('-1-#')
      .pipe(summarySaver(broken, { trigger: everyTwo, values: source }))
      .subscribe({ error: () => {} });
    flush();
    assert.equal(
      [...whole.scalars].map(([tag, points]) => [tag, points[0]?.globalStep]),
      [
        ['start', 0],
        ['end', 2],
      ],
    );
    assert.equal(whole.graphDef, Uint8Array.of(1));
    assert.equal(
      [...broken.scalars].map(([tag, points]) => [tag, points[0]?.globalStep]),
      [
        ['start', 0],
        ['failure', 1],
      ],
    );
  }),
);

test(
  'tells later hooks what was drawn',
  marbles(({ flush }) => {
    const seen: (readonly [number, readonly string[]])[] = [];
    const listener = hook('listener', () => ({
      hookEvent(event) {
        if (event instanceof SummaryEvent) seen.push([event.globalStep, [...event.batch.scalars.keys()]]);
      },
    }));
    scriptedSession('-1-2-|')
      .pipe(summarySaver(memorySummaries(), { trigger: everyTwo }), listener)
      .subscribe();
    flush();
    assert.equal(seen, [[2, ['loss']]]);
  }),
);

test('refuses wrong arguments', () => {
  const sink = memorySummaries();
  assert.throws(() => summarySaver([], { trigger: everyTwo }), /^summarySaver\(sinks\): expected at least one sink/);
  assert.throws(() => summarySaver('logs' as never, { trigger: everyTwo }), /expected a sink, e\.g\. eventFileWriter/);
  assert.throws(() => summarySaver(sink, {} as never), /^summarySaver\(trigger\): expected a trigger/);
  assert.throws(() => summarySaver(sink, undefined as never), /^summarySaver\(options\): expected an object/);
  assert.throws(() => summarySaver(sink, { trigger: everyTwo, fetches: [] }), /^summarySaver\(fetches\)/);
  assert.throws(() => summarySaver(sink, { trigger: everyTwo, values: 5 as never }), /^summarySaver\(values\)/);
  assert.throws(
    () => summarySaver(sink, { trigger: everyTwo, onFailure: 'ignore' as never }),
    /^summarySaver\(onFailure\): expected 'continue' or 'failRun', received "ignore"/,
  );
});

test.run();

/** A run whose steps provide `grad`, ten times the global step, when it is requested. */
function drawFetch(trigger: Trigger): { readonly requested: number[]; readonly sink: MemorySummaries } {
  const requested: number[] = [];
  const sink = memorySummaries();
  const grad = data();
  trainingSession({
    scaffold: { create: () => ({ grad }) },
    input: [1, 2, 3, 4, 5, 6, 7],
    logger: silentLogger,
    step: (context) => {
      if (!context.requested.has('grad')) return {};
      requested.push(context.globalStep + 1);
      context.provide('grad', (context.globalStep + 1) * 10);
      return {};
    },
    scheduler: asyncScheduler,
  })
    .pipe(
      hook('register', () => ({ begin: (event) => event.addFetch('grad') })),
      summarySaver(sink, { trigger, fetches: ['grad'] }),
    )
    .subscribe();
  return { requested, sink };
}

function data(): Checkpointable {
  return { capture: () => ({ tensors: new Map() }), restore() {} };
}

function tellingSink(said: string[]): SummarySink {
  return sharedSink('told', () => ({
    droppedValues: 0,
    start: (globalStep) => said.push(`start ${globalStep}`),
    write: (globalStep) => said.push(`write ${globalStep}`),
    graph() {},
    flush() {
      said.push('flush');
      return undefined;
    },
    close: () => said.push('close'),
  }));
}

function causeOf(error: unknown): string {
  assert.instance(error, HookFailedError);
  return String(((error as Error).cause as Error).message);
}
