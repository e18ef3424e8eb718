import type { ObservableInput } from 'rxjs';
import type { Checkpointable } from './checkpointable.js';

/**
 * The state of a session: its parts by name. Everything that training changes and that a resumed run needs is in here.
 * Part names are what tensors in a checkpoint begin with.
 */
export type SessionState = Readonly<Record<string, Checkpointable>>;

/** Makes the state of a run, and lets go of it. */
export interface Scaffold<S extends SessionState> {
  /** A fresh state, as if nothing had ever been trained; called at the start and at every recovery. */
  create(): S | ObservableInput<S>;
  /** Frees what `create` took: memory, files, devices. Called once for each state, however the run ended. */
  dispose?(state: S): void | ObservableInput<unknown>;
}
