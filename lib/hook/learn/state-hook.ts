import type { Observable } from 'rxjs';
import type { SessionEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';

/** A hook that needs the state of the session to be (at least) an `S`. */
export type StateHook<S, Own extends HookEvent = never, O = unknown> = <E extends SessionEvent<S, O> | HookEvent>(
  source: Observable<E>,
) => Observable<E | Own>;
