import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { SIGNAL_EXIT_CODES, type StopSignal, stopOnSignals } from '../../lib/hook/stop-on-signals.js';
import type { AnyEvent } from '../../lib/session/event.js';
import { fakeSaver } from '../../lib/testing/fake-saver.js';
import { hookLaws } from '../../lib/testing/hook-laws.js';
import { marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { never } from '../../lib/trigger/never.js';

const test = suite('stopOnSignals');

/** A process that is only told of. */
class FakeProcess {
  exitCode: number | undefined;
  readonly exits: number[] = [];
  readonly listeners: [StopSignal, (signal: StopSignal) => void][] = [];

  on(signal: StopSignal, listener: (signal: StopSignal) => void): void {
    this.listeners.push([signal, listener]);
  }

  off(signal: StopSignal, listener: (signal: StopSignal) => void): void {
    const index = this.listeners.findIndex(([name, other]) => name === signal && other === listener);
    if (index >= 0) this.listeners.splice(index, 1);
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  send(signal: StopSignal): void {
    for (const [name, listener] of [...this.listeners]) if (name === signal) listener(signal);
  }
}

hookLaws({ test, factory: () => stopOnSignals({ process: new FakeProcess() }) });

for (const [signal, code] of Object.entries(SIGNAL_EXIT_CODES) as [StopSignal, number][]) {
  test(
    `${signal}: the step under way is finished, the end comes, the last step is saved, the exit code is ${code}`,
    marbles(({ scheduler, flush }) => {
      const process = new FakeProcess();
      const saver = fakeSaver();
      const heard: string[] = [];
      const said: string[] = [];
      scriptedSession('-1---2---3---4---|')
        .pipe(
          stopOnSignals({ process, onStop: (received) => said.push(`${received}@${scheduler.now()}`) }),
          checkpointSaver(saver, { trigger: never() }),
        )
        .subscribe({
          next: (event: AnyEvent) => {
            if (event.type === 'step') heard.push(`step@${scheduler.now()}`);
            if (event.type === 'end') heard.push(`end by ${(event as { reason?: string }).reason}@${scheduler.now()}`);
          },
          complete: () => heard.push('complete'),
        });
      scheduler.schedule(() => process.send(signal), 3);
      flush();
      assert.equal(heard, ['step@1', 'step@5', `end by ${signal}@5`, 'complete']);
      assert.equal(said, [`${signal}@3`]);
      assert.equal(
        saver.saved.map(({ globalStep }) => globalStep),
        [0, 2],
      );
      assert.equal([process.exitCode, process.exits, process.listeners], [code, [], []]);
    }),
  );
}

test(
  'a second signal, of either kind, ends the process at once',
  marbles(({ scheduler, flush }) => {
    const process = new FakeProcess();
    scriptedSession('-1---2---|').pipe(stopOnSignals({ process })).subscribe();
    scheduler.schedule(() => process.send('SIGINT'), 2);
    scheduler.schedule(() => process.send('SIGTERM'), 3);
    flush();
    assert.equal([process.exitCode, process.exits], [130, [143]]);
  }),
);

test(
  'listens only while a run is on, and to each run anew',
  marbles(({ flush }) => {
    const process = new FakeProcess();
    const session = scriptedSession('-1-|').pipe(stopOnSignals({ process }));
    assert.is(process.listeners.length, 0, 'before');
    for (let run = 0; run < 3; run++) session.subscribe();
    const cancelled = session.subscribe();
    cancelled.unsubscribe();
    flush();
    assert.equal([process.listeners, process.exitCode], [[], undefined]);
    const failing = scriptedSession('-#').pipe(stopOnSignals({ process }));
    failing.subscribe({ error() {} });
    flush();
    assert.equal(process.listeners, []);
  }),
);

test(
  'listens to the signals that it is given, and to no others',
  marbles(({ scheduler, flush }) => {
    const process = new FakeProcess();
    const steps: number[] = [];
    scriptedSession('-1---2---|')
      .pipe(stopOnSignals({ process, signals: ['SIGTERM'] }))
      .subscribe((event) => event.type === 'step' && steps.push(event.globalStep));
    scheduler.schedule(() => process.send('SIGINT'), 2);
    flush();
    assert.equal([steps, process.exitCode], [[1, 2], undefined]);
  }),
);

test(
  'stops the run even if who is told of it fails',
  marbles(({ scheduler, flush }) => {
    const process = new FakeProcess();
    const steps: number[] = [];
    const onStop = (): never => {
      throw new Error('the terminal is gone');
    };
    scriptedSession('-1---2---3---|')
      .pipe(stopOnSignals({ process, onStop }))
      .subscribe((event) => event.type === 'step' && steps.push(event.globalStep));
    scheduler.schedule(() => assert.throws(() => process.send('SIGINT'), 'the terminal is gone'), 3);
    flush();
    assert.equal(steps, [1, 2]);
  }),
);

test('refuses other signals', () => {
  for (const signal of ['SIGKILL', 'constructor', 'toString']) {
    assert.throws(
      () => stopOnSignals({ process: new FakeProcess(), signals: [signal as never] }),
      new RegExp(`expected SIGINT or SIGTERM, received "${signal}"`),
    );
  }
});

test.run();
