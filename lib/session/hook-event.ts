/**
 * The root of the events that hooks add to the stream of a session, such as those of a save. A class, so that nothing
 * else is taken for one.
 */
export abstract class HookEvent {
  abstract readonly type: string;
  readonly #isHookEvent = true;

  /** Whether `value` is an event that a hook added. */
  static is(value: object): value is HookEvent {
    return #isHookEvent in value && value.#isHookEvent;
  }
}
