import { filter, type Observable, type OperatorFunction } from 'rxjs';
import type { AnyEvent } from '../session/event.js';
import { CHECKPOINT_EVENTS, type CheckpointEvent } from './checkpoint-event.js';

const TYPES: ReadonlySet<string> = new Set(CHECKPOINT_EVENTS);

/**
 * Takes the checkpoint events out of the stream of a session: the stream that checkpoint listeners subscribe to.
 *
 *     source         b-c-B-A-s-s-B-A-e-|
 *     checkpoints()  ----B-A-----B-A---|
 */
export function checkpoints(): OperatorFunction<AnyEvent, CheckpointEvent> {
  return (source: Observable<AnyEvent>) =>
    source.pipe(filter((event): event is CheckpointEvent & AnyEvent => TYPES.has(event.type)));
}
