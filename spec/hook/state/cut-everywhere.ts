import { lastValueFrom, type Observable, tap } from 'rxjs';
import * as assert from 'uvu/assert';
import { checkpointFrom } from '../../../lib/checkpoint/latest-from.js';
import { keepAll } from '../../../lib/checkpoint/retention/keep-all.js';
import { storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import type { AnyEvent } from '../../../lib/session/event.js';
import { HookEvent } from '../../../lib/session/hook-event.js';
import type { RestoreSource } from '../../../lib/session/restore-source.js';
import { memoryStore } from '../../../lib/store/memory-store.js';
import type { StateSnapshot } from '../../../lib/tensor/state-snapshot.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';

/** Every byte of a state, as text. */
export function textOf({ globalStep, tensors, json }: StateSnapshot): string {
  const lines = [...tensors].map(([name, tensor]) => {
    const bytes = 'bytes' in tensor ? Buffer.from(tensor.bytes).toString('hex') : tensor.values.join();
    return `${name} ${tensor.dtype}[${tensor.shape}] ${bytes}`;
  });
  return [`step ${globalStep}`, ...lines.sort(), JSON.stringify(json)].join('\n');
}

interface Told {
  readonly final: string;
  /** What hooks said, by the step at which they said it. */
  readonly said: readonly (readonly [step: number, text: string])[];
}

/**
 * Runs a session to its end, then again from every checkpoint on, and asks that all that is told after the cut, and
 * every byte at the end, is the same.
 *
 * @param session a fresh session with the hooks that are tried
 */
export async function cutEverywhere(session: (restore?: RestoreSource) => Observable<AnyEvent>): Promise<void> {
  const store = memoryStore();
  const steps: number[] = [];
  const whole = await follow(
    session().pipe(
      checkpointSaver(storeSaver(store, { retention: keepAll() }), { trigger: everySteps(1) }),
      tap((event) => event.type === 'afterSave' && 'globalStep' in event && steps.push(Number(event.globalStep))),
    ),
  );
  assert.ok(steps.length > 2, 'there were checkpoints');
  for (const step of steps.slice(0, -1)) {
    const resumed = await follow(session(checkpointFrom(store, `model.ckpt-${step}`)));
    assert.is(resumed.final, whole.final, `the end of a run that was cut at ${step}`);
    const later = whole.said.filter(([at]) => at > step);
    assert.equal(
      resumed.said.filter(([at]) => at > step),
      later,
      `what is said after a cut at ${step}`,
    );
  }
}

async function follow(session: Observable<AnyEvent>): Promise<Told> {
  const said: [number, string][] = [];
  let final = '';
  await lastValueFrom(
    session.pipe(
      tap((event) => {
        if (event.type === 'end' && !(event instanceof HookEvent)) {
          event.waitUntil(event.captureState().pipe(tap((snapshot) => (final = textOf(snapshot)))));
        } else if (event instanceof HookEvent && 'metrics' in event && 'globalStep' in event) {
          said.push([Number(event.globalStep), JSON.stringify([...(event.metrics as Map<string, number>)])]);
        }
      }),
    ),
  );
  assert.ok(final !== '', 'the run has ended');
  return { final, said };
}
