// TensorProto: a tensor inside a protobuf.
//
//     1 dtype, 2 tensor_shape { 2 dim { 1 size }* }, and the elements in one of two ways:
//     4 tensor_content: bytes       // little-endian, row-major, exact
//     5 … 18 <type>_val: repeated   // the last one fills what is missing; none at all is zeros
//
// Strings are always in 8 string_val. Written as TensorFlow 2 does: numbers in tensor_content, the shape of a scalar as
// an empty message.
//
// Source: TensorFlow, tensorflow/core/framework/tensor.proto; the filling: tensorflow/core/framework/tensor.cc.

import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { UnsupportedDataError } from '../../error/unsupported-data-error.js';
import { type DType, elementBytes, type FixedDType } from '../../tensor/dtype.js';
import { elementCount, type Tensor } from '../../tensor/tensor.js';
import { ByteWriter } from '../byte-writer.js';
import { dtypeNumber, dtypeOfNumber } from '../dtype-number.js';
import type { ProtoReader } from '../protobuf/proto-reader.js';
import type { ProtoWriter } from '../protobuf/proto-writer.js';

// A few bytes may claim any number of equal elements: more than this is not believed.
const MAX_FILLED_BYTES = 64 * 1024 * 1024;
const MAX_FILLED_STRINGS = 1024 * 1024;

/** The fields of the elements, by number. */
const VALUE_FIELDS = new Set([5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18]);
const FIELD_OF: Readonly<Record<FixedDType, number>> = {
  float32: 5,
  float64: 6,
  int32: 7,
  int16: 7,
  int8: 7,
  uint8: 7,
  uint16: 7,
  qint8: 7,
  quint8: 7,
  qint16: 7,
  quint16: 7,
  qint32: 7,
  int4: 7,
  uint4: 7,
  complex64: 9,
  int64: 10,
  bool: 11,
  complex128: 12,
  float16: 13,
  bfloat16: 13,
  uint32: 16,
  uint64: 17,
  float8_e5m2: 18,
  float8_e4m3fn: 18,
  float8_e4m3fnuz: 18,
  float8_e4m3b11fnuz: 18,
  float8_e5m2fnuz: 18,
};

/** Numbers of tensors that hold no plain data. */
const UNHOLDABLE: ReadonlyMap<number, string> = new Map([
  [20, 'resource'],
  [21, 'variant'],
]);

/** Puts the fields of a TensorProto. */
export function putTensorProto(writer: ProtoWriter, tensor: Tensor): void {
  writer.int64(1, dtypeNumber(tensor.dtype));
  const shape = writer.begin(2);
  for (const size of tensor.shape) {
    const dim = writer.begin(2);
    if (size !== 0) writer.int64(1, size);
    writer.end(dim);
  }
  writer.end(shape);
  if (tensor.dtype === 'string') {
    for (const value of tensor.values) writer.byteString(8, value);
    return;
  }
  const { bytes } = tensor;
  if (bytes.length > 0) writer.byteString(4, bytes);
}

/**
 * The tensor in a TensorProto. Its bytes are a copy, aligned for a typed array over them.
 *
 * @throws CorruptDataError if the elements do not fit dtype and shape, or either is none
 * @throws UnsupportedDataError for dtypes that hold no plain data, and for a lone element that fills over 64 MiB
 */
export function readTensorProto(reader: ProtoReader): Tensor {
  const { format, where } = reader;
  const raw: RawTensor = {
    dtype: 0,
    shape: [],
    content: undefined,
    field: 0,
    elements: new ByteWriter(0),
    strings: [],
  };
  while (reader.next()) {
    if (reader.field === 1) raw.dtype = reader.int32();
    else if (reader.field === 2) raw.shape = readShape(reader.message());
    else if (reader.field === 4) raw.content = reader.byteString();
    else if (VALUE_FIELDS.has(reader.field)) readElements(reader, raw);
    else reader.skip();
  }

  const dtype = dtypeOf(raw.dtype, format, where);
  let count: number;
  try {
    count = elementCount(raw.shape);
  } catch (cause) {
    throw new CorruptDataError(format, where, `tensor of shape [${raw.shape.join(', ')}]`, { cause });
  }
  const fault = (text: string): CorruptDataError =>
    new CorruptDataError(format, where, `tensor ${dtype}[${raw.shape.join(', ')}] ${text}`);

  if (dtype === 'string') {
    const given = raw.strings.length;
    if (raw.content !== undefined && raw.content.length > 0) throw fault('has its strings in tensor_content');
    if (given > count) throw fault(`has ${given} elements`);
    if (count > given && count > MAX_FILLED_STRINGS) throw tooLarge(format, where, raw.shape);
    const last = raw.strings.at(-1) ?? new Uint8Array(0);
    return { dtype, shape: raw.shape, values: Array.from({ length: count }, (_, i) => raw.strings[i] ?? last) };
  }

  const bytesEach = elementBytes(dtype);
  if (raw.content !== undefined && raw.content.length > 0) {
    if (raw.content.length !== count * bytesEach) {
      throw fault(`needs ${count * bytesEach} bytes, tensor_content has ${raw.content.length}`);
    }
    return { dtype, shape: raw.shape, bytes: raw.content.slice() };
  }
  if (raw.field !== 0 && raw.field !== FIELD_OF[dtype]) throw fault(`has its elements in field ${raw.field}`);
  const given = narrow(raw.elements.copy(), dtype, fault);
  if (given.length > count * bytesEach) throw fault(`has ${given.length / bytesEach} elements`);
  if (given.length === count * bytesEach) return { dtype, shape: raw.shape, bytes: given };
  if (count * bytesEach > MAX_FILLED_BYTES) throw tooLarge(format, where, raw.shape);
  return { dtype, shape: raw.shape, bytes: fill(given, count * bytesEach, bytesEach) };
}

