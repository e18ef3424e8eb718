import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UnavailableError } from '../../../lib/error/unavailable-error.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { pauseWhile } from '../../../lib/hook/pause/pause-while.js';
import { type ProgressBarOptions, progressBar } from '../../../lib/hook/progress/progress-bar.js';
import { fakeSaver } from '../../../lib/testing/fake-saver.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { type MarbleHelpers, marbles } from '../../../lib/testing/marbles.js';
import { type ScriptedSessionOptions, scriptedSession } from '../../../lib/testing/scripted-session.js';
import type { FakeOutputs } from '../../../lib/testing/step-events.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { never } from '../../../lib/trigger/never.js';

const test = suite('progressBar');
const CLEAR = '\r\x1b[2K';

class FakeStream {
  readonly written: string[] = [];
  constructor(
    readonly isTTY: boolean,
    readonly columns: number | undefined = 80,
  ) {}
  write(text: string): void {
    this.written.push(text);
  }
}

hookLaws({ test, factory: () => progressBar({ stream: new FakeStream(true), totalSteps: 9 }) });

interface ShowOptions extends Omit<ProgressBarOptions<'loss'>, 'stream'>, ScriptedSessionOptions<FakeOutputs> {
  readonly latencyMs?: number;
}

function show(
  { scheduler, flush }: MarbleHelpers,
  stream: FakeStream,
  script: string,
  options: ShowOptions = {},
): void {
  const { latencyMs = 0, totalSteps, metrics, isPlain, intervalSeconds, paint, ...session } = options;
  const saver = fakeSaver({ latencyMs, scheduler });
  const bar = { totalSteps, metrics, isPlain, intervalSeconds, paint };
  scriptedSession(script, session)
    .pipe(checkpointSaver(saver, { trigger: never() }), progressBar<'loss'>({ stream, ...bar }))
    .subscribe({ error() {} });
  flush();
}

test(
  'redraws one line of a terminal ten times a second, and at the end goes below it',
  marbles((helpers) => {
    const stream = new FakeStream(true);
    show(helpers, stream, '99ms 1 99ms 2 99ms 3 |', { totalSteps: 3 });
    const lines = stream.written.map((text) => text.replace(CLEAR, ''));
    for (const text of stream.written.slice(0, -1)) assert.ok(text.startsWith(CLEAR), JSON.stringify(text));
    assert.is(stream.written.at(-1), '\n');
    assert.ok(
      lines.some((text) => text.startsWith('step 1/3') && text.includes('ckpt 0 ✔')),
      lines.join('\n'),
    );
    assert.match(lines.at(-2) ?? '', /^step 3\/3 ━+ 100% .*10\/s {2}eta 0:00 {2}ckpt 3 ✔$/);
    assert.ok(lines.some((text) => text.includes('ckpt 3 …')));
  }),
);

test(
  'writes whole lines now and then where there is no terminal, and none twice',
  marbles((helpers) => {
    const stream = new FakeStream(false);
    show(helpers, stream, '1s 1 1s 2 20s 3 |', { totalSteps: 3, metrics: ['loss'] });
    for (const text of stream.written) assert.match(text, /^step \d\/3 .*[^\n]\n$/);
    assert.not.match(stream.written.join(''), '\x1b');
    const first = stream.written.map((text) => text.slice(0, 8));
    assert.equal([first[0], first.at(-1)], ['step 2/3', 'step 3/3']);
    assert.is(new Set(stream.written).size, stream.written.length);
    assert.ok(stream.written.length <= 6, stream.written.join(''));
  }),
);

test(
  'cuts the line to the terminal, and ends the colour that it cuts',
  marbles((helpers) => {
    for (const columns of [12, 30, 79]) {
      const stream = new FakeStream(true, columns);
      const paint = (_: string, text: string): string => (text === '' ? '' : `\x1b[36m${text}\x1b[0m`);
      show(helpers, stream, '150ms 1 |', { totalSteps: 1000, metrics: ['loss'], paint });
      const drawn = stream.written.filter((text) => text.startsWith(CLEAR)).map((text) => text.slice(CLEAR.length));
      assert.ok(drawn.length > 0);
      for (const text of drawn) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
        const seen = text.replace(/\x1b\[\d*m/g, '');
        assert.ok([...seen].length < columns, `${[...seen].length} of ${columns}: ${seen}`);
        const last = text.lastIndexOf('\x1b[');
        assert.ok(last < 0 || text.startsWith('\x1b[0m', last), `the colour goes on: ${JSON.stringify(text)}`);
      }
      if (columns < 60) assert.ok(drawn.some((text) => text.includes('…')));
    }
  }),
);

