import { CorruptDataError } from '../../../error/corrupt-data-error.js';
import { UnsupportedDataError } from '../../../error/unsupported-data-error.js';
import { ProtoReader } from '../../protobuf/proto-reader.js';
import {
  DATASET_TYPES,
  HPARAM_TYPES,
  type HparamInfo,
  type HparamsData,
  type HparamsExperiment,
  type HparamsSessionEnd,
  type HparamsSessionStart,
  type HparamValue,
  type MetricInfo,
  SESSION_END_STATUSES,
} from './hparams-data.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The inverse of `encodeHparams`: what the metadata of an `hparams` value holds.
 *
 * @throws CorruptDataError if the bytes are no HParamsPluginData, hold none of the three, or a value that is none
 * @throws UnsupportedDataError for a version other than 0
 */
export function decodeHparams(content: Uint8Array, where = 'hparams'): HparamsData {
  let data: HparamsData | undefined;
  for (const reader = new ProtoReader(content, 'event', where); reader.next(); ) {
    if (reader.field === 1) {
      const version = reader.int32();
      if (version !== 0) throw new UnsupportedDataError('event', where, `hparams of version ${version}`);
    } else if (reader.field === 2) data = readExperiment(reader.message());
    else if (reader.field === 3) data = readSessionStart(reader.message());
    else if (reader.field === 4) data = readSessionEnd(reader.message());
    else reader.skip();
  }
  if (data === undefined) throw new CorruptDataError('event', where, 'hparams without experiment or session');
  return data;
}

function readExperiment(reader: ProtoReader): HparamsExperiment {
  const hparams: HparamInfo[] = [];
  const metrics: MetricInfo[] = [];
  const experiment: Writable<HparamsExperiment> = { type: 'experiment', hparams, metrics };
  while (reader.next()) {
    if (reader.field === 1) experiment.description = reader.string();
    else if (reader.field === 2) experiment.user = reader.string();
    else if (reader.field === 3) experiment.timeCreated = reader.double();
    else if (reader.field === 4) hparams.push(readHparamInfo(reader.message()));
    else if (reader.field === 5) metrics.push(readMetricInfo(reader.message()));
    else if (reader.field === 6) experiment.name = reader.string();
    else reader.skip();
  }
  return experiment;
}

function readHparamInfo(reader: ProtoReader): HparamInfo {
  const info: Writable<HparamInfo> = { name: '' };
  while (reader.next()) {
    if (reader.field === 1) info.name = reader.string();
    else if (reader.field === 2) info.displayName = reader.string();
    else if (reader.field === 3) info.description = reader.string();
    else if (reader.field === 4) info.type = HPARAM_TYPES[reader.int32() - 1];
    else if (reader.field === 5) info.domain = readDiscrete(reader.message());
    else if (reader.field === 6) info.domain = readInterval(reader.message());
    else if (reader.field === 7) info.differs = reader.bool();
    else reader.skip();
  }
  return info;
}

function readDiscrete(reader: ProtoReader): HparamValue[] {
  const values: HparamValue[] = [];
  while (reader.next()) {
    if (reader.field === 1) values.push(readValue(reader.message()));
    else reader.skip();
  }
  return values;
}

function readInterval(reader: ProtoReader): { min: number; max: number } {
  const interval = { min: 0, max: 0 };
  while (reader.next()) {
    if (reader.field === 1) interval.min = reader.double();
    else if (reader.field === 2) interval.max = reader.double();
    else reader.skip();
  }
  return interval;
}

function readMetricInfo(reader: ProtoReader): MetricInfo {
  const info: Writable<MetricInfo> = { tag: '' };
  while (reader.next()) {
    if (reader.field === 1) {
      for (const name = reader.message(); name.next(); ) {
        if (name.field === 1) info.group = name.string();
        else if (name.field === 2) info.tag = name.string();
        else name.skip();
      }
    } else if (reader.field === 3) info.displayName = reader.string();
    else if (reader.field === 4) info.description = reader.string();
    else if (reader.field === 5) info.datasetType = DATASET_TYPES[reader.int32()] ?? 'unknown';
    else reader.skip();
  }
  return info;
}

function readSessionStart(reader: ProtoReader): HparamsSessionStart {
  const hparams = new Map<string, HparamValue>();
  const start: Writable<HparamsSessionStart> = { type: 'sessionStart', hparams };
  while (reader.next()) {
    if (reader.field === 1) readHparam(reader.message(), hparams);
    else if (reader.field === 2) start.modelUri = reader.string();
    else if (reader.field === 3) start.monitorUrl = reader.string();
    else if (reader.field === 4) start.groupName = reader.string();
    else if (reader.field === 5) start.startTime = reader.double();
    else reader.skip();
  }
  return start;
}

function readHparam(reader: ProtoReader, hparams: Map<string, HparamValue>): void {
  let name = '';
  let value: HparamValue | undefined;
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) value = readValue(reader.message());
    else reader.skip();
  }
  if (value === undefined) throw new CorruptDataError('event', reader.where, `hyperparameter ${name} without a value`);
  hparams.set(name, value);
}

function readSessionEnd(reader: ProtoReader): HparamsSessionEnd {
  const end: Writable<HparamsSessionEnd> = { type: 'sessionEnd', status: 'unknown' };
  while (reader.next()) {
    if (reader.field === 1) end.status = SESSION_END_STATUSES[reader.int32()] ?? 'unknown';
    else if (reader.field === 2) end.endTime = reader.double();
    else reader.skip();
  }
  return end;
}

function readValue(reader: ProtoReader): HparamValue {
  let value: HparamValue | undefined;
  while (reader.next()) {
    if (reader.field === 2) value = reader.double();
    else if (reader.field === 3) value = reader.string();
    else if (reader.field === 4) value = reader.bool();
    else reader.skip();
  }
  if (value === undefined) {
    throw new CorruptDataError('event', reader.where, 'hyperparameter that is no string, boolean or number');
  }
  return value;
}
