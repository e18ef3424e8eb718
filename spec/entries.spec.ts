// The public face: what each entry exports, and that the core runs where there is no Node.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const lib = fileURLToPath(new URL('../lib', import.meta.url));
const test = suite('entries');

async function bundle(contents: string): Promise<{ readonly code: string; readonly inputs: readonly string[] }> {
  const result = await build({
    stdin: { contents, resolveDir: lib, loader: 'ts' },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'bundled',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { code: result.outputFiles[0]?.text ?? '', inputs: Object.keys(result.metafile.inputs) };
}

test('the core bundles for the browser, with nothing of Node', async () => {
  const { code, inputs } = await bundle(`export * from './index.js';`);
  assert.ok(code.length > 10_000);
  assert.equal(
    inputs.filter((input) => input.includes('node:') || /node-(file-system|process)/.test(input)),
    [],
  );
});

test('the formats bundle for the browser', async () => {
  const { inputs } = await bundle(`export * from './format/index.js';`);
  assert.equal(
    inputs.filter((input) => /rxjs|node:/.test(input)),
    [],
  );
});

test('a bundled session trains and saves where there is no Node', async () => {
  const { code } = await bundle(`
    import { checkpointSaver, everySteps, makeTensor, memoryStore, storeSaver, silentLogger, trainingSession } from './index.js';
    const data = new Float32Array(3);
    const weights = { capture: () => ({ tensors: new Map([['w', makeTensor('float32', [3], data)]]) }), restore() {} };
    export const seen: string[] = [];
    export const done = new Promise((resolve, reject) => trainingSession({
      scaffold: { create: () => ({ weights }) },
      input: [1, 2, 3, 4],
      step: ({ batch }) => { data[0] = batch; },
      logger: silentLogger,
    }).pipe(checkpointSaver(storeSaver(memoryStore()), { trigger: everySteps(2) })).subscribe({
      next: (event) => seen.push(event.type), error: reject, complete: () => resolve(seen),
    }));
  `);
  // What a browser's worker has, and nothing else.
  const context = createContext({
    performance,
    setTimeout,
    clearTimeout,
    MessageChannel,
    TextEncoder,
    TextDecoder,
    AbortController,
    queueMicrotask,
    console,
    crypto,
  });
  const seen = await runInContext(`${code}; bundled.done`, context, { timeout: 5000 });
  assert.equal(
    [...seen],
    [
      'begin',
      'sessionCreated',
      'beforeSave',
      'afterSave',
      'beforeStep',
      'step',
      'beforeStep',
      'step',
      'beforeSave',
      'afterSave',
      'beforeStep',
      'step',
      'beforeStep',
      'step',
      'beforeSave',
      'afterSave',
      'end',
    ],
  );
});

test('one trigger costs a browser little', async () => {
  const { code } = await bundle(`export { everySteps } from './index.js';`);
  assert.ok(code.length < 20_000, `${code.length} bytes`);
});

test('the node entry has what needs Node', async () => {
  const node = await import(join(lib, 'node.js'));
  for (const name of ['fileStore', 'stopOnSignals', 'hashCheckpoint']) assert.type(node[name], 'function', name);
});

test.run();