function dtypeOf(number: number, format: string, where: string): DType {
  const dtype = dtypeOfNumber(number);
  if (dtype !== undefined) return dtype;
  const name = UNHOLDABLE.get(number);
  if (name !== undefined) throw new UnsupportedDataError(format, where, `tensor of dtype ${name}`);
  throw new CorruptDataError(format, where, `tensor of dtype ${number}, which is none`);
}

interface RawTensor {
  dtype: number;
  shape: number[];
  content: Uint8Array | undefined;
  /** The field that `elements` come from. */
  field: number;
  /** Elements in the width of the field: floats as they lie in the file, so that every NaN stays what it is. */
  readonly elements: ByteWriter;
  readonly strings: Uint8Array[];
}

function readShape(reader: ProtoReader): number[] {
  const shape: number[] = [];
  while (reader.next()) {
    if (reader.field === 3 && reader.bool()) {
      throw new CorruptDataError(reader.format, reader.where, 'tensor of unknown rank');
    }
    if (reader.field === 2) {
      let size = 0;
      for (const dim = reader.message(); dim.next(); ) {
        if (dim.field === 1) size = dim.int64Number();
        else dim.skip();
      }
      shape.push(size);
    } else if (reader.field !== 3) reader.skip();
  }
  return shape;
}

function readElements(reader: ProtoReader, raw: RawTensor): void {
  const { field, wireType } = reader;
  if (field === 8) {
    raw.strings.push(reader.byteString().slice());
    return;
  }
  if (raw.field !== field) {
    if (raw.elements.length > 0) {
      throw new CorruptDataError(
        reader.format,
        reader.where,
        `tensor has elements in fields ${raw.field} and ${field}`,
      );
    }
    raw.field = field;
  }
  const width = field === 5 || field === 9 ? 4 : field === 6 || field === 12 ? 8 : 0;
  if (field === 18) raw.elements.putBytes(reader.byteString());
  else if (wireType === 5 && width === 4) raw.elements.putFixed32(reader.fixed32());
  else if (wireType === 1 && width === 8) raw.elements.putFixed64(reader.fixed64());
  else if (width > 0) {
    const packed = reader.byteString();
    if (packed.length % width !== 0) {
      throw new CorruptDataError(reader.format, reader.where, `field ${field} has ${packed.length} packed bytes`);
    }
    raw.elements.putBytes(packed);
  } else {
    const values: bigint[] = [];
    reader.int64s(values);
    for (const value of values) raw.elements.putFixed64(BigInt.asUintN(64, value));
  }
}

/** Turns the 8 bytes that each whole number was kept in into those that its dtype has. */
function narrow(bytes: Uint8Array<ArrayBuffer>, dtype: FixedDType, fault: (text: string) => Error): Uint8Array {
  const field = FIELD_OF[dtype];
  if (field === 5 || field === 6 || field === 9 || field === 12 || field === 18) {
    if (bytes.length % elementBytes(dtype) !== 0) throw fault('has half an element');
    return bytes;
  }
  const width = elementBytes(dtype);
  if (width === 8) return bytes;
  const narrowed = new Uint8Array((bytes.length / 8) * width);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i * 8 < bytes.length; i++) {
    const value = view.getBigInt64(i * 8, true);
    if (value < -(2n ** BigInt(width * 8 - 1)) || value >= 2n ** BigInt(width * 8)) throw fault(`holds ${value}`);
    // A bool that is any number but 0 is true.
    if (dtype === 'bool') narrowed[i] = value === 0n ? 0 : 1;
    else narrowed.set(bytes.subarray(i * 8, i * 8 + width), i * width);
  }
  return narrowed;
}

function fill(given: Uint8Array, sizeBytes: number, bytesEach: number): Uint8Array {
  const filled = new Uint8Array(sizeBytes);
  if (given.length === 0) return filled;
  filled.set(given);
  const last = given.subarray(given.length - bytesEach);
  for (let at = given.length; at < sizeBytes; at += bytesEach) filled.set(last, at);
  return filled;
}

function tooLarge(format: string, where: string, shape: readonly number[]): UnsupportedDataError {
  return new UnsupportedDataError(format, where, `tensor of shape [${shape.join(', ')}] filled from fewer elements`);
}
