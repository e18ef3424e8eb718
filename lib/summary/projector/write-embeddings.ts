import { defer, type Observable, of } from 'rxjs';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { checkPath } from '../../error/check-path.js';
import { describeReceived } from '../../error/describe-received.js';
import type { PixelBatch } from '../../format/event/media/encode-png.js';
import { encodeSprite } from '../../format/event/projector/encode-sprite.js';
import { encodeLabels, encodeVectors } from '../../format/event/projector/encode-tsv.js';
import {
  encodeProjectorConfig,
  PROJECTOR_CONFIG_FILE,
  type ProjectorEmbedding,
} from '../../format/event/projector/projector-config.js';
import { attemptName } from '../../store/file/attempt-name.js';
import { makeFolder } from '../../store/file/make-folder.js';
import { patientFileSystem } from '../../store/file/patient-file-system.js';
import { replaceFile } from '../../store/file/replace-file.js';
import type { FileSystem } from '../../store/file-system.js';
import { nodeProcessTable } from '../../store/lock/node-process-table.js';
import { nodeFileSystem } from '../../store/node-file-system.js';

/** Points for TensorBoard's projector. */
export interface Embedding {
  /** The title; one of its own among those that are written together. */
  readonly name: string;
  /** `[points, dimensions]` row-major, finite. */
  readonly vectors: ArrayLike<number>;
  readonly dimensions: number;
  /** A label for each point, or a row of labels under `columns`. */
  readonly labels?: readonly (string | readonly string[])[] | undefined;
  /** Names of the labels, where a point has several. */
  readonly columns?: readonly string[] | undefined;
  /** A small picture for each point: `[points, height, width, channels]`, bytes. */
  readonly pictures?: (PixelBatch & { readonly data: Uint8Array }) | undefined;
}

export interface WriteEmbeddingsOptions {
  /** @default the machine's */
  readonly fileSystem?: FileSystem | undefined;
}

const OPTIONS: OptionNames<WriteEmbeddingsOptions> = { fileSystem: true };

/**
 * Writes embeddings into the folder of a run, where TensorBoard's projector finds them; they take the place of those
 * written before. The arrays are read on subscription. Emits the path of the configuration, which is written last, when
 * all is there:
 *
 *     hook('embeddings', () => ({ end: (event) => event.waitUntil(writeEmbeddings('logs/train', [digits])) }))
 *
 * The projector looks at the folders of runs, so there must be event files too, or it must be TensorBoard's `logdir`.
 *
 * @throws TypeError if `folder` is no path or there is no embedding; its observable fails with a TypeError or RangeError,
 *   before anything is written, for vectors, labels and pictures that do not fit each other, and with a StorageError
 */
export function writeEmbeddings(
  folder: string,
  embeddings: readonly Embedding[],
  options: WriteEmbeddingsOptions = {},
): Observable<string> {
  checkOptions('writeEmbeddings(options)', options, OPTIONS);
  checkPath('writeEmbeddings(folder)', folder);
  if (!Array.isArray(embeddings) || embeddings.length === 0) {
    throw new TypeError('writeEmbeddings(embeddings): expected at least one, received none');
  }
  const { fileSystem = nodeFileSystem } = options;
  return defer(() => {
    const files = filesOf(embeddings);
    const path = fileSystem.resolve(folder);
    const fs = patientFileSystem(fileSystem, path);
    makeFolder(fs, path);
    for (const [name, bytes] of files) {
      replaceFile(fs, path, name, `${path}/${attemptName(nodeProcessTable.self())}`, bytes);
    }
    return of(`${path}/${PROJECTOR_CONFIG_FILE}`);
  });
}

/** What is written, in its order. */
function filesOf(embeddings: readonly Embedding[]): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const put = (name: string, content: string | Uint8Array): string => {
    files.set(name, typeof content === 'string' ? new TextEncoder().encode(content) : content);
    return name;
  };
  const entries = embeddings.map((embedding, i): ProjectorEmbedding => {
    const { name, vectors, dimensions, labels, columns, pictures } = embedding;
    const tensorPath = put(`embedding-${i}-vectors.tsv`, encodeVectors(vectors, dimensions));
    const points = vectors.length / dimensions;
    mustBeOfEach(name, 'labels', labels?.length, points);
    mustBeOfEach(name, 'pictures', pictures?.shape[0], points);
    const sprite = pictures && {
      imagePath: put(`embedding-${i}-sprite.png`, encodeSprite(pictures)),
      width: pictures.shape[2],
      height: pictures.shape[1],
    };
    const metadataPath = labels && put(`embedding-${i}-labels.tsv`, encodeLabels(labels, columns));
    return { tensorName: name, tensorPath, metadataPath, tensorShape: [points, dimensions], sprite };
  });
  put(PROJECTOR_CONFIG_FILE, encodeProjectorConfig(entries));
  return files;
}

function mustBeOfEach(name: string, what: string, count: number | undefined, points: number): void {
  if (count === undefined || count === points) return;
  throw new RangeError(
    `writeEmbeddings(${what}): expected one for each point of ${name}, ${points}, received ${describeReceived(count)}`,
  );
}
