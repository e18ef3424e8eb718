import { CorruptDataError } from '../../error/corrupt-data-error.js';
import type { CheckpointState } from './checkpoint-state.js';
import { TextFormatCursor } from './text-format-cursor.js';

const FORMAT = 'checkpoint-state';
/** TensorFlow's own never come near it; a file of this size is something else. */
export const MAX_STATE_BYTES = 1 << 20;

/**
 * Decodes a `checkpoint` state file, in any form that TensorFlow takes.
 *
 * What the file leaves open is settled here: `latest` becomes the last of `all` if it is not, as TensorFlow's own
 * writer would have it, and timestamps that are not one for each path are left out.
 *
 * @param file for error texts
 * @returns the paths as they stand in the file, which may lead anywhere: see `confinePrefix`
 * @throws CorruptDataError if the text breaks the grammar, has a field that the message lacks or one of another type,
 *   is no UTF-8, names no checkpoint or exceeds 1 MiB
 *
 * @see docs/formats/checkpoint-state.md
 */
export function decodeCheckpointState(bytes: Uint8Array, file = 'checkpoint'): CheckpointState {
  if (bytes.length > MAX_STATE_BYTES) {
    throw new CorruptDataError(FORMAT, file, `${bytes.length} bytes are over ${MAX_STATE_BYTES}`);
  }
  const cursor = new TextFormatCursor(bytes, FORMAT, file);
  let latest = '';
  const paths: string[] = [];
  const timestamps: number[] = [];
  let lastPreserved: number | undefined;

  while (!cursor.isAtEnd()) {
    const field = cursor.identifier();
    if (!cursor.take(':')) cursor.fail(`expected ":" after ${field.slice(0, 100)}`);
    switch (field) {
      case 'model_checkpoint_path':
        latest = cursor.string();
        break;
      case 'all_model_checkpoint_paths':
        for (const path of cursor.oneOrList(() => cursor.string())) paths.push(path);
        break;
      case 'all_model_checkpoint_timestamps':
        for (const seconds of cursor.oneOrList(() => cursor.float())) timestamps.push(seconds);
        break;
      case 'last_preserved_timestamp':
        lastPreserved = cursor.float();
        break;
      default:
        cursor.fail(`unknown field ${field.slice(0, 100)}`);
    }
    if (!cursor.take(',')) cursor.take(';');
  }
  if (latest === '') throw new CorruptDataError(FORMAT, file, 'no model_checkpoint_path');
  return settle(latest, paths, timestamps, lastPreserved);
}

function settle(
  latest: string,
  paths: readonly string[],
  timestamps: readonly number[],
  lastPreserved: number | undefined,
): CheckpointState {
  // By index, so that a path takes its timestamp along.
  const order = paths.map((_, index) => index).filter((index) => paths[index] !== latest);
  const latestIndex = paths.lastIndexOf(latest);
  if (latestIndex >= 0) order.push(latestIndex);
  const all = order.map((index) => paths[index] as string);
  if (latestIndex < 0) all.push(latest);

  const hasTimestamps = timestamps.length > 0 && timestamps.length === paths.length && latestIndex >= 0;
  return {
    latest,
    all,
    ...(hasTimestamps && { timestamps: order.map((index) => timestamps[index] as number) }),
    ...(lastPreserved !== undefined && { lastPreserved }),
  };
}
