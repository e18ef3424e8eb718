import type { Observable } from 'rxjs';
import { checkMethods } from '../../error/check-methods.js';
import type { HookDefinition } from '../hook.js';

/**
 * The names of the hooks that are piped onto a session, in the order in which they act; an operator that is none is
 * `(operator)`. What stands before `share()` and its like cannot be seen.
 */
export function installedHooks(session: Observable<unknown>): readonly string[] {
  checkMethods('installedHooks(session)', 'a stream of events', session, ['pipe', 'subscribe']);
  const names: string[] = [];
  for (let stream: Observable<unknown> | undefined = session; stream !== undefined; ) {
    if (isHooked(stream)) {
      names.unshift(...stream.definitions.map(({ name }) => name));
      stream = stream.base;
    } else {
      const source: Observable<unknown> | undefined = stream.source;
      if (source !== undefined) names.unshift('(operator)');
      stream = source;
    }
  }
  return names;
}

/**
 * Says which hooks are installed, in the order in which they act, one a line.
 *
 *     trainingSession
 *       1  nanGuard
 *       2  stopAtStep
 *       3  checkpointSaver
 */
export function describeSession(session: Observable<unknown>): string {
  checkMethods('describeSession(session)', 'a stream of events', session, ['pipe', 'subscribe']);
  const names = installedHooks(session);
  const width = `${names.length}`.length;
  return ['trainingSession', ...names.map((name, i) => `  ${`${i + 1}`.padStart(width)}  ${name}`)].join('\n');
}

/** What `hook()` makes of a stream. */
interface Hooked extends Observable<unknown> {
  readonly base: Observable<unknown>;
  readonly definitions: readonly HookDefinition[];
}

function isHooked(stream: Observable<unknown>): stream is Hooked {
  return 'definitions' in stream && Array.isArray(stream.definitions) && 'base' in stream;
}
