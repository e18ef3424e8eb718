import { timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { type Hook, hook } from '../../lib/hook/hook.js';
import type { StopDecisionEvent } from '../../lib/hook/stop/stop-decision-event.js';
import { type StopSignal, stopOnSignals } from '../../lib/hook/stop-on-signals.js';
import type { AnyEvent } from '../../lib/session/event.js';
import { fakeBackground } from '../../lib/testing/fake-background.js';
import { fakeSaver } from '../../lib/testing/fake-saver.js';
import { hookLaws } from '../../lib/testing/hook-laws.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { type Logged, logged } from './logged.js';

const test = suite('stopOnSignals');

/** A process that can be signalled, and that notes its end instead of ending. */
class FakeProcess {
  exitCode: number | undefined;
  readonly exits: number[] = [];
  readonly #listeners = new Map<StopSignal, Set<(signal: StopSignal) => void>>();

  on(signal: StopSignal, listener: (signal: StopSignal) => void): void {
    this.#listeners.set(signal, (this.#listeners.get(signal) ?? new Set()).add(listener));
  }

  off(signal: StopSignal, listener: (signal: StopSignal) => void): void {
    this.#listeners.get(signal)?.delete(listener);
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  send(signal: StopSignal): void {
    for (const listener of this.#listeners.get(signal) ?? []) listener(signal);
  }

  get listening(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

hookLaws({ test, factory: () => stopOnSignals({ process: new FakeProcess() }) });
hookLaws({ test, factory: () => stopOnSignals({ process: new FakeProcess(), graceSeconds: 10 }) });

const LETTERS: Readonly<Record<string, string>> = {
  end: 'e',
  beforeSave: 'B',
  snapshotTaken: 'T',
  afterSave: 'A',
  saveSkipped: 'X',
  step: '',
};

interface Heard {
  readonly process: FakeProcess;
  readonly log: Logged;
  /** Steps and saves with the time at which they came; decisions with what was left. */
  readonly words: string[];
  readonly decisions: StopDecisionEvent[];
}

function hear(
  { scheduler, flush }: MarbleHelpers,
  script: string,
  saver: Hook<never>,
  { graceSeconds, signals }: { readonly graceSeconds?: number; readonly signals: Readonly<Record<number, StopSignal>> },
): Heard {
  const process = new FakeProcess();
  const log = logged();
  const words: string[] = [];
  const decisions: StopDecisionEvent[] = [];
  const subscription = scriptedSession(script, { logger: log })
    .pipe(saver, stopOnSignals({ process, graceSeconds }))
    .subscribe({
      next: (event: AnyEvent) => {
        const letter = LETTERS[event.type];
        if (letter !== undefined && 'globalStep' in event)
          words.push(`${letter}${event.globalStep}@${scheduler.now()}`);
        if (event.type !== 'stopDecision') return;
        const decided = event as StopDecisionEvent;
        decisions.push(decided);
        words.push(`${decided.decision}@${scheduler.now()}`);
        // As a process that is gone.
        if (decided.decision === 'exit') timer(0, scheduler).subscribe(() => subscription.unsubscribe());
      },
      complete: () => words.push('|'),
    });
  for (const [at, signal] of Object.entries(signals))
    timer(Number(at), scheduler).subscribe(() => process.send(signal));
  flush();
  return { process, log, words, decisions };
}

const said = ({ words }: Heard): string => words.join(' ');
/** Saves at the creation and at the end, each of which takes so long. */
const saving = (latencyMs: number, { scheduler }: MarbleHelpers): Hook<never> =>
  checkpointSaver(fakeSaver({ latencyMs, scheduler }), { trigger: everySteps(1000) }) as unknown as Hook<never>;

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  test(
    `${signal} finishes the step, saves and leaves ${code}`,
    marbles((helpers) => {
      const heard = hear(helpers, '-1-2-3-4-|', saving(0, helpers), { signals: { 4: signal } });
      assert.is(said(heard), 'B0@0 A0@0 1@1 2@3 3@5 e3@5 B3@5 A3@5 |');
      assert.equal([heard.process.exitCode, heard.process.exits, heard.process.listening], [code, [], 0]);
    }),
  );
}

test(
  'a second signal ends the process at once, with its own code',
  marbles((helpers) => {
    const { process } = hear(helpers, '-1-2-----3', saving(0, helpers), { signals: { 4: 'SIGTERM', 6: 'SIGINT' } });
    assert.equal(process.exits, [130]);
  }),
);

test(
  'saves the last step where the grace is long enough',
  marbles((helpers) => {
    const heard = hear(helpers, '10ms 1 9ms 2 9ms 3', saving(100, helpers), {
      graceSeconds: 0.2,
      signals: { 115: 'SIGTERM' },
    });
    assert.is(said(heard), 'B0@0 A0@100 1@110 save@115 2@120 e2@120 B2@120 A2@220 |');
    const [decision] = heard.decisions;
    assert.equal([decision?.remainingSeconds, decision?.saveSeconds, decision?.lastSaved], [0.2, 0.125, 'fake-0']);
    assert.equal(heard.log.lines, ['info: SIGTERM: 0.2 s left, a save may take 0.1 s: the last step will be saved']);
    assert.equal([heard.process.exitCode, heard.process.exits], [143, []]);
  }),
);

test(
  'leaves the last good checkpoint where a save would take too long',
  marbles((helpers) => {
    const heard = hear(helpers, '10ms 1 9ms 2 9ms 3', saving(100, helpers), {
      graceSeconds: 0.12,
      signals: { 115: 'SIGTERM' },
    });
    assert.is(said(heard), 'B0@0 A0@100 1@110 keepLast@115 2@120 e2@120 B2@120 X2@120 |');
    assert.equal([heard.process.exitCode, heard.process.exits], [143, []]);
    assert.match(heard.log.lines[0] ?? '', 'there is no time for a save');
  }),
);

test(
  'decides anew when the last step has taken what was left',
  marbles((helpers) => {
    const heard = hear(helpers, '10ms 1 149ms 2', saving(100, helpers), {
      graceSeconds: 0.2,
      signals: { 111: 'SIGTERM' },
    });
    assert.is(said(heard), 'B0@0 A0@100 1@110 save@111 2@260 e2@260 keepLast@260 B2@260 X2@260 |');
    assert.is(heard.decisions[1]?.remainingSeconds.toFixed(3), '0.051');
  }),
);

test(
  'has the last step saved where nothing was measured',
  marbles((helpers) => {
    const none = hook('none', () => ({})) as unknown as Hook<never>;
    const heard = hear(helpers, '-1-2-3', none, { graceSeconds: 1, signals: { 2: 'SIGTERM' } });
    assert.is(said(heard), '1@1 save@2 2@3 e2@3 |');
    assert.is(heard.decisions[0]?.saveSeconds, undefined);
    assert.match(heard.log.lines[0] ?? '', 'a save may take an unknown time: the last step will be saved');
  }),
);

test(
  'ends the process when the grace is over, and names the last good checkpoint',
  marbles((helpers) => {
    const heard = hear(helpers, '10ms 1 9s 2', saving(100, helpers), { graceSeconds: 1, signals: { 200: 'SIGTERM' } });
    assert.is(said(heard), 'B0@0 A0@100 1@110 save@200 exit@1200');
    assert.equal(heard.process.exits, [143]);
    assert.is(heard.decisions[1]?.lastSaved, 'fake-0');
    assert.is(
      heard.log.lines[1],
      'warn: SIGTERM: the grace of 1 s is over, the process ends; the last good checkpoint is fake-0',
    );
  }),
);

test(
  'finishes what is saved in the background, and begins no other, where there is time for one only',
  marbles((helpers) => {
    const saver = asyncCheckpointSaver(fakeBackground({ write: () => timer(100, helpers.scheduler) }), {
      trigger: everySteps(2),
    }) as unknown as Hook<never>;
    // Saves of 0 and 2 take 100 ms each; the signal comes at 230, when that of 4 goes on.
    const heard = hear(helpers, '100ms 1 9ms 2 99ms 3 9ms 4 9ms 5 9ms 6', saver, {
      graceSeconds: 0.15,
      signals: { 235: 'SIGTERM' },
    });
    const text = said(heard);
    assert.match(text, / finishRunning@235 /);
    assert.match(text, / A4@\d+ /);
    assert.not.match(text, /A5|T5/);
    assert.equal([heard.process.exitCode, heard.process.exits], [143, []]);
  }),
);

test('refuses what it does not know', () => {
  const process = new FakeProcess();
  assert.throws(() => stopOnSignals({ process, signals: ['SIGHUP' as StopSignal] }), /expected SIGINT or SIGTERM/);
  for (const graceSeconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(
      () => stopOnSignals({ process, graceSeconds }),
      /^stopOnSignals\(graceSeconds\): expected seconds above 0/,
    );
  }
});

test.run();
