import type { Tensor } from '../../tensor/tensor.js';

/** One value of a summary: what is shown under `tag` at one step. */
export interface SummaryValue {
  readonly tag: string;
  /** Which plugin shows the tag. Readers keep that of the first value of a tag in a run. */
  readonly metadata?: SummaryMetadata | undefined;
  /** `undefined` where a value holds metadata alone, as PyTorch writes hyperparameters. */
  readonly data?: SummaryData | undefined;
}

export type SummaryData = SimpleValue | LegacyHistogram | LegacyImage | LegacyAudio | ObsoleteHistogram | TensorValue;

/** What TensorFlow 2 writes for everything. */
export interface TensorValue {
  readonly type: 'tensor';
  readonly tensor: Tensor;
}

/** A scalar as TensorFlow 1 and PyTorch write it; held as a float32. */
export interface SimpleValue {
  readonly type: 'simpleValue';
  readonly value: number;
}

/**
 * A histogram as TensorFlow 1 and PyTorch write it: `counts[i]` values lie in `[limits[i - 1], limits[i])`, the first
 * bucket reaching down to `-Number.MAX_VALUE`. Both arrays have one length.
 */
export interface LegacyHistogram {
  readonly type: 'histogram';
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

export interface LegacyImage {
  readonly type: 'image';
  readonly width: number;
  readonly height: number;
  /** Channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA; 0 if the file does not say. */
  readonly colorspace: number;
  /** An image file, such as PNG. */
  readonly encoded: Uint8Array;
}

export interface LegacyAudio {
  readonly type: 'audio';
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly frames: number;
  /** A sound file, such as WAV. */
  readonly encoded: Uint8Array;
  readonly contentType: string;
}

/** The oldest histograms, which nobody shows any more. */
export interface ObsoleteHistogram {
  readonly type: 'obsoleteHistogram';
  readonly bytes: Uint8Array;
}

/** In the order of their numbers. */
export const DATA_CLASSES = ['unknown', 'scalar', 'tensor', 'blobSequence'] as const;

/** The kind of data that a plugin shows. `unknown`, which writers use, leaves it to the reader to derive. */
export type DataClass = (typeof DATA_CLASSES)[number];

export interface SummaryMetadata {
  /** E.g. `scalars`; empty if no plugin is named. */
  readonly pluginName: string;
  /** Data of the plugin's own; most often none. */
  readonly content: Uint8Array;
  readonly displayName: string;
  /** Markdown. */
  readonly description: string;
  readonly dataClass: DataClass;
}
