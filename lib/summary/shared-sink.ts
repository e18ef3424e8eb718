import { StoreInUseError } from '../error/store-in-use-error.js';
import type { OpenSummarySink, SummaryFault, SummaryRun, SummarySink } from './summary-sink.js';

/**
 * Makes a sink that hooks of one run share, as several hooks write to one event file. A second run is refused as long
 * as the first has it.
 *
 * @param openNew opens what lies behind it for a run
 */
export function sharedSink(location: string, openNew: (run: SummaryRun) => OpenSummarySink): SummarySink {
  let current: Shared | undefined;
  return {
    location,
    open(run) {
      if (current !== undefined && current.run.identity !== run.identity) {
        const hint = 'another run of this process writes to it; give each run a sink of its own';
        throw new StoreInUseError(location, undefined, { hint });
      }
      const shared = (current ??= share(run, openNew, () => {
        current = undefined;
      }));
      return shared.use(run);
    },
  };
}

interface Shared {
  readonly run: SummaryRun;
  use(run: SummaryRun): OpenSummarySink;
}

function share(run: SummaryRun, openNew: (run: SummaryRun) => OpenSummarySink, onClose: () => void): Shared {
  const users = new Set<SummaryRun>([run]);
  const tellAll = (fault: SummaryFault): void => {
    for (const user of [...users]) user.onFault(fault);
  };
  const { identity, logger, scheduler } = run;
  const sink = openNew({ identity, logger, scheduler, onFault: tellAll });
  let startedAttempt = 0;

  const use = (user: SummaryRun): OpenSummarySink => {
    users.add(user);
    let isOpen = true;
    return {
      start(globalStep, attempt) {
        if (!isOpen || attempt <= startedAttempt) return;
        startedAttempt = attempt;
        sink.start(globalStep, attempt);
      },
      write: (globalStep, batch) => (isOpen ? sink.write(globalStep, batch) : undefined),
      graph: (graphDef) => (isOpen ? sink.graph(graphDef) : undefined),
      flush: () => (isOpen ? sink.flush() : undefined),
      close() {
        if (!isOpen) return;
        isOpen = false;
        if (users.size === 1) {
          onClose();
          sink.close();
        }
        users.delete(user);
      },
      get droppedValues() {
        return sink.droppedValues;
      },
    };
  };
  return { run, use };
}
