import type { ProcessTable, Writer } from '../../store/lock/process-table.js';

/** A machine with the given process on it and, while they are in `alive`, others. */
export function fakeProcessTable(
  self: Partial<Writer> = {},
  alive: ReadonlyMap<number, string> = new Map(),
): ProcessTable {
  const writer: Writer = {
    pid: 100,
    start: '1000',
    host: 'here',
    boot: 'boot-1',
    pidSpace: 'pids-1',
    command: 'train.js',
    token: '00000001',
    ...self,
  };
  return {
    self: () => writer,
    startOf: (pid) => (pid === writer.pid ? writer.start : alive.get(pid)),
    now: () => '2026-01-02T03:04:05.000Z',
  };
}
