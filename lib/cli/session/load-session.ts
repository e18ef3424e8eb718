import { basename } from 'node:path';
import { isObservable, type Observable } from 'rxjs';
import type { AnyEvent } from '../../index.js';
import type { RunContext, SessionExport } from '../../node.js';
import { closestName } from '../../node.js';
import { placeOf } from '../place-of.js';
import { UsageError } from '../usage-error.js';
import { importModule } from './import-module.js';
import type { OptionTree } from './run-options.js';

/** A session that can be run: what a module exports. */
export interface LoadedSession {
  /** For messages, e.g. `train.ts`. */
  readonly shownAs: string;
  /** The module's options with their defaults; `undefined` if it declares none. */
  readonly defaults: OptionTree | undefined;
  /** Whether it takes a context, and so a folder, options and a restore source. */
  readonly takesContext: boolean;
  open(context: RunContext): Promise<Observable<AnyEvent>>;
}

/**
 * Loads the session of a module.
 *
 * @throws UsageError if it has none
 */
export async function loadSession(path: string, shownAs: string): Promise<LoadedSession> {
  const exports = await importModule(path, shownAs);
  const found = exports['default'] ?? exports['session'];
  if (typeof found !== 'function' && !isObservable(found)) throw noSession(shownAs, Object.keys(exports), found);
  const defaults = exports['options'];
  if (defaults !== undefined && (typeof defaults !== 'object' || defaults === null || Array.isArray(defaults))) {
    throw new UsageError(`${shownAs}: its export "options" is ${typeof defaults}, expected an object of defaults`);
  }
  return sessionOf(found as SessionExport, shownAs, defaults as OptionTree | undefined);
}

/** A session that is there already. */
export function sessionOf(session: SessionExport, shownAs: string, defaults: OptionTree | undefined): LoadedSession {
  return {
    shownAs,
    defaults,
    takesContext: typeof session === 'function',
    open: async (context) => {
      const opened: unknown = typeof session === 'function' ? await opening(session, context, shownAs) : session;
      if (!isObservable(opened)) {
        throw new UsageError(
          `${shownAs}: its session function returned ${opened === undefined ? 'nothing' : typeof opened}, expected an observable`,
          'return trainingSession({ … }).pipe(…)',
        );
      }
      return opened as Observable<AnyEvent>;
    },
  };
}

async function opening(
  session: Exclude<SessionExport, Observable<unknown>>,
  context: RunContext,
  shownAs: string,
): Promise<unknown> {
  try {
    return await session(context);
  } catch (error) {
    // What RxJS says of it, and no more.
    if (!(error instanceof TypeError && error.message === 'fn is not a function')) throw error;
    throw new UsageError(
      `${shownAs}: what is piped is no hook: expected a function (${placeOf(error) ?? 'in its pipe'})`,
      'pipe what a hook returns, e.g. nanGuard("loss"); not undefined, a class or a promise',
      { cause: error },
    );
  }
}

function noSession(shownAs: string, names: readonly string[], found: unknown): UsageError {
  const near = closestName(
    'session',
    names.filter((name) => name !== 'options'),
  );
  const what =
    found !== undefined
      ? `exports as its session ${found === null ? 'null' : `a ${typeof found}`}`
      : names.length === 0
        ? 'exports nothing'
        : `exports ${names.join(', ')}`;
  return new UsageError(
    `${shownAs} ${what}, and no session${near === undefined ? '' : `: did you mean "session" by "${near}"?`}`,
    `export one, as a function of its context or as an observable:

         // ${basename(shownAs)}
         export const options = { steps: 1000 };
         export default ({ options, store, restore, logger }) =>
           trainingSession({ scaffold, step, restore, logger }).pipe(
             stopAtStep({ lastStep: options.steps }),
             checkpointSaver(storeSaver(store)),
           );

         tidemark init  writes a module that works`,
  );
}
