import type { ByteSource } from '../../format/index.js';
import type { FileSystem } from '../../node.js';

/** The bytes of an open file, which may grow. */
export function fileSource(fs: FileSystem, file: number, name: string): ByteSource {
  return {
    name,
    sizeBytes: fs.sizeOf(file) ?? 0,
    read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const count = fs.read(file, bytes.subarray(done), offset + done);
        if (count === 0) throw Object.assign(new Error('the file became shorter'), { code: 'SHORTER' });
        done += count;
      }
      return bytes;
    },
  };
}
