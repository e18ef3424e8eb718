import { Session } from 'node:inspector';
import { of } from 'rxjs';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import type { CpuProfiler } from './cpu-profiler.js';

export interface InspectorCpuProfilerOptions {
  /** How often it looks where the program is. @default 200 */
  readonly samplingMicroseconds?: number | undefined;
}

const OPTIONS: OptionNames<InspectorCpuProfilerOptions> = { samplingMicroseconds: true };

/**
 * Samples this thread with V8's own profiler. Chrome's developer tools, VS Code and speedscope open what it gives.
 *
 * Starting takes some tens of milliseconds the first time, which happen before the step that is profiled.
 *
 * @throws RangeError if `samplingMicroseconds` is not above 0
 */
export function inspectorCpuProfiler(options: InspectorCpuProfilerOptions = {}): CpuProfiler {
  checkOptions('inspectorCpuProfiler(options)', options, OPTIONS);
  const { samplingMicroseconds = 200 } = options;
  if (!(samplingMicroseconds > 0)) {
    throw new RangeError(
      `inspectorCpuProfiler(samplingMicroseconds): expected a positive number, received ${describeReceived(samplingMicroseconds)}`,
    );
  }
  let session: Session | undefined;
  return {
    start() {
      session = new Session();
      session.connect();
      session.post('Profiler.enable');
      session.post('Profiler.setSamplingInterval', { interval: samplingMicroseconds });
      session.post('Profiler.start');
    },
    stop() {
      // A session within the thread that it looks at answers before `post` returns.
      let text = '';
      let failure: Error | null = null;
      session?.post('Profiler.stop', (error, result) => {
        failure = error;
        text = error === null ? JSON.stringify(result.profile) : '';
      });
      session?.disconnect();
      session = undefined;
      if (failure !== null) throw failure;
      return of(text);
    },
  };
}
