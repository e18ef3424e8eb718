import { filter, type OperatorFunction } from 'rxjs';
import { StepEvent } from './event.js';

/**
 * Lets only the step events of a session pass.
 *
 *     source    b-c-A-1-B-2-e|
 *     steps()   ------1---2--|
 *
 * @typeParam E the events of the stream
 */
export function steps<E extends { readonly type: string }>(): OperatorFunction<
  E,
  NoInfer<Extract<E, { readonly type: 'step' }>>
> {
  return filter((event): event is Extract<E, { readonly type: 'step' }> => event instanceof StepEvent);
}
