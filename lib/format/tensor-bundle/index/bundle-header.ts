// The entry under the empty key, always the first: BundleHeaderProto.
//
//     1 num_shards int32, 2 endianness enum {0 LITTLE, 1 BIG},
//     3 version {1 producer int32, 2 min_consumer int32, 3 bad_consumers repeated int32}
//
// Source: TensorFlow, tensorflow/core/protobuf/tensor_bundle.proto, tensorflow/core/framework/versions.h.

import { UnsupportedDataError } from '../../../error/unsupported-data-error.js';
import { ProtoReader } from '../../protobuf/proto-reader.js';
import { ProtoWriter } from '../../protobuf/proto-writer.js';

const FORMAT = 'tensor-bundle';
/** The version of the format that is written and read here, kTensorBundleVersion. */
const VERSION = 1;

export interface BundleHeader {
  readonly shardCount: number;
  readonly hasUnknownFields: boolean;
}

/** The header of a bundle with one data file. */
export function encodeBundleHeader(): Uint8Array {
  const writer = new ProtoWriter();
  writer.int64(1, 1);
  const version = writer.begin(3);
  writer.int64(1, VERSION);
  writer.end(version);
  return writer.copy();
}

/**
 * @throws CorruptDataError if the bytes are no header, or what they say cannot be
 * @throws UnsupportedDataError if the bundle is big-endian, or was written for newer readers
 */
export function decodeBundleHeader(bytes: Uint8Array, file: string): BundleHeader {
  const where = `${file}, header`;
  const reader = new ProtoReader(bytes, FORMAT, where);
  const versions: Versions = { producer: 0, minConsumer: 0, badConsumers: [], hasUnknownFields: false };
  let shardCount = 0;
  let endianness = 0;
  let hasUnknownFields = false;
  while (reader.next()) {
    if (reader.field === 1) shardCount = reader.int32();
    else if (reader.field === 2) endianness = reader.int32();
    else if (reader.field === 3) decodeVersions(reader.message(), versions);
    else {
      hasUnknownFields = true;
      reader.skip();
    }
  }

  if (shardCount < 1) throw reader.corrupt(`num_shards is ${shardCount}`);
  if (endianness < 0 || endianness > 1) throw reader.corrupt(`endianness is ${endianness}`);
  if (versions.producer < 0) throw reader.corrupt(`the producer's version is ${versions.producer}`);
  if (versions.minConsumer > VERSION) refuse(`it is for readers from version ${versions.minConsumer} on`);
  if (versions.badConsumers.includes(VERSION)) refuse(`it is not for readers of version ${VERSION}`);
  if (endianness === 1) refuse('its tensors are big-endian');
  return { shardCount, hasUnknownFields: hasUnknownFields || versions.hasUnknownFields };

  function refuse(fault: string): never {
    throw new UnsupportedDataError(FORMAT, where, fault);
  }
}

interface Versions {
  producer: number;
  minConsumer: number;
  readonly badConsumers: number[];
  hasUnknownFields: boolean;
}

function decodeVersions(reader: ProtoReader, versions: Versions): void {
  while (reader.next()) {
    if (reader.field === 1) versions.producer = reader.int32();
    else if (reader.field === 2) versions.minConsumer = reader.int32();
    else if (reader.field === 3) reader.int64Numbers(versions.badConsumers);
    else {
      versions.hasUnknownFields = true;
      reader.skip();
    }
  }
}
