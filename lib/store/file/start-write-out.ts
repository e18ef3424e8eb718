import { close, constants, fdatasync, openSync } from 'node:fs';

/** A second descriptor of a file that is being written, while syncs of it go on. */
interface WriteOut {
  readonly file: number;
  pending: number;
}

const writeOuts = new Map<string, WriteOut>();

/**
 * Lets a thread of libuv's pool sync what was written to `path` so far, through a descriptor of its own.
 *
 * The outcome of that sync is nobody's business. A failure of write-back is not used up by it: Linux (since 4.13, older
 * than what Node runs on) notes it in the file, and reports it once to *every* descriptor that was open before, so that
 * the writer's own sync fails as it would have. See "Report once per open file description" in fsync(2) and
 * Documentation/core-api/errseq.rst of the kernel.
 */
export function startWriteOut(path: string): void {
  try {
    let writeOut = writeOuts.get(path);
    if (writeOut === undefined) {
      writeOut = { file: openSync(path, constants.O_RDONLY), pending: 0 };
      writeOuts.set(path, writeOut);
    }
    const started = writeOut;
    fdatasync(started.file, () => settle(path, started));
    started.pending++;
  } catch {
    // A hint: without it the writer's own sync takes longer.
  }
}

function settle(path: string, writeOut: WriteOut): void {
  writeOut.pending--;
  if (writeOut.pending > 0) return;
  writeOuts.delete(path);
  close(writeOut.file, () => {});
}
