import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '../store/temporary-folder.js';

const LIB = new URL('../../lib/', import.meta.url);

/** A folder with modules in it, by name. `TIDEMARK` in a text stands for the core entry. */
export function folderWith(files: Readonly<Record<string, string>>): { readonly path: string; dispose(): void } {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(
      join(folder.path, name),
      text.replaceAll('TIDEMARK', pathToFileURL(join(LIB.pathname, 'index.ts')).href),
    );
  }
  return folder;
}

/** A session that counts in its state, and whose loss is one over the steps. */
export const COUNTER = `
import { checkpointSaver, everySteps, makeTensor, nanGuard, stopAtStep, storeSaver, trainingSession } from 'TIDEMARK';
export const options = { steps: 6, rate: 0.5, name: 'plain', isFast: false, net: { hidden: 8 } };
export default ({ options, store, restore, signal, logger }) => {
  const count = Float64Array.of(0);
  const part = {
    capture: () => ({ tensors: new Map([['count', makeTensor('float64', [], count)]]) }),
    restore: ({ tensors }) => { new Uint8Array(count.buffer).set(tensors.get('count').bytes); },
  };
  return trainingSession({
    scaffold: { create: () => { count[0] = 0; return { part }; } },
    step: () => { count[0] += options.rate; return { loss: 1 / count[0] }; },
    restore, signal, logger,
  }).pipe(
    nanGuard('loss'),
    stopAtStep({ lastStep: options.steps }),
    checkpointSaver(storeSaver(store), { trigger: everySteps(2) }),
  );
};
`;
