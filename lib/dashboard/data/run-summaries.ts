import {
  type ByteSource,
  convertLegacy,
  decodeEvent,
  decodeHparams,
  type HparamValue,
  type ReadRecordsOptions,
  readRecords,
  type SummaryValue,
} from '../../format/index.js';
import { tensorValues } from '../../index.js';
import { SampledList } from './sampled-list.js';
import { ScalarSeries } from './scalar-series.js';
import { ScalarTemplates } from './scalar-templates.js';

const MOST_TAGS = 2000;
const MOST_HISTOGRAMS = 200;
const MOST_IMAGES = 32;
const MOST_TEXTS = 100;
const LONGEST_TEXT = 64 * 1024;
const LARGEST_IMAGE_BYTES = 8 << 20;
const MOST_IMAGE_BYTES = 128 << 20;
const MOST_BUCKETS = 128;

export interface HistogramAt {
  readonly step: number;
  readonly wall: number;
  /** Left edge, right edge and count of each bucket. */
  readonly buckets: readonly (readonly [number, number, number])[];
}

export interface ImagesAt {
  readonly step: number;
  readonly wall: number;
  readonly width: number;
  readonly height: number;
  readonly images: readonly Uint8Array[];
}

export interface TextAt {
  readonly step: number;
  readonly wall: number;
  readonly texts: readonly string[];
}

/** What a run's event files hold, as far as they were read, ready to be shown. Names are kept in maps: they are data. */
export class RunSummaries {
  readonly scalars = new Map<string, ScalarSeries>();
  readonly histograms = new Map<string, SampledList<HistogramAt>>();
  readonly images = new Map<string, SampledList<ImagesAt>>();
  readonly texts = new Map<string, SampledList<TextAt>>();
  readonly hparams = new Map<string, HparamValue>();
  readonly #templates = new ScalarTemplates();
  #imageBytes = 0;
  #starts = 0;

  /**
   * Reads records of a file from an offset on, for at most `milliseconds`.
   *
   * @param prefix goes before tags, e.g. `validation/`
   * @returns where the next record begins
   * @throws CorruptDataError where the file is damaged
   */
  read(source: ByteSource, prefix: string, fromOffset: number, milliseconds: number): number {
    const until = performance.now() + milliseconds;
    const options: ReadRecordsOptions = { tail: 'await', fromOffset };
    let end = fromOffset;
    let read = 0;
    for (const record of readRecords(source, options)) {
      end = record.end;
      const tag = this.#templates.match(record.data);
      if (tag === undefined) this.#decode(source.name, record.data, prefix);
      else this.#addScalar(prefix + tag, this.#templates.step, this.#templates.wall, this.#templates.value);
      if ((++read & 255) === 0 && performance.now() > until) break;
    }
    return end;
  }

  #decode(name: string, data: Uint8Array, prefix: string): void {
    const event = decodeEvent(data, name);
    if (event.type === 'sessionLog' && event.status === 'start') {
      this.#starts++;
      if (this.#starts > 1) this.#dropFrom(Number(event.step));
    }
    if (event.type !== 'summary') return;
    const [only] = event.values;
    if (event.values.length === 1 && only !== undefined) {
      const { data: value } = only;
      if (value?.type === 'simpleValue') this.#templates.learn(data, only.tag, value.value);
      else if (value?.type === 'tensor' && value.tensor.dtype === 'float32' && value.tensor.shape.length === 0) {
        const scalar = tensorValues(value.tensor)[0];
        if (typeof scalar === 'number') this.#templates.learn(data, only.tag, scalar);
      }
    }
    for (const value of event.values) this.#add(value, prefix, Number(event.step), event.wallTime);
  }

  #add(value: SummaryValue, prefix: string, step: number, wall: number): void {
    const { metadata, tensor } = convertLegacy(value);
    const tag = prefix + value.tag;
    const plugin = metadata?.pluginName ?? this.#pluginOf(tag);
    if (plugin === 'hparams' && metadata !== undefined) {
      const hparams = decodeHparams(metadata.content, tag);
      if (hparams.type === 'sessionStart') for (const [name, each] of hparams.hparams) this.hparams.set(name, each);
      return;
    }
    if (tensor === undefined) return;
    if (tensor.dtype === 'string') {
      if (plugin === 'images') this.#addImages(tag, step, wall, tensor.values);
      else if (plugin === 'text') this.#addText(tag, step, wall, tensor.values);
      return;
    }
    const numbers = tensorValues(tensor);
    if (plugin === 'scalars' && numbers.length === 1) this.#addScalar(tag, step, wall, Number(numbers[0]));
    else if (plugin === 'histograms' && tensor.shape[1] === 3) this.#addHistogram(tag, step, wall, numbers);
  }

  /** Metadata come with the first value of a tag alone. */
  #pluginOf(tag: string): string | undefined {
    if (this.scalars.has(tag)) return 'scalars';
    if (this.histograms.has(tag)) return 'histograms';
    if (this.images.has(tag)) return 'images';
    return this.texts.has(tag) ? 'text' : undefined;
  }

  #addScalar(tag: string, step: number, wall: number, value: number): void {
    const series = this.scalars.get(tag) ?? added(this.scalars, tag, () => new ScalarSeries());
    series?.add(step, wall, value);
  }

  #addHistogram(tag: string, step: number, wall: number, numbers: ArrayLike<number | bigint>): void {
    const list = this.histograms.get(tag) ?? added(this.histograms, tag, () => new SampledList(MOST_HISTOGRAMS));
    const buckets: [number, number, number][] = [];
    for (let i = 0; i + 2 < numbers.length && buckets.length < MOST_BUCKETS; i += 3) {
      buckets.push([Number(numbers[i]), Number(numbers[i + 1]), Number(numbers[i + 2])]);
    }
    if (buckets.flat().every(Number.isFinite)) list?.add({ step, wall, buckets });
  }

  #addImages(tag: string, step: number, wall: number, values: readonly Uint8Array[]): void {
    const [width, height] = [Number(textOf(values[0])), Number(textOf(values[1]))];
    const images = values.slice(2).filter((image) => image.length <= LARGEST_IMAGE_BYTES);
    for (const image of images) this.#imageBytes += image.length;
    // An upper bound: what was dropped since is not counted back.
    if (this.#imageBytes > MOST_IMAGE_BYTES || images.length === 0) return;
    const list = this.images.get(tag) ?? added(this.images, tag, () => new SampledList<ImagesAt>(MOST_IMAGES));
    list?.add({ step, wall, width, height, images: images.slice(0, 16) });
  }

  #addText(tag: string, step: number, wall: number, values: readonly Uint8Array[]): void {
    const list = this.texts.get(tag) ?? added(this.texts, tag, () => new SampledList<TextAt>(MOST_TEXTS));
    list?.add({ step, wall, texts: values.slice(0, 64).map(textOf) });
  }

  #dropFrom(step: number): void {
    for (const kind of [this.scalars, this.histograms, this.images, this.texts]) {
      for (const entries of kind.values()) entries.dropFrom(step);
    }
  }
}

function added<T>(map: Map<string, T>, tag: string, make: () => T): T | undefined {
  if (map.size >= MOST_TAGS) return undefined;
  const entry = make();
  map.set(tag, entry);
  return entry;
}

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes?.subarray(0, LONGEST_TEXT));
}
