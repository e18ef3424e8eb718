// GraphDef: 1 repeated NodeDef, 4 versions { 1 producer }
// NodeDef: 1 name, 2 op, 3 repeated input, 4 device, 5 map of attr { 1 key, 2 AttrValue }
// AttrValue, one of: 1 list { 7 repeated shape }, 2 s, 3 i, 4 f, 5 b, 6 type
//
// Source: TensorFlow, tensorflow/core/framework/graph.proto, node_def.proto, attr_value.proto.

import type { DType } from '../../../tensor/dtype.js';
import { dtypeNumber } from '../../dtype-number.js';
import { ProtoReader } from '../../protobuf/proto-reader.js';
import { ProtoWriter } from '../../protobuf/proto-writer.js';
import { checkWellFormed } from '../check-well-formed.js';

// Any version that readers know; this one is PyTorch's.
const PRODUCER = 22;

/** One box of a graph. Slashes in names make groups that unfold. */
export interface GraphNode {
  readonly name: string;
  /** What it does, e.g. `Conv2D`. */
  readonly op: string;
  /** Names of nodes, `node:k` for an output but the first, `^node` for one that only has to come before. */
  readonly inputs?: readonly string[] | undefined;
  readonly device?: string | undefined;
  readonly dtype?: DType | undefined;
  /** One for each output; -1 for a size that is not known. Drawn on the edges. */
  readonly outputShapes?: readonly (readonly number[])[] | undefined;
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/**
 * The bytes of a GraphDef, for a `graphDef` event.
 *
 * @throws TypeError for text that UTF-8 cannot hold
 * @throws RangeError for a name that is empty or comes twice, or an input that is no node
 */
export function encodeGraphDef(nodes: readonly GraphNode[]): Uint8Array<ArrayBuffer> {
  checkNodes(nodes);
  const writer = new ProtoWriter();
  for (const node of nodes) {
    const start = writer.begin(1);
    putNode(writer, node);
    writer.end(start);
  }
  const versions = writer.begin(4);
  writer.int64(1, PRODUCER);
  writer.end(versions);
  return writer.copy();
}

/**
 * The nodes of a GraphDef: name, op, inputs and device; attributes are passed over.
 *
 * @throws CorruptDataError if the bytes are no GraphDef
 */
export function decodeGraphNodes(bytes: Uint8Array, where = 'graph'): GraphNode[] {
  const nodes: GraphNode[] = [];
  for (const reader = new ProtoReader(bytes, 'event', where); reader.next(); ) {
    if (reader.field === 1) nodes.push(readNode(reader.message()));
    else reader.skip();
  }
  return nodes;
}

function checkNodes(nodes: readonly GraphNode[]): void {
  const names = new Set<string>();
  for (const { name } of nodes) {
    if (name === '' || names.has(name)) {
      throw new RangeError(
        `encodeGraphDef(nodes): expected names of their own, received ${JSON.stringify(name)} again`,
      );
    }
    names.add(checkWellFormed('encodeGraphDef(name)', name));
  }
  for (const { name, inputs = [] } of nodes) {
    for (const input of inputs) {
      if (names.has(input.replace(/^\^/, '').replace(/:[0-9]+$/, ''))) continue;
      throw new RangeError(`encodeGraphDef(nodes): expected nodes as inputs of ${name}, received ${input}`);
    }
  }
}

function putNode(writer: ProtoWriter, node: GraphNode): void {
  writer.string(1, node.name);
  if (node.op !== '') writer.string(2, checkWellFormed('encodeGraphDef(op)', node.op));
  for (const input of node.inputs ?? []) writer.string(3, input);
  if (node.device) writer.string(4, checkWellFormed('encodeGraphDef(device)', node.device));
  const { dtype, outputShapes } = node;
  if (dtype !== undefined) putAttribute(writer, 'dtype', () => writer.int64(6, dtypeNumber(dtype)));
  if (outputShapes !== undefined) putAttribute(writer, '_output_shapes', () => putShapes(writer, outputShapes));
  for (const [key, value] of Object.entries(node.attributes ?? {})) {
    putAttribute(writer, key, () => {
      if (typeof value === 'string') writer.string(2, checkWellFormed(`attribute ${key}`, value));
      else if (typeof value === 'boolean') writer.bool(5, value);
      else if (Number.isSafeInteger(value)) writer.int64(3, value);
      else writer.float(4, value);
    });
  }
}

function putAttribute(writer: ProtoWriter, key: string, put: () => void): void {
  const entry = writer.begin(5);
  writer.string(1, checkWellFormed('attribute', key));
  const value = writer.begin(2);
  put();
  writer.end(value);
  writer.end(entry);
}

function putShapes(writer: ProtoWriter, shapes: readonly (readonly number[])[]): void {
  const list = writer.begin(1);
  for (const shape of shapes) {
    const start = writer.begin(7);
    for (const size of shape) {
      if (!Number.isSafeInteger(size) || size < -1) {
        throw new RangeError(`encodeGraphDef(outputShapes): expected whole numbers from -1, received ${size}`);
      }
      const dim = writer.begin(2);
      if (size !== 0) writer.int64(1, size);
      writer.end(dim);
    }
    writer.end(start);
  }
  writer.end(list);
}

function readNode(reader: ProtoReader): GraphNode {
  let [name, op, device] = ['', '', ''];
  const inputs: string[] = [];
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) op = reader.string();
    else if (reader.field === 3) inputs.push(reader.string());
    else if (reader.field === 4) device = reader.string();
    else reader.skip();
  }
  return { name, op, inputs, device };
}
