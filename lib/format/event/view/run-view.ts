import { makeStringTensor, makeTensor } from '../../../tensor/make-tensor.js';
import type { StringTensor, Tensor } from '../../../tensor/tensor.js';
import { parseFileVersion } from '../file-version-event.js';
import { decodeGraphNodes } from '../graph/graph-def.js';
import { readMetaGraph } from '../graph/meta-graph-def.js';
import type { SummaryMetadata, SummaryValue } from '../summary-value.js';
import type { EventStep, TfEvent } from '../tf-event.js';
import { pluginMetadata } from '../value/value-options.js';
import { checkContent, checkPoint } from './check-point.js';
import { convertLegacy } from './convert-legacy.js';
import { pluginDataClass } from './plugin-data-class.js';
import type { Series, SeriesPoint } from './series.js';

/** TensorBoard's tag for the graph of a run. */
export const RUN_GRAPH_TAG = '__run_graph__';

/** Since this version restarts are told by session logs alone. */
const SESSION_LOG_VERSION = 2;

/**
 * What TensorBoard shows of one run, built from its events in order: all of the first file, then all of the next.
 *
 * - Values of TensorFlow 1's kinds become tensors.
 * - The first metadata of a tag count.
 * - A `start` in a session log after the first one drops every point at its step and behind it: the job began anew from
 *   there. In files of a version below 2, a summary whose step goes back does so for the tags in it.
 * - Nothing is sampled; see `samplePoints`.
 *
 * @see TensorBoard, tensorboard/backend/event_processing/plugin_event_accumulator.py
 */
export class RunView {
  /** Of `brain.Event:2`, 2; `undefined` before the first such event. */
  fileVersion: number | undefined;
  sourceWriter: string | undefined;
  /** The step of the last summary, graph or run metadata; -1 before the first. */
  mostRecentStep: EventStep = -1;
  /** A serialized GraphDef: of the last graph event, or else of the last meta graph. */
  graphDef: Uint8Array | undefined;
  /** A serialized MetaGraphDef: the last one. */
  metaGraphDef: Uint8Array | undefined;
  /** How many points restarts dropped. */
  purgedPoints = 0;

  private readonly all = new Map<string, MutableSeries>();
  private hasGraphEvent = false;
  private hasStarted = false;

  /** By tag, in the order in which tags came first. */
  get series(): ReadonlyMap<string, Series> {
    return this.all;
  }

  /**
   * Adds an event. One that throws leaves the view as it was, so a caller may pass over it.
   *
   * @param where the place for error texts, e.g. `events.out.tfevents.1700000000.host, byte 80`
   * @throws CorruptDataError for values that their plugin cannot show, and graphs that are none
   */
  add(event: TfEvent, where = 'event'): void {
    const entries = this.entriesOf(event, where);
    const metaGraph = event.type === 'metaGraphDef' ? readMetaGraph(event.metaGraphDef, where) : undefined;
    if (event.type === 'graphDef') decodeGraphNodes(event.graphDef, where);

    this.sourceWriter = event.sourceWriter ?? this.sourceWriter;
    if (event.type === 'fileVersion') this.fileVersion = parseFileVersion(event.fileVersion) ?? this.fileVersion;
    this.purge(event, entries);
    if (event.type === 'summary' || entries.length > 0) this.mostRecentStep = event.step;
    if (event.type === 'graphDef') {
      this.graphDef = event.graphDef;
      this.hasGraphEvent = true;
    } else if (event.type === 'metaGraphDef') {
      this.metaGraphDef = event.metaGraphDef;
      if (!this.hasGraphEvent && metaGraph !== undefined) this.graphDef = metaGraph;
    }
    for (const { tag, metadata, point } of entries) {
      let series = this.all.get(tag);
      if (series === undefined) {
        series = { tag, written: undefined, metadata: undefined, points: [] };
        this.all.set(tag, series);
      }
      if (series.written === undefined && metadata !== undefined) {
        series.written = metadata;
        series.metadata = withDataClass(metadata);
      }
      if (point !== undefined) series.points.push(point);
    }
  }

