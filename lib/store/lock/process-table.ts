/** Who writes: enough to tell later, maybe on another machine or after a restart, whether that process still lives. */
export interface Writer {
  readonly pid: number;
  /** When the process started, in a unit of the system's own, as digits; `0` if unknown. Tells a reused pid. */
  readonly start: string;
  readonly host: string;
  /** The system's run since it was switched on, the same in all its containers; empty if unknown. */
  readonly boot: string;
  /** In which numbering `pid` is a process: containers count for themselves; empty if unknown. */
  readonly pidSpace: string;
  readonly command: string;
  /** At random, so that no two writers use the same names: 8 hexadecimal digits. */
  readonly token: string;
}

/** What a lock asks of the machine about processes. */
export interface ProcessTable {
  self(): Writer;
  /** When a process started, as in {@link Writer.start}; `undefined` if no such process lives. */
  startOf(pid: number): string | undefined;
  /** The wall clock, to be shown to people only; ISO 8601. */
  now(): string;
}
