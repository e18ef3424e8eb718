// Layout: 1 version, 2 repeated Category { 1 title, 2 repeated Chart, 3 closed }
// Chart: 1 title, one of { 2 multiline { 1 repeated tag }, 3 margin { 1 repeated { 1 value, 2 lower, 3 upper } } }
//
// Source: TensorBoard, tensorboard/plugins/custom_scalar/layout.proto.

import { UnsupportedDataError } from '../../../error/unsupported-data-error.js';
import { ProtoReader } from '../../protobuf/proto-reader.js';
import { ProtoWriter } from '../../protobuf/proto-writer.js';
import { checkWellFormed } from '../check-well-formed.js';

/** How the `custom_scalars` dashboard arranges charts. */
export interface Layout {
  readonly categories: readonly LayoutCategory[];
}

export interface LayoutCategory {
  readonly title: string;
  readonly charts: readonly LayoutChart[];
  /** Whether it is folded at first; default false. */
  readonly isClosed?: boolean | undefined;
}

/** Several lines in one chart, or lines with a band around each. */
export type LayoutChart = MultilineChart | MarginChart;

export interface MultilineChart {
  readonly type: 'multiline';
  readonly title: string;
  /** Regular expressions; every tag that one matches from its beginning is a line. */
  readonly tags: readonly string[];
}

export interface MarginChart {
  readonly type: 'margin';
  readonly title: string;
  /** Tags of a line and of the edges of the band around it. */
  readonly series: readonly { readonly value: string; readonly lower: string; readonly upper: string }[];
}

/** The bytes of a Layout. */
export function encodeLayout({ categories }: Layout): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  for (const { title, charts, isClosed = false } of categories) {
    const category = writer.begin(2);
    putString(writer, 1, title);
    for (const chart of charts) {
      const start = writer.begin(2);
      putChart(writer, chart);
      writer.end(start);
    }
    if (isClosed) writer.bool(3, true);
    writer.end(category);
  }
  return writer.copy();
}

/**
 * The inverse of {@link encodeLayout}.
 *
 * @throws CorruptDataError if the bytes are no Layout
 * @throws UnsupportedDataError for a version other than 0
 */
export function decodeLayout(bytes: Uint8Array, where = 'layout'): Layout {
  const categories: LayoutCategory[] = [];
  for (const reader = new ProtoReader(bytes, 'event', where); reader.next(); ) {
    if (reader.field === 1) {
      const version = reader.int32();
      if (version !== 0) throw new UnsupportedDataError('event', where, `layout of version ${version}`);
    } else if (reader.field === 2) categories.push(readCategory(reader.message()));
    else reader.skip();
  }
  return { categories };
}

function putChart(writer: ProtoWriter, chart: LayoutChart): void {
  putString(writer, 1, chart.title);
  const content = writer.begin(chart.type === 'multiline' ? 2 : 3);
  if (chart.type === 'multiline') {
    for (const tag of chart.tags) writer.string(1, checkWellFormed('layout, tag', tag));
  } else {
    for (const { value, lower, upper } of chart.series) {
      const series = writer.begin(1);
      putString(writer, 1, value);
      putString(writer, 2, lower);
      putString(writer, 3, upper);
      writer.end(series);
    }
  }
  writer.end(content);
}

function putString(writer: ProtoWriter, field: number, text: string): void {
  if (text !== '') writer.string(field, checkWellFormed('layout', text));
}

function readCategory(reader: ProtoReader): LayoutCategory {
  let title = '';
  let isClosed = false;
  const charts: LayoutChart[] = [];
  while (reader.next()) {
    if (reader.field === 1) title = reader.string();
    else if (reader.field === 2) charts.push(readChart(reader.message()));
    else if (reader.field === 3) isClosed = reader.bool();
    else reader.skip();
  }
  return { title, charts, isClosed };
}

function readChart(reader: ProtoReader): LayoutChart {
  let title = '';
  let tags: string[] = [];
  let series: MarginChart['series'] | undefined;
  while (reader.next()) {
    if (reader.field === 1) title = reader.string();
    else if (reader.field === 2) {
      series = undefined;
      tags = [];
      for (const content = reader.message(); content.next(); ) {
        if (content.field === 1) tags.push(content.string());
        else content.skip();
      }
    } else if (reader.field === 3) series = readSeries(reader.message());
    else reader.skip();
  }
  return series === undefined ? { type: 'multiline', title, tags } : { type: 'margin', title, series };
}

function readSeries(reader: ProtoReader): MarginChart['series'] {
  const all: { value: string; lower: string; upper: string }[] = [];
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const series = { value: '', lower: '', upper: '' };
    for (const message = reader.message(); message.next(); ) {
      if (message.field === 1) series.value = message.string();
      else if (message.field === 2) series.lower = message.string();
      else if (message.field === 3) series.upper = message.string();
      else message.skip();
    }
    all.push(series);
  }
  return all;
}
