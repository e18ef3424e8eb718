import { hostname } from 'node:os';
import { basename } from 'node:path';
import { errnoOf } from '../file-system.js';
import { nodeFileSystem as fs } from '../node-file-system.js';
import type { ProcessTable, Writer } from './process-table.js';

const COMMAND_LENGTH = 200;
const UNKNOWN_START = '0';
let writer: Writer | undefined;

/** The processes of this machine, from `/proc` where there is one. */
export const nodeProcessTable: ProcessTable = {
  self() {
    writer ??= {
      pid: process.pid,
      start: startOf(process.pid) ?? UNKNOWN_START,
      host: hostname(),
      boot: readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
      pidSpace: fs.identityOf('/proc/self/ns/pid') ?? '',
      command: process.argv
        .map((part, at) => (at < 2 ? basename(part) : part))
        .join(' ')
        .slice(0, COMMAND_LENGTH),
      token: crypto.randomUUID().slice(0, 8),
    };
    return writer;
  },
  startOf,
  now: () => new Date().toISOString(),
};

function startOf(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return isSignalled(pid) ? UNKNOWN_START : undefined;
  // The command, field 2, is in parentheses and may hold anything. Field 3 is the state, 22 the start in clock ticks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isDead = fields[0] === 'Z' || fields[0] === 'X';
  return isDead ? undefined : (fields[19] ?? UNKNOWN_START);
}

function isSignalled(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user's lives, too.
    return errnoOf(error) === 'EPERM';
  }
}

function readProc(path: string): string | undefined {
  try {
    const file = fs.openRead(path);
    try {
      const bytes = new Uint8Array(4096);
      return new TextDecoder().decode(bytes.subarray(0, fs.read(file, bytes, 0)));
    } finally {
      fs.close(file);
    }
  } catch {
    // Not Linux, or hidden from this user: `undefined` says so.
    return undefined;
  }
}
