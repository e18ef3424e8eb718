import type { RunContext } from '../node.js';
import { options, type SpiralOptions, session } from './demo/spiral.js';
import type { Io } from './io.js';
import { type RunFlags, runLoaded } from './run.js';
import { sessionOf } from './session/load-session.js';

/** Trains a small network that is part of the package, to have something to look at; it takes a few seconds. */
export function demo(flags: RunFlags, io: Io): Promise<number> {
  const loaded = sessionOf((context) => session(context as RunContext<SpiralOptions>), 'spiral demo', options);
  return runLoaded(loaded, ['demo'], flags, io);
}
