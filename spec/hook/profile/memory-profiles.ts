import { defer, of } from 'rxjs';
import type { ProfileSink } from '../../../lib/hook/profile/profile-sink.js';

/** Profiles in memory. */
export function memoryProfiles(): ProfileSink & {
  readonly files: ReadonlyMap<string, string>;
  readonly writes: number;
  text(name: string): string;
} {
  const files = new Map<string, string>();
  let writes = 0;
  return {
    files,
    get writes() {
      return writes;
    },
    text: (name) => files.get(name) ?? '',
    write: (name, text) =>
      defer(() => {
        writes++;
        files.set(name, text);
        return of(undefined);
      }),
  };
}

interface Trace {
  readonly traceEvents: readonly {
    readonly name: string;
    readonly ph: string;
    readonly tid?: number;
    readonly ts: number;
    readonly dur: number;
    readonly args: { readonly name?: string };
  }[];
}

/** The slices of a trace as `track: name from-to`, in milliseconds. */
export function slicesOf(text: string): readonly string[] {
  const { traceEvents } = JSON.parse(text) as Trace;
  const tracks = new Map(
    traceEvents.filter(({ name }) => name === 'thread_name').map(({ tid, args }) => [tid, args.name]),
  );
  return traceEvents
    .filter(({ ph }) => ph === 'X')
    .map(({ name, tid, ts, dur }) => `${tracks.get(tid)}: ${name} ${ts / 1000}-${(ts + dur) / 1000}`);
}
