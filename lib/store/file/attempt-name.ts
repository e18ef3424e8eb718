// The name of a file that is being written:
//
//     .tidemark-<host>-<boot>-<pid space>-<pid>-<start>-<attempt>-<token>.tmp
//
// host, boot and pid space are hashes of 8 hexadecimal digits, token is 8 random ones, the rest is decimal. It ends in
// no marker's suffix, begins with a dot so that nobody's pattern takes it for a checkpoint, and says who wrote it, so
// that what a dead writer left can be told from what a live one is writing.

import type { Writer } from '../lock/process-table.js';
import { markOf, type WriterMark } from '../lock/writer-mark.js';

const HASH = '([0-9a-f]{8})';
const NAME = new RegExp(`^\\.tidemark-${HASH}-${HASH}-${HASH}-(\\d{1,10})-(\\d{1,20})-\\d{1,16}-[0-9a-f]{8}\\.tmp$`);

let attempts = 0;

/** A name that no other attempt of any writer has. */
export function attemptName(writer: Writer): string {
  const { host, boot, pidSpace, pid, start } = markOf(writer);
  return `.tidemark-${host}-${boot}-${pidSpace}-${pid}-${start}-${attempts++}-${writer.token}.tmp`;
}

/** Who wrote the file of that name; `undefined` for any name that {@link attemptName} does not give. */
export function writerOfAttempt(name: string): WriterMark | undefined {
  const [, host, boot, pidSpace, pid, start] = NAME.exec(name) ?? [];
  if (host === undefined || boot === undefined || pidSpace === undefined || start === undefined) return undefined;
  return { host, boot, pidSpace, pid: Number(pid), start };
}
