import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, NEVER, type Observable, of, tap } from 'rxjs';
import {
  type AnyEvent,
  checkpointFrom,
  checkpointSaver,
  hook,
  never,
  type RestoreSource,
  readCheckpoint,
  type StateSnapshot,
  silentLogger,
  stopAtStep,
  storeSaver,
} from '../../index.js';
import { fileStore, type RunContext } from '../../node.js';
import { compareTensors } from '../diff/compare-tensors.js';
import type { Io } from '../io.js';
import { UsageError } from '../usage-error.js';
import { versionOfPackage } from '../version.js';
import { jsonLine } from './event-line.js';
import type { LoadedSession } from './load-session.js';
import type { OptionTree } from './run-options.js';

const STEPS = 2;
const NOTHING: RestoreSource = { load: () => of(undefined) };

/**
 * Tries a session out in a folder of its own that is removed afterwards: two steps, a save, a restore into a second
 * session, and a comparison of its state with what was saved.
 *
 * @returns 0 if they are the same bit for bit, else 1
 */
export async function dryRun(
  session: LoadedSession,
  options: OptionTree,
  { name, isJson }: { readonly name: string; readonly isJson: boolean },
  io: Io,
): Promise<number> {
  io.err(`tidemark ${versionOfPackage()}  dry run of ${session.shownAs}\n`);
  if (!session.takesContext) {
    throw new UsageError(
      `${session.shownAs}: a dry run needs a folder of its own, but the session is an observable that has one already`,
      'export a function of the context:  export default ({ store, restore }) => trainingSession({ … })',
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-dry-run-'));
  try {
    const own = fileStore(join(folder, 'saved'));
    const contextOf = (part: string, restore: RestoreSource): RunContext => {
      const dir = join(folder, part);
      const signal = new AbortController().signal;
      const store = fileStore(dir);
      return { options, dir, name, store, restore, saveRequests: NEVER, signal, logger: silentLogger };
    };

    let prefix = '';
    let steps = 0;
    const first = await session.open(contextOf('first', NOTHING));
    await done(
      first.pipe(
        stopAtStep({ numSteps: STEPS }),
        checkpointSaver(storeSaver(own), { trigger: never() }),
        tap((event) => {
          if (event.type === 'step') steps++;
          if (event.type === 'afterSave' && 'checkpoint' in event)
            prefix = (event.checkpoint as { prefix: string }).prefix;
        }),
      ),
    );
    io.err(`  steps    ${steps} taken\n  save     ${prefix}\n`);

    const saved = await snapshotOf(own, prefix);
    let restored: StateSnapshot | undefined;
    let from: string | undefined;
    const second = await session.open(contextOf('second', checkpointFrom(own, prefix)));
    await done(
      second.pipe(
        hook('dryRun', () => ({
          sessionCreated: (event) => {
            from = event.restored?.prefix;
            event.requestStop('the dry run has seen enough');
            event.waitUntil(event.captureState().pipe(tap((snapshot) => (restored = copyOf(snapshot)))));
          },
        })),
      ),
    );
    if (from === undefined || restored === undefined) {
      io.err(`error  ${session.shownAs} does not restore: a run that is killed would begin again at step 0\n`);
      io.err('fix    hand the `restore` of the context to trainingSession\n');
      return 1;
    }
    io.err(`  restore  ${from}\n`);
    const differences = compareTensors(saved.tensors, restored.tensors).filter(({ verdict }) => verdict !== 'equal');
    const isSameJson = JSON.stringify(saved.json) === JSON.stringify(restored.json);
    for (const { name: tensor, text } of differences) io.err(`  differs  ${tensor}: ${text}\n`);
    if (!isSameJson) io.err('  differs  the state that is not tensors\n');
    if (differences.length > 0 || !isSameJson) {
      const names = differences.map(({ name: tensor }) => tensor);
      if (isJson) io.out(jsonLine({ kind: 'dryRun', same: false, steps, tensors: saved.tensors.size, differs: names }));
      io.err('error  the restored state is not the saved one: a resumed run would go another way\n');
      return 1;
    }
    if (isJson) io.out(jsonLine({ kind: 'dryRun', same: true, steps, tensors: saved.tensors.size }));
    io.err(`  compare  ${saved.tensors.size} tensors and the rest of the state are the same, bit for bit\n`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function done(run: Observable<AnyEvent>): Promise<unknown> {
  return lastValueFrom(run, { defaultValue: undefined });
}

async function snapshotOf(store: Parameters<typeof readCheckpoint>[0], prefix: string): Promise<StateSnapshot> {
  const checkpoint = await lastValueFrom(readCheckpoint(store, prefix));
  try {
    return copyOf(checkpoint.snapshot());
  } finally {
    checkpoint.close();
  }
}

/** A snapshot may hold views of live memory. */
function copyOf({ globalStep, tensors, json }: StateSnapshot): StateSnapshot {
  const copies = [...tensors].map(
    ([name, tensor]) =>
      [name, tensor.dtype === 'string' ? tensor : { ...tensor, bytes: new Uint8Array(tensor.bytes) }] as const,
  );
  return { globalStep, tensors: new Map(copies), json: structuredClone(json) };
}
