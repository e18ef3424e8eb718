/** Put in, so that nobody takes the text's imports for this module's. */
const PACKAGE = `'tidemark'`;
const NODE_ENTRY = `'tidemark/node'`;

/** What `tidemark init` writes beside the module. */
export const starterConfig = `${JSON.stringify({ options: { steps: 2000 } }, undefined, 2)}\n`;

/**
 * A session module that needs nothing but Tidemark: it fits a line, in plain arrays, with a state that checkpoints hold
 * exactly.
 */
export function starterModule(isTypeScript: boolean): string {
  const typed = (text: string): string => (isTypeScript ? text : '');
  return `// Fits y = 3x - 1 from noisy points. Kill it whenever you like: \`npx tidemark resume <run>\` goes on where it was.

import {
  anyOf,
  checkpointSaver,
  everySteps,
  keepLatest,
  makeTensor,
  nanGuard,
  random,
  stopAtStep,
  storeSaver,
  trainingSession,
} from ${PACKAGE};
${typed(`import type { PartState } from ${PACKAGE};
import type { RunContext } from ${NODE_ENTRY};
`)}
// Defaults; \`--set learningRate=0.1\` or TIDEMARK_LEARNING_RATE=0.1 change them.
export const options = { steps: 1000, learningRate: 0.05, seed: 1, saveSteps: 200 };

/** What training changes: a part of the state says what is to be saved, and takes it back. */
class Line {
  weights = new Float32Array(2);

  train(x${typed(': number')}, y${typed(': number')}, learningRate${typed(': number')}) {
    const [slope = 0, offset = 0] = this.weights;
    const error = slope * x + offset - y;
    this.weights.set([slope - learningRate * error * x, offset - learningRate * error]);
    return { loss: error * error };
  }

  capture()${typed(': PartState')} {
    return { tensors: new Map([['weights', makeTensor('float32', [2], this.weights)]]) };
  }

  restore({ tensors }${typed(': PartState')}) {
    const saved = tensors.get('weights');
    if (saved !== undefined && saved.dtype === 'float32') new Uint8Array(this.weights.buffer).set(saved.bytes);
  }
}

export default ({ options, store, restore, saveRequests, signal, logger }${typed(': RunContext<typeof options>')}) =>
  trainingSession({
    // The generator is a part of the state, too: a resumed run draws the numbers that were to come.
    scaffold: { create: () => ({ line: new Line(), noise: random(options.seed) }) },
    step: ({ state: { line, noise } }) => {
      const x = noise.normal();
      return line.train(x, 3 * x - 1 + 0.1 * noise.normal(), options.learningRate);
    },
    restore,
    signal,
    logger,
  }).pipe(
    nanGuard('loss'),
    stopAtStep({ lastStep: options.steps }),
    checkpointSaver(storeSaver(store, { retention: keepLatest(3) }), {
      // And when the key \`s\` is pressed.
      trigger: anyOf(everySteps(options.saveSteps), () => saveRequests),
    }),
  );
`;
}