  /** What an event adds, checked; nothing is changed yet. */
  private entriesOf(event: TfEvent, where: string): Entry[] {
    const { step, wallTime } = event;
    if (event.type === 'graphDef' || event.type === 'taggedRunMetadata') {
      const isGraph = event.type === 'graphDef';
      const blob = isGraph ? event.graphDef : event.runMetadata;
      const metadata = pluginMetadata(isGraph ? 'graphs' : 'graph_tagged_run_metadata');
      const point = { step, wallTime, tensor: makeStringTensor([1], [blob]), original: undefined };
      return [{ tag: isGraph ? RUN_GRAPH_TAG : event.tag, metadata, point }];
    }
    if (event.type !== 'summary') return [];
    const firsts = new Map<string, SummaryMetadata>();
    const entries: Entry[] = [];
    for (const value of event.values) {
      const entry = this.entryOf(value, step, wallTime, firsts, `${where}, tag "${value.tag}"`);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  /** @param firsts metadata of tags that came first in this event */
  private entryOf(
    value: SummaryValue,
    step: EventStep,
    wallTime: number,
    firsts: Map<string, SummaryMetadata>,
    where: string,
  ): Entry | undefined {
    const { tag } = value;
    const converted = convertLegacy(value);
    let metadata = this.all.get(tag)?.written ?? firsts.get(tag);
    if (metadata === undefined && converted.metadata !== undefined) {
      metadata = converted.metadata;
      checkContent(metadata, where);
      firsts.set(tag, metadata);
    }
    const tensor = metadata === undefined ? converted.tensor : shownTensor(metadata, converted.tensor);
    if (tensor === undefined && metadata === undefined) return undefined;
    if (tensor !== undefined && metadata !== undefined) checkPoint(metadata.pluginName, tensor, where);
    return {
      tag,
      metadata,
      point: tensor === undefined ? undefined : { step, wallTime, tensor, original: value.data },
    };
  }

  private purge(event: TfEvent, entries: readonly Entry[]): void {
    if ((this.fileVersion ?? 0) >= SESSION_LOG_VERSION) {
      if (event.type !== 'sessionLog' || event.status !== 'start') return;
      if (this.hasStarted) for (const series of this.all.values()) this.purgeSeries(series, event.step);
      this.hasStarted = true;
    } else if (entries.length > 0 && event.step < this.mostRecentStep) {
      for (const { tag } of entries) {
        const series = this.all.get(tag);
        if (series !== undefined) this.purgeSeries(series, event.step);
      }
    }
  }

  private purgeSeries(series: MutableSeries, step: EventStep): void {
    const kept = series.points.filter((point) => point.step < step);
    this.purgedPoints += series.points.length - kept.length;
    series.points = kept;
  }
}

interface MutableSeries {
  readonly tag: string;
  /** The metadata as they stand in the file: whether they have a data class decides what becomes of tensors. */
  written: SummaryMetadata | undefined;
  metadata: SummaryMetadata | undefined;
  points: SeriesPoint[];
}

interface Entry {
  readonly tag: string;
  readonly metadata: SummaryMetadata | undefined;
  readonly point: SeriesPoint | undefined;
}

function withDataClass(metadata: SummaryMetadata): SummaryMetadata {
  if (metadata.dataClass !== 'unknown') return metadata;
  return { ...metadata, dataClass: pluginDataClass(metadata.pluginName) };
}

/** The tensor in the form that its plugin wants, unless the writer said that it has it already. */
function shownTensor({ pluginName, dataClass }: SummaryMetadata, tensor: Tensor | undefined): Tensor | undefined {
  if (dataClass !== 'unknown') return tensor;
  if (pluginName === 'hparams') return tensor ?? makeTensor('float32', [0], new Uint8Array(0));
  if (tensor?.dtype !== 'string') return tensor;
  if (pluginName === 'audio' && tensor.shape.length > 1) return firstColumn(tensor);
  if (pluginName.startsWith('graph_') && tensor.shape.length === 0) return { ...tensor, shape: [1] };
  return tensor;
}

/** Sounds without the labels beside them. */
function firstColumn({ shape, values }: StringTensor): Tensor {
  const [rows = 0] = shape;
  const stride = rows === 0 ? 1 : values.length / rows;
  return { dtype: 'string', shape: [rows], values: values.filter((_, i) => i % stride === 0) };
}
