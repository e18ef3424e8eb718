import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { TruncatedDataError } from '../../error/truncated-data-error.js';
import type { ByteSource } from '../byte-source.js';
import type { BundleEntry } from './bundle-entry.js';
import { bundleDataSuffix } from './bundle-suffix.js';

/** The data file with that suffix; `undefined` if there is none. */
export type OpenShard = (suffix: string) => ByteSource | undefined;

/** The data files of a bundle, each asked for when it is first needed. */
export class BundleShards {
  private readonly opened = new Map<number, ByteSource | undefined>();

  constructor(
    private readonly open: OpenShard,
    private readonly count: number,
  ) {}

  /** The same files, each seen through what `wrap` makes of it. */
  through(wrap: (source: ByteSource) => ByteSource): BundleShards {
    return new BundleShards((suffix) => {
      const source = this.open(suffix);
      return source && wrap(source);
    }, this.count);
  }

  /** The data file, or `undefined` if it is missing. */
  find(shard: number): ByteSource | undefined {
    if (!this.opened.has(shard)) this.opened.set(shard, this.open(bundleDataSuffix(shard, this.count)));
    return this.opened.get(shard);
  }

  /**
   * The data file of an entry, which the entry lies in.
   *
   * @throws CorruptDataError if the file is missing
   * @throws TruncatedDataError if the file ends before the entry does
   */
  holding({ shard, offset, sizeBytes }: BundleEntry, where: string): ByteSource {
    const source = this.find(shard);
    if (source === undefined) {
      const suffix = bundleDataSuffix(shard, this.count);
      throw new CorruptDataError('tensor-bundle', where, `its data file is missing: there is no *${suffix}`);
    }
    if (sizeBytes > source.sizeBytes - offset) {
      const fault = `bytes [${offset}, ${offset + sizeBytes}) lie outside of the ${source.sizeBytes} of ${source.name}`;
      throw new TruncatedDataError('tensor-bundle', where, fault);
    }
    return source;
  }
}
