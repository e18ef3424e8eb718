import { defer, lastValueFrom, of } from 'rxjs';
import {
  CheckpointExistsError,
  type CheckpointStore,
  CodedError,
  findCheckpoints,
  type Hook,
  hook,
  type Logger,
  latestFrom,
  type RestoreSource,
  safetensors,
  tensorBundle,
} from '../../index.js';
import type { ResumePolicy } from './resume-words.js';

/** The restore source that a session is given. @throws CodedError if the folder does not fit the policy */
export async function restoreSourceFor(
  store: CheckpointStore,
  policy: ResumePolicy,
  logger: Logger,
): Promise<RestoreSource> {
  const found = await lastValueFrom(findCheckpoints(store, [tensorBundle(), safetensors()]));
  const newest = found.at(-1);
  if (policy === 'must' && newest === undefined) throw new NothingToResumeError(store.location);
  if (policy === 'never') {
    if (newest !== undefined) {
      throw new CheckpointExistsError(newest.prefix, store.location, {
        hint: 'take another --dir, go on with this run by --resume allow, or delete it by --overwrite',
      });
    }
    return { load: () => defer(() => of(undefined)) };
  }
  return latestFrom(store, { logger });
}

/** Holds a session to the policy, wherever it restores from. */
export function demandResumed(policy: ResumePolicy, location: string): Hook {
  return hook('resumePolicy', () => ({
    sessionCreated: (event) => {
      if (event.attempt > 1) return;
      if (policy === 'must' && event.restored === undefined) event.fail(new NothingToResumeError(location));
      if (policy === 'never' && event.restored !== undefined) {
        event.fail(
          new CheckpointExistsError(event.restored.prefix, location, {
            hint: 'the session restores by itself: hand it the `restore` of its context, or leave out --resume never',
          }),
        );
      }
    },
  }));
}

class NothingToResumeError extends CodedError {
  readonly code = 'NO_VALID_CHECKPOINT';

  constructor(location: string) {
    super(`--resume must: there is no checkpoint in ${location}`, {
      hint: 'leave out --resume must to start afresh, or name another --dir',
    });
  }
}
