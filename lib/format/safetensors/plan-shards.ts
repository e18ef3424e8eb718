import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { UnsupportedDataError } from '../../error/unsupported-data-error.js';
import { type TensorSpec, tensorBytes } from '../../tensor/tensor.js';

export interface ShardPlan {
  /** `model.safetensors` if there is one shard, else `model-00001-of-00003.safetensors`. */
  readonly fileName: string;
  readonly names: readonly string[];
  /** The bytes of the tensors, without the header. */
  readonly sizeBytes: number;
}

export interface PlanShardsOptions {
  /** What the file names begin with; default `model`. */
  readonly baseName?: string;
}

const OPTIONS: OptionNames<PlanShardsOptions> = { baseName: true };

/**
 * Shares tensors out to files of at most `maxShardBytes`, in the order they come, as Hugging Face's tools do: a tensor
 * that is larger than that has a file of its own.
 *
 * @returns at least one shard
 * @throws UnsupportedDataError for a string tensor, which the format cannot hold
 * @throws RangeError if `maxShardBytes` is no whole number from 1
 *
 * @see huggingface_hub, serialization/_base.py, split_state_dict_into_shards_factory
 */
export function planShards(
  specs: Iterable<readonly [string, TensorSpec]>,
  maxShardBytes: number,
  options: PlanShardsOptions = {},
): ShardPlan[] {
  checkOptions('planShards(options)', options, OPTIONS);
  const { baseName = 'model' } = options;
  if (!Number.isSafeInteger(maxShardBytes) || maxShardBytes < 1) {
    throw new RangeError(`planShards(maxShardBytes): expected a whole number from 1, received ${maxShardBytes}`);
  }
  const shards: { names: string[]; sizeBytes: number }[] = [];
  let current: { names: string[]; sizeBytes: number } = { names: [], sizeBytes: 0 };
  for (const [name, { dtype, shape }] of specs) {
    if (dtype === 'string') {
      throw new UnsupportedDataError(
        'safetensors',
        `tensor ${JSON.stringify(name)}`,
        'the format cannot hold string elements',
      );
    }
    const sizeBytes = tensorBytes(dtype, shape);
    if (sizeBytes > maxShardBytes) {
      shards.push({ names: [name], sizeBytes });
      continue;
    }
    if (current.sizeBytes + sizeBytes > maxShardBytes) {
      shards.push(current);
      current = { names: [], sizeBytes: 0 };
    }
    current.names.push(name);
    current.sizeBytes += sizeBytes;
  }
  if (current.names.length > 0 || shards.length === 0) shards.push(current);

  const number = (value: number): string => String(value).padStart(5, '0');
  return shards.map(({ names, sizeBytes }, index) => ({
    fileName:
      shards.length === 1
        ? `${baseName}.safetensors`
        : `${baseName}-${number(index + 1)}-of-${number(shards.length)}.safetensors`,
    names,
    sizeBytes,
  }));
}
