// A process of the resume law: takes the run of a module to a step, tells each step as it is, and, if it is told to, kills
// itself in the middle with the signal that nothing can catch. Started by `start-run.ts`.

import { lastValueFrom } from 'rxjs';
import { describeReceived } from '../../error/describe-received.js';
import { fileStore } from '../../store/file-store.js';
import type { MakeRun } from '../resume-law.js';
import type { RunMessage, RunOrder } from './run-message.js';
import { type EventView, RunRecord, type StepRecord } from './run-record.js';
import { sendable } from './sendable.js';

interface RunModule {
  readonly makeRun?: MakeRun;
  readonly view?: EventView;
}

const order = JSON.parse(process.argv[2] ?? '{}') as RunOrder;

function tell(message: RunMessage): void {
  process.send?.(message);
}

function tellOf(type: 'created' | 'step', globalStep: number, { outputs, events, tensors, json }: StepRecord): void {
  tell({
    type,
    globalStep,
    record: { outputs: sendable(outputs), events: events.map((event) => sendable(event)), tensors, json },
  });
}

async function run({ module, folder, steps, killAt }: RunOrder): Promise<void> {
  const { makeRun, view }: RunModule = await import(module);
  if (typeof makeRun !== 'function') {
    throw new TypeError(
      `resumeLawByKill(module): expected an export makeRun(store), received ${describeReceived(makeRun)}`,
    );
  }
  const record = new RunRecord(view);
  let isCreatedTold = false;
  const tellOfStart = (): void => {
    if (isCreatedTold || record.startedAt === undefined || record.start === undefined) return;
    isCreatedTold = true;
    tellOf('created', record.startedAt, record.start);
  };
  const watched = record.hook((step) => {
    const { globalStep } = step;
    tellOfStart();
    const taken = record.steps.get(globalStep);
    if (taken !== undefined) tellOf('step', globalStep, taken);
    // Told is told: the other process keeps it.
    record.steps.delete(globalStep);
    if (globalStep === killAt) process.kill(process.pid, 'SIGKILL');
    if (globalStep >= steps) step.requestStop('the resume law has seen enough');
  });
  tell({ type: 'begun' });
  await lastValueFrom(makeRun(fileStore(folder)).pipe(watched), { defaultValue: undefined });
  tellOfStart();
}

try {
  await run(order);
  tell({ type: 'ended' });
} catch (error) {
  tell({ type: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
}
process.disconnect?.();
