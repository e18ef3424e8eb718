import { ProtoReader } from '../../protobuf/proto-reader.js';
import { decodeGraphNodes } from './graph-def.js';

/**
 * The serialized GraphDef in a MetaGraphDef (its field 2), or `undefined` if it has none.
 *
 * @throws CorruptDataError if the bytes are no MetaGraphDef or what is in it no GraphDef
 */
export function readMetaGraph(bytes: Uint8Array, where: string): Uint8Array | undefined {
  let graph: Uint8Array | undefined;
  for (const reader = new ProtoReader(bytes, 'event', `${where}, meta graph`); reader.next(); ) {
    if (reader.field === 2) graph = reader.byteString().slice();
    else reader.skip();
  }
  if (graph !== undefined) decodeGraphNodes(graph, `${where}, meta graph`);
  return graph;
}
