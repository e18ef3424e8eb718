import { bytesSource } from '../../lib/format/byte-source.js';
import { type ReadRunOptions, readRun } from '../../lib/format/event/view/read-run.js';
import type { RunView } from '../../lib/format/event/view/run-view.js';
import { tensorValues } from '../../lib/tensor/tensor-values.js';

/** What TensorBoard shows of event files, in the order of their names. */
export function viewOf(files: readonly Uint8Array[], options?: ReadRunOptions): RunView {
  return readRun(
    files.map((file, i) => bytesSource(`file ${i}`, file)),
    options,
  );
}

/** The scalars of a run, by tag. */
export function scalarsIn(view: RunView): Map<string, (readonly [number, number])[]> {
  const scalars = new Map<string, (readonly [number, number])[]>();
  for (const [tag, { metadata, points }] of view.series) {
    if (metadata?.pluginName !== 'scalars') continue;
    scalars.set(
      tag,
      points.map(({ step, tensor }) => {
        if (tensor.dtype === 'string') throw new TypeError(`${tag} is text`);
        return [Number(step), Number(tensorValues(tensor)[0])] as const;
      }),
    );
  }
  return scalars;
}
