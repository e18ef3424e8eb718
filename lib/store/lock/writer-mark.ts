import type { ProcessTable, Writer } from './process-table.js';

/** A {@link Writer} cut down to what fits into a file's name. */
export interface WriterMark {
  readonly host: string;
  readonly boot: string;
  readonly pidSpace: string;
  readonly pid: number;
  readonly start: string;
}

export function markOf({ host, boot, pidSpace, pid, start }: Writer): WriterMark {
  return { host: hash(host), boot: hash(boot), pidSpace: hash(pidSpace), pid, start };
}

/**
 * Whether the writer that left `mark` still lives. A pid alone says little: it is reused, starts anew after a reboot,
 * and means nothing on another machine or in another container.
 *
 * @returns `unknown` if it ran on another machine, or in a container of another name
 */
export function judge(mark: WriterMark, processes: ProcessTable): 'alive' | 'dead' | 'unknown' {
  const self = markOf(processes.self());
  const isSameHost = mark.host === self.host;
  const isBootKnown = self.boot !== hash('');
  if (isBootKnown ? mark.boot !== self.boot : !isSameHost) {
    // A host of the same name that has been started anew since.
    return isBootKnown && isSameHost ? 'dead' : 'unknown';
  }
  // A container of the same name that has been started anew since: its pids were others.
  if (mark.pidSpace !== self.pidSpace) return isSameHost ? 'dead' : 'unknown';
  const start = processes.startOf(mark.pid);
  if (start === undefined) return 'dead';
  return start === mark.start || start === '0' || mark.start === '0' ? 'alive' : 'dead';
}

/** FNV-1a, 32 bits, in hexadecimal: short names for long ones; two machines that collide are told apart by the lock. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) sum = Math.imul(sum ^ byte, 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, '0');
}
