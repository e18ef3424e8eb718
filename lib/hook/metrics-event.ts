import { HookEvent } from '../session/hook-event.js';

/**
 * What a hook measured at a step: an evaluation, memory in use. A saver that stands after the hook enters it into the
 * checkpoint of that step, and a summary saver draws it, each number as `<source>/<name>`.
 */
export class MetricsEvent extends HookEvent {
  readonly type = 'metrics';

  /**
   * @param source who measured, e.g. `validation`
   * @param metrics by name, e.g. `accuracy`
   */
  constructor(
    readonly source: string,
    readonly globalStep: number,
    readonly metrics: ReadonlyMap<string, number>,
  ) {
    super();
  }
}
