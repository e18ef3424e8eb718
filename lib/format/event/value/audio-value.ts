import { checkOptions, type OptionNames } from '../../../error/check-options.js';
import { makeStringTensor } from '../../../tensor/make-tensor.js';
import type { SummaryValue } from '../summary-value.js';
import { checkTag, pluginMetadata, type ValueOptions } from './value-options.js';

// AudioPluginData: field 2, encoding, is 11, WAV.
const WAV_CONTENT = Uint8Array.of(0x10, 0x0b);

const OPTIONS: OptionNames<ValueOptions> = { displayName: true, description: true };

/**
 * Sounds, shown as a series of players.
 *
 * @param wavFiles WAV files, e.g. from `encodeWav`
 * @throws TypeError, RangeError for an empty tag, no sound, or bytes that are no WAV file
 */
export function audioValue(tag: string, wavFiles: readonly Uint8Array[], options: ValueOptions = {}): SummaryValue {
  checkOptions('audioValue(options)', options, OPTIONS);
  checkTag('audioValue', tag);
  if (wavFiles.length === 0) throw new RangeError('audioValue(wavFiles): expected at least one sound, received none');
  if (!wavFiles.every(isWav)) throw new TypeError('audioValue(wavFiles): expected WAV files, received other bytes');
  // A label beside each, which TensorBoard reads and does not show.
  const tensor = makeStringTensor(
    [wavFiles.length, 2],
    wavFiles.flatMap((file) => [file, '']),
  );
  return { tag, metadata: pluginMetadata('audio', options, WAV_CONTENT), data: { type: 'tensor', tensor } };
}

function isWav(file: Uint8Array): boolean {
  const magic = String.fromCharCode(...file.subarray(0, 4), ...file.subarray(8, 12));
  return magic === 'RIFFWAVE';
}
