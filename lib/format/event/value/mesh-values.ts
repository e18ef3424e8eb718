import { checkOptions, type OptionNames } from '../../../error/check-options.js';
import { makeTensor } from '../../../tensor/make-tensor.js';
import type { FixedTensor } from '../../../tensor/tensor.js';
import { ProtoWriter } from '../../protobuf/proto-writer.js';
import type { SummaryValue } from '../summary-value.js';
import { checkTag, pluginMetadata, type ValueOptions } from './value-options.js';

/** In the order of their numbers in MeshPluginData.ContentType. */
const PARTS = ['UNDEFINED', 'VERTEX', 'FACE', 'COLOR'] as const;

/** Meshes or point clouds, `batch` of them; each array is `[batch, n, 3]` row-major with an `n` of its own. */
export interface Meshes {
  readonly batch: number;
  /** x, y, z of each vertex. */
  readonly vertices: Float32Array;
  /** The three vertices of each triangle, by index; without faces it is a point cloud. */
  readonly faces?: Int32Array | undefined;
  /** Red, green, blue of each vertex. */
  readonly colors?: Uint8Array | undefined;
}

export interface MeshOptions extends ValueOptions {
  /** Settings of the scene for ThreeJS (`camera`, `lights`, `material`), as JSON; default `{}`. */
  readonly jsonConfig?: string | undefined;
}

const OPTIONS: OptionNames<MeshOptions> = { displayName: true, description: true, jsonConfig: true };

/**
 * The values of a mesh, one for each of its parts, under `tag_VERTEX`, `tag_FACE` and `tag_COLOR`; they belong into one
 * summary.
 *
 * @throws TypeError, RangeError for an empty tag, arrays that are not `[batch, n, 3]`, faces of vertices that are not
 *   there, or settings that are no JSON
 * @see TensorBoard, tensorboard/plugins/mesh/metadata.py
 */
export function meshValues(tag: string, meshes: Meshes, options: MeshOptions = {}): SummaryValue[] {
  checkOptions('meshValues(options)', options, OPTIONS);
  const { batch, vertices, faces, colors } = meshes;
  const { jsonConfig = '{}', displayName = tag, description } = options;
  checkTag('meshValues', tag);
  if (!Number.isSafeInteger(batch) || batch < 1) {
    throw new RangeError(`meshValues(batch): expected a positive whole number, received ${batch}`);
  }
  try {
    JSON.parse(jsonConfig);
  } catch (cause) {
    throw new TypeError(`meshValues(jsonConfig): expected JSON, received ${JSON.stringify(jsonConfig)}`, { cause });
  }
  const parts: [part: number, tensor: FixedTensor][] = [[1, toTensor('vertices', 'float32', batch, vertices)]];
  const vertexCount = vertices.length / batch / 3;
  if (faces !== undefined) {
    if (faces.some((vertex) => vertex < 0 || vertex >= vertexCount)) {
      throw new RangeError(`meshValues(faces): expected indices of ${vertexCount} vertices, received others`);
    }
    parts.push([2, toTensor('faces', 'int32', batch, faces)]);
  }
  if (colors !== undefined) {
    if (colors.length !== vertices.length) {
      throw new RangeError(`meshValues(colors): expected ${vertices.length} as of vertices, received ${colors.length}`);
    }
    parts.push([3, toTensor('colors', 'uint8', batch, colors)]);
  }

  const components = parts.reduce((bits, [part]) => bits | (1 << part), 0);
  return parts.map(([part, tensor]) => {
    const content = new ProtoWriter();
    content.string(2, tag);
    content.int64(3, part);
    content.string(5, jsonConfig);
    content.packedInt64s(6, tensor.shape);
    content.int64(7, components);
    return {
      tag: `${tag}_${PARTS[part]}`,
      metadata: { ...pluginMetadata('mesh', { displayName, description }, content.copy()), dataClass: 'tensor' },
      data: { type: 'tensor', tensor },
    };
  });
}

function toTensor(
  name: string,
  dtype: 'float32' | 'int32' | 'uint8',
  batch: number,
  data: Float32Array | Int32Array | Uint8Array,
): FixedTensor {
  if (data.length % (batch * 3) !== 0) {
    throw new RangeError(`meshValues(${name}): expected [${batch}, n, 3] numbers, received ${data.length}`);
  }
  return makeTensor(dtype, [batch, data.length / batch / 3, 3], data);
}
