import { ignoreElements, timer } from 'rxjs';
import type { MakeRun } from '../../../lib/testing/resume-law.js';

/** Keeps its process alive, and does nothing. */
export const makeRun: MakeRun = () => timer(0, 1000).pipe(ignoreElements());
