import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FetchError } from '../../lib/error/fetch-error.js';
import type { AnyEvent, BeforeStepEvent, BeginEvent, StepEvent } from '../../lib/session/event.js';
import type { StepContext } from '../../lib/session/step-context.js';
import { type Played, play } from './play.js';

const test = suite('fetches');

interface Acts {
  readonly begin?: (event: BeginEvent) => void;
  readonly beforeStep?: (event: BeforeStepEvent) => void;
  readonly step?: (event: StepEvent) => void;
}

function run(options: Parameters<typeof play>[0], acts: Acts): Played {
  return play(options, undefined, (event: AnyEvent) => {
    try {
      (acts[event.type as keyof Acts] as ((event: AnyEvent) => void) | undefined)?.(event);
    } catch (error) {
      (event as StepEvent).fail(error);
    }
  });
}

test('computes a fetch once a step, only when asked, and for all who ask', () => {
  const computed: number[] = [];
  const got: unknown[] = [];
  const { log } = run(
    {
      input: [1, 2, 3],
      fetches: {
        norm: (step) => {
          computed.push(step.globalStep);
          return step.globalStep * 10;
        },
      },
    },
    {
      step: (event) => {
        if (event.globalStep !== 2) got.push(event.fetch('norm'), event.fetch('norm'));
      },
    },
  );
  assert.equal(computed, [1, 3]);
  assert.equal(got, [10, 10, 30, 30]);
  assert.is(log.at(-1), '|');
});

test('lets the step provide what was asked for, in that step alone', () => {
  const requested: string[][] = [];
  const got: unknown[] = [];
  const { error } = run(
    {
      input: [1, 2, 3],
      step: (context) => {
        requested.push([...context.requested]);
        if (context.requested.has('gradients')) context.provide('gradients', [context.globalStep]);
      },
    },
    {
      begin: (event) => event.addFetch('gradients'),
      beforeStep: (event) => {
        if (event.globalStep === 1) event.request('gradients');
      },
      step: (event) => {
        if (event.globalStep >= 2) got.push(event.fetch('gradients'));
      },
    },
  );
  assert.equal(requested, [[], ['gradients'], []]);
  assert.equal(got, [[1]]);
  assert.ok(error instanceof FetchError);
  assert.match((error as FetchError).message, /"gradients" was not provided by this step/);
  assert.match((error as FetchError).hint as string, /request it in beforeStep/);
});

test('gives what hooks feed to that step alone', () => {
  const fed: [string, unknown][][] = [];
  run(
    { step: (context: StepContext) => void fed.push([...context.feeds]) },
    { beforeStep: (event) => event.globalStep === 0 && event.feed('rate', 0.5) },
  );
  assert.equal(fed, [[['rate', 0.5]], []]);
});

test('lists what there is when a fetch is unknown', () => {
  const unknown = run({ fetches: { b: () => 1, a: () => 1 } }, { beforeStep: (event) => event.request('c') });
  assert.match((unknown.error as Error).message, /fetch "c" is unknown/);
  assert.is((unknown.error as FetchError).hint, 'there are: a, b');
  assert.is((run({}, { step: (event) => void event.fetch('c') }).error as FetchError).hint, 'none is registered');
  assert.match((run({ step: (c) => c.provide('c', 1) }, {}).error as Error).message, /fetch "c" is unknown/);
});

test('stands when begin is over, and has each name once', () => {
  let begin: BeginEvent | undefined;
  const late = run(
    {},
    {
      begin: (event) => {
        begin = event;
      },
      beforeStep: () => begin?.addFetch('late'),
    },
  );
  assert.match((late.error as Error).message, /fetch "late" was added after begin/);
  const part = { capture: () => ({ tensors: new Map() }), restore() {} };
  assert.match(
    (
      run(
        {},
        {
          begin: (e) => {
            begin = e;
          },
          step: () => begin?.track('k', part),
        },
      ).error as Error
    ).message,
    /track\(\) came after/,
  );
  assert.match(
    (run({ fetches: { a: () => 1 } }, { begin: (e) => e.addFetch('a') }).error as Error).message,
    /registered twice/,
  );
});

test('refuses to request, feed and fetch at any other moment', () => {
  let before: BeforeStepEvent | undefined;
  let step: StepEvent | undefined;
  const { error } = run(
    { fetches: { a: () => 1 } },
    {
      beforeStep: (event) => {
        before = event;
        if (step !== undefined) assert.throws(() => step?.fetch('a'), /fetch\(\) came after the moment/);
      },
      step: (event) => {
        step = event;
        assert.throws(() => before?.request('a'), /request\(\) came after the moment of this beforeStep/);
        assert.throws(() => before?.feed('a', 1), /feed\(\) came after/);
      },
    },
  );
  assert.is(error, undefined);
});

test('refuses what a step says when it is over', () => {
  let context: StepContext | undefined;
  run(
    {
      step: (it) => {
        context = it;
      },
    },
    {},
  );
  assert.throws(() => context?.provide('a', 1), /provide\(\) came after the moment of this step/);
  assert.throws(() => context?.advanceBy(2), /advanceBy\(\) came after/);
  assert.throws(() => context?.requested, /requested\(\) came after/);
});

test('fails with what a fetch throws, and computes it again for nobody', () => {
  const { error } = run(
    {
      fetches: {
        bad: () => {
          throw new Error('no norm');
        },
      },
    },
    { step: (event) => void event.fetch('bad') },
  );
  assert.is((error as Error).message, 'no norm');
});

test.run();
