import type { Observable } from 'rxjs';
import type { Logger } from '../log/logger.js';
import type { AnyEvent } from '../session/event.js';
import type { RestoreSource } from '../session/restore-source.js';
import type { CheckpointStore } from '../store/checkpoint-store.js';

/**
 * What `tidemark run` gives to the function that a session module exports:
 *
 *     export const options = { steps: 2000, learningRate: 0.01 };
 *     export default ({ options, store, restore, saveRequests, signal, logger }: RunContext<typeof options>) =>
 *       trainingSession({ …, restore, signal, logger }).pipe(…);
 *
 * @typeParam Options the module's own options, with their defaults replaced by what the command line, the environment
 *   and the configuration file say
 */
export interface RunContext<Options = Readonly<Record<string, unknown>>> {
  readonly options: Options;
  /** The folder of this run, absolute. */
  readonly dir: string;
  /** What the run is called: the last part of `dir`. */
  readonly name: string;
  /** Checkpoints in `dir`. */
  readonly store: CheckpointStore;
  /** Where the state comes from, as `--resume` says; to be handed to `trainingSession`. */
  readonly restore: RestoreSource;
  /**
   * Emits when somebody asks for a save, as by the key `s`. A trigger of a saver:
   * `anyOf(everySteps(1000), () => saveRequests)`; it is honoured at the next step boundary.
   */
  readonly saveRequests: Observable<unknown>;
  /** Aborted when the run is to stop. Signals of the system are heeded without it. */
  readonly signal: AbortSignal;
  /** Writes to `dir`, so that the terminal stays readable. */
  readonly logger: Logger;
}

/** A session, or what makes one: the default export of a session module, or its export `session`. */
export type SessionExport<Options = Readonly<Record<string, unknown>>> =
  | Observable<AnyEvent>
  | ((context: RunContext<Options>) => Observable<AnyEvent> | Promise<Observable<AnyEvent>>);
