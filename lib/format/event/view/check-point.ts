import { CorruptDataError } from '../../../error/corrupt-data-error.js';
import { elementCount, type Tensor } from '../../../tensor/tensor.js';
import { ProtoReader } from '../../protobuf/proto-reader.js';
import { decodeHparams } from '../hparams/decode-hparams.js';
import type { SummaryMetadata } from '../summary-value.js';

const PROTOBUF_CONTENTS = new Set(['scalars', 'histograms', 'images', 'audio', 'text', 'pr_curves', 'mesh']);
const NO_NUMBERS = new Set(['string', 'complex64', 'complex128']);

/**
 * Checks that the plugin of a tag can show a tensor.
 *
 * @throws CorruptDataError that says what is wrong
 */
export function checkPoint(pluginName: string, { dtype, shape }: Tensor, where: string): void {
  const refuse = (expected: string): CorruptDataError =>
    new CorruptDataError('event', where, `${pluginName} of ${dtype}[${shape.join(', ')}], expected ${expected}`);
  const [first = 0, second = 0] = shape;
  switch (pluginName) {
    case 'scalars':
      if (NO_NUMBERS.has(dtype) || elementCount(shape) !== 1) throw refuse('one number');
      break;
    case 'histograms':
      if (NO_NUMBERS.has(dtype) || shape.length !== 2 || second !== 3) throw refuse('numbers of shape [k, 3]');
      break;
    case 'pr_curves':
      if (NO_NUMBERS.has(dtype) || shape.length !== 2 || first !== 6) throw refuse('numbers of shape [6, thresholds]');
      break;
    case 'images':
      if (dtype !== 'string' || shape.length !== 1 || first < 3) throw refuse('width, height and images');
      break;
    case 'audio':
      if (dtype !== 'string' || shape.length < 1) throw refuse('sounds');
      break;
    case 'text':
      if (dtype !== 'string') throw refuse('strings');
      break;
    default:
  }
}

/**
 * Checks that a plugin can read its own data, which comes with the first value of a tag.
 *
 * @throws CorruptDataError if it cannot
 * @throws UnsupportedDataError for hparams of another version
 */
export function checkContent({ pluginName, content }: SummaryMetadata, where: string): void {
  if (pluginName === 'hparams') decodeHparams(content, where);
  if (!PROTOBUF_CONTENTS.has(pluginName)) return;
  // Old writers put the JSON of an empty message there.
  if (content.length === 2 && content[0] === 0x7b && content[1] === 0x7d) return;
  const reader = new ProtoReader(content, 'event', `${where}, data of plugin ${pluginName}`);
  while (reader.next()) reader.skip();
}
