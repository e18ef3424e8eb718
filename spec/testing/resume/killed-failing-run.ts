import { throwError } from 'rxjs';
import type { MakeRun } from '../../../lib/testing/resume-law.js';

export const makeRun: MakeRun = () => throwError(() => new Error('out of luck'));
