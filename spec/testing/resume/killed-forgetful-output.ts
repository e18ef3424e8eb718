import { runThatForgets } from './killed-run.js';

export const makeRun = runThatForgets('the output');