test(
  'takes a terminal that does not know its width for one of 80',
  marbles((helpers) => {
    for (const columns of [undefined, 0]) {
      const stream = new FakeStream(true, columns);
      show(helpers, stream, '150ms 1 |', { totalSteps: 1000 });
      assert.ok(
        stream.written.some((text) => text.includes('step    1/1000')),
        `${columns}`,
      );
    }
  }),
);

test(
  'writes lines of others above its own',
  marbles(({ flush, scheduler }) => {
    const stream = new FakeStream(true);
    const bar = progressBar({ stream });
    bar.destination.write('before\n');
    assert.equal(stream.written, ['before\n']);
    scriptedSession('250ms 1 |').pipe(bar).subscribe();
    scheduler.schedule(() => bar.destination.write('{"level":40}\n'), 220);
    flush();
    assert.ok(stream.written.includes(`${CLEAR}{"level":40}\nstep 0  0.0/s`), JSON.stringify(stream.written));
    bar.destination.write('after\n');
    assert.is(stream.written.at(-1), 'after\n');
  }),
);

test(
  'smooths metrics and shows where they head; a step counts once, however often it is drawn',
  marbles((helpers) => {
    const stream = new FakeStream(true);
    const losses = [1, 0.5, 0.5];
    show(helpers, stream, '99ms 1 99ms 2 950ms 3 |', {
      metrics: ['loss'],
      outputs: (step) => ({ loss: losses[step - 1] as number }),
    });
    const text = stream.written.join('\n');
    assert.match(text, 'loss 1.000  ');
    // 0.7 of what was shown and 0.3 of what is new.
    assert.match(text, 'loss 0.8500 ↓');
    assert.not.match(text, 'loss 0.6715');
  }),
);

test(
  'after a recovery shows where the run goes on',
  marbles(({ flush, scheduler }) => {
    const stream = new FakeStream(true);
    scriptedSession('99ms 1 99ms 2 199ms # 99ms 4 |', {
      error: new UnavailableError('the accelerator is gone'),
      recover: { initialDelaySeconds: 0.5, jitter: 0 },
    })
      .pipe(checkpointSaver(fakeSaver({ scheduler }), { trigger: everySteps(99) }), progressBar({ stream }))
      .subscribe({ error() {} });
    flush();
    const steps = stream.written.map((text) => /step (\d+)/.exec(text)?.[1]).filter((step) => step !== undefined);
    const after = steps.slice(steps.indexOf('2'));
    assert.ok(after.includes('0') && after.lastIndexOf('2') > after.indexOf('0'), steps.join());
  }),
);

test(
  'leaves the terminal on a fresh line when the run fails or is cancelled',
  marbles(({ flush, scheduler }) => {
    const failing = new FakeStream(true);
    scriptedSession('150ms #')
      .pipe(progressBar({ stream: failing }))
      .subscribe({ error() {} });
    const cancelled = new FakeStream(true);
    const subscription = scriptedSession('150ms 1 900ms 2')
      .pipe(progressBar({ stream: cancelled }))
      .subscribe();
    scheduler.schedule(() => subscription.unsubscribe(), 320);
    flush();
    assert.is(failing.written.at(-1), '\n');
    assert.is(cancelled.written.at(-1), '\n');
  }),
);

test('refuses an interval that is none', () => {
  for (const intervalSeconds of [0, -1, Number.NaN]) {
    assert.throws(
      () => progressBar({ stream: new FakeStream(true), intervalSeconds }),
      /progressBar\(intervalSeconds\): expected a positive number/,
    );
  }
});

test(
  'says that the run is paused, and takes no pause for slowness',
  marbles(({ flush, hot }) => {
    const stream = new FakeStream(true);
    const isPaused = hot('550ms t 5s f', { t: true, f: false });
    scriptedSession('100ms 1 99ms 2 99ms 3 99ms 4 99ms 5 99ms 6 99ms 7 99ms 8 |')
      .pipe(pauseWhile(isPaused), progressBar({ stream, totalSteps: 8 }))
      .subscribe();
    flush();
    const lines = stream.written.map((text) => text.replace(CLEAR, ''));
    assert.ok(lines.filter((text) => text.includes('paused')).every((text) => text.startsWith('step 6/8')));
    assert.ok(
      lines.some((text) => text.endsWith('75%  paused')),
      lines.join('\n'),
    );
    const [, rate] = /step 8\/8 .* ([\d.]+)\/s/.exec(lines.at(-2) ?? '') ?? [];
    assert.ok(Number(rate) > 5, lines.at(-2));
  }),
);

test.run();
