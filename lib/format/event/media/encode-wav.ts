import { checkOptions, type OptionNames } from '../../../error/check-options.js';

// WAV with 16-bit PCM, as TensorFlow writes it. All numbers are little-endian.
//
//     "RIFF" size:u32 "WAVE"
//     "fmt " 16:u32 format:u16=1 channels:u16 rate:u32 bytes_a_second:u32 bytes_a_frame:u16 bits:u16=16
//     "data" size:u32 frame*          // frame := sample:i16 for each channel
//
// Source: TensorFlow, tensorflow/core/lib/wav/wav_io.cc.

const HEADER_BYTES = 44;
const MAX_DATA_BYTES = 0xffff_ffff - HEADER_BYTES;

export interface WavOptions {
  /** Samples a second and channel; a whole number from 1 to 2^32 - 1. */
  readonly sampleRateHz: number;
  /** How many; 1 (default) to 32767. */
  readonly channels?: number | undefined;
}

const OPTIONS: OptionNames<WavOptions> = { sampleRateHz: true, channels: true };

/**
 * A sound as a WAV file.
 *
 * @param samples from -1 to 1, clamped; NaN is silence. Frame by frame, the channels of a frame side by side
 * @throws RangeError for a bad rate or number of channels, half a frame, or more than a WAV file can hold
 */
export function encodeWav(samples: Float32Array | Float64Array | readonly number[], options: WavOptions): Uint8Array {
  checkOptions('encodeWav(options)', options, OPTIONS);
  const { sampleRateHz, channels = 1 } = options;
  if (!Number.isSafeInteger(sampleRateHz) || sampleRateHz < 1 || sampleRateHz > 0xffff_ffff) {
    throw new RangeError(`encodeWav(sampleRateHz): expected a whole number from 1, received ${sampleRateHz}`);
  }
  if (!Number.isSafeInteger(channels) || channels < 1 || channels > 0x7fff) {
    throw new RangeError(`encodeWav(channels): expected a whole number from 1 to 32767, received ${channels}`);
  }
  const { length } = samples;
  if (length % channels !== 0) {
    throw new RangeError(
      `encodeWav(samples): expected whole frames of ${channels} channels, received ${length} samples`,
    );
  }
  const dataBytes = length * 2;
  if (dataBytes > MAX_DATA_BYTES) {
    throw new RangeError(`encodeWav(samples): expected at most ${MAX_DATA_BYTES / 2} samples, received ${length}`);
  }

  const file = new Uint8Array(HEADER_BYTES + dataBytes);
  const view = new DataView(file.buffer);
  putAscii(file, 0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  putAscii(file, 8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  putAscii(file, 36, 'data');
  view.setUint32(40, dataBytes, true);
  for (let i = 0; i < length; i++) view.setInt16(HEADER_BYTES + i * 2, toInt16(samples[i] as number), true);
  return file;
}

/** Scaled by 32767 and rounded half away from zero, as TensorFlow's FloatToInt16Sample does. */
function toInt16(sample: number): number {
  const scaled = Math.max(-1, Math.min(1, sample)) * 32767;
  return Number.isNaN(scaled) ? 0 : Math.sign(scaled) * Math.round(Math.abs(scaled));
}

function putAscii(file: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) file[at + i] = text.charCodeAt(i);
}
