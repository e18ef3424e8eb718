// HParamsPluginData: 1 version (0, left out), and one of 2 experiment, 3 session_start_info, 4 session_end_info. Field
// numbers: TensorBoard, tensorboard/plugins/hparams/plugin_data.proto and api.proto; google/protobuf/struct.proto.

import { ProtoWriter } from '../../protobuf/proto-writer.js';
import { checkWellFormed } from '../check-well-formed.js';
import {
  DATASET_TYPES,
  HPARAM_TYPES,
  type HparamInfo,
  type HparamsData,
  type HparamsExperiment,
  type HparamsSessionStart,
  type HparamValue,
  type MetricInfo,
  SESSION_END_STATUSES,
} from './hparams-data.js';

/**
 * The bytes of an HParamsPluginData.
 *
 * @throws TypeError for text that UTF-8 cannot hold, and for values that are no string, boolean or number
 */
export function encodeHparams(data: HparamsData): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  switch (data.type) {
    case 'experiment':
      putMessage(writer, 2, () => putExperiment(writer, data));
      break;
    case 'sessionStart':
      putMessage(writer, 3, () => putSessionStart(writer, data));
      break;
    case 'sessionEnd':
      putMessage(writer, 4, () => {
        const status = SESSION_END_STATUSES.indexOf(data.status);
        if (status > 0) writer.int64(1, status);
        putDouble(writer, 2, data.endTime);
      });
      break;
    default:
      data satisfies never;
      throw new TypeError('encodeHparams(data): expected a known type');
  }
  return writer.copy();
}

function putExperiment(writer: ProtoWriter, experiment: HparamsExperiment): void {
  putString(writer, 1, experiment.description);
  putString(writer, 2, experiment.user);
  putDouble(writer, 3, experiment.timeCreated);
  for (const info of experiment.hparams) putMessage(writer, 4, () => putHparamInfo(writer, info));
  for (const info of experiment.metrics) putMessage(writer, 5, () => putMetricInfo(writer, info));
  putString(writer, 6, experiment.name);
}

function putHparamInfo(writer: ProtoWriter, info: HparamInfo): void {
  const { type, domain } = info;
  putString(writer, 1, info.name);
  putString(writer, 2, info.displayName);
  putString(writer, 3, info.description);
  if (type !== undefined) writer.int64(4, HPARAM_TYPES.indexOf(type) + 1);
  if (domain !== undefined && !('min' in domain)) {
    putMessage(writer, 5, () => {
      for (const value of domain) putMessage(writer, 1, () => putValue(writer, value));
    });
  } else if (domain !== undefined) {
    putMessage(writer, 6, () => {
      putDouble(writer, 1, domain.min);
      putDouble(writer, 2, domain.max);
    });
  }
  if (info.differs === true) writer.bool(7, true);
}

function putMetricInfo(writer: ProtoWriter, info: MetricInfo): void {
  putMessage(writer, 1, () => {
    putString(writer, 1, info.group);
    putString(writer, 2, info.tag);
  });
  putString(writer, 3, info.displayName);
  putString(writer, 4, info.description);
  const datasetType = DATASET_TYPES.indexOf(info.datasetType ?? 'unknown');
  if (datasetType > 0) writer.int64(5, datasetType);
}

function putSessionStart(writer: ProtoWriter, start: HparamsSessionStart): void {
  for (const [name, value] of start.hparams) {
    putMessage(writer, 1, () => {
      // A map's entry always has both.
      writer.string(1, checkWellFormed('hyperparameter, name', name));
      putMessage(writer, 2, () => putValue(writer, value));
    });
  }
  putString(writer, 2, start.modelUri);
  putString(writer, 3, start.monitorUrl);
  putString(writer, 4, start.groupName);
  putDouble(writer, 5, start.startTime);
}

/** A google.protobuf.Value: a `oneof`, so its member is written at its default too. */
function putValue(writer: ProtoWriter, value: HparamValue): void {
  if (typeof value === 'number') writer.double(2, value);
  else if (typeof value === 'string') writer.string(3, checkWellFormed('hyperparameter, value', value));
  else if (typeof value === 'boolean') writer.bool(4, value);
  else throw new TypeError(`hyperparameter, value: expected a string, boolean or number, received ${typeof value}`);
}

function putMessage(writer: ProtoWriter, field: number, put: () => void): void {
  const start = writer.begin(field);
  put();
  writer.end(start);
}

function putString(writer: ProtoWriter, field: number, text: string | undefined): void {
  if (text !== undefined && text !== '') writer.string(field, checkWellFormed('hparams', text));
}

function putDouble(writer: ProtoWriter, field: number, value: number | undefined): void {
  if (value !== undefined && !Object.is(value, 0)) writer.double(field, value);
}
