// ProjectorConfig in protobuf's text format, as TensorBoard's projector reads it from `projector_config.pbtxt`.
//
// Source: TensorBoard, tensorboard/plugins/projector/projector_config.proto.

import { checkWellFormed } from '../check-well-formed.js';

/** The file's name; it lies in the run's folder. */
export const PROJECTOR_CONFIG_FILE = 'projector_config.pbtxt';

export interface ProjectorEmbedding {
  /** The title; one of its own in the run. */
  readonly tensorName: string;
  /** Paths are relative to the run's folder. The vectors, from `encodeVectors`. */
  readonly tensorPath: string;
  /** Labels of the points, from `encodeLabels`. */
  readonly metadataPath?: string | undefined;
  /** `[points, dimensions]`, only a check. */
  readonly tensorShape?: readonly [points: number, dimensions: number] | undefined;
  readonly bookmarksPath?: string | undefined;
  /** A picture for each point, from `encodeSprite`; sizes in pixels. */
  readonly sprite?: { readonly imagePath: string; readonly width: number; readonly height: number } | undefined;
}

/**
 * The text of a projector_config.pbtxt.
 *
 * @throws TypeError, RangeError for text that UTF-8 cannot hold, an empty name or path, names that come twice, or sizes
 *   that are no positive whole numbers
 */
export function encodeProjectorConfig(embeddings: readonly ProjectorEmbedding[]): string {
  const names = new Set<string>();
  return embeddings
    .map((embedding) => {
      const { tensorName, tensorPath, metadataPath, bookmarksPath, tensorShape = [], sprite } = embedding;
      if (names.has(tensorName)) {
        throw new RangeError(
          `encodeProjectorConfig(tensorName): expected one of its own, received ${tensorName} again`,
        );
      }
      names.add(tensorName);
      const lines = [
        ...text('tensor_name', tensorName),
        ...text('metadata_path', metadataPath),
        ...text('bookmarks_path', bookmarksPath),
        ...tensorShape.map((size) => number('tensor_shape', size)),
      ];
      if (sprite !== undefined) {
        const { imagePath, width, height } = sprite;
        const inner = [
          ...text('image_path', imagePath),
          ...[width, height].map((size) => number('single_image_dim', size)),
        ];
        lines.push('sprite {', ...inner.map((line) => `  ${line}`), '}');
      }
      lines.push(...text('tensor_path', tensorPath));
      return `embeddings {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
    })
    .join('');
}

function text(name: string, value: string | undefined): string[] {
  if (value === undefined) return [];
  checkWellFormed(`encodeProjectorConfig(${name})`, value);
  if (value === '') throw new RangeError(`encodeProjectorConfig(${name}): expected text, received an empty string`);
  return [`${name}: "${escapeText(value)}"`];
}

/** C escapes; text beyond ASCII stands as it is, in UTF-8. */
function escapeText(value: string): string {
  return value
    .replace(/["\\]/g, (char) => `\\${char}`)
    .replace(/\p{Cc}/gu, (char) => (char < '\u0080' ? `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}` : char));
}

function number(name: string, value: number): string {
  if (!Number.isSafeInteger(value) || value < 1 || value > 0xffff_ffff) {
    throw new RangeError(`encodeProjectorConfig(${name}): expected a positive whole number, received ${value}`);
  }
  return `${name}: ${value}`;
}
