// The part of Chrome's trace event format that is used here. A trace is one JSON object:
//
//     {"traceEvents":[…],"displayTimeUnit":"ms","otherData":{…}}
//
//     slice     {"name","cat","ph":"X","ts","dur","pid","tid","args"}   slices of one tid nest by their times
//     instant   {"name","cat","ph":"i","s":"t","ts","pid","tid","args"}
//     track     {"name":"thread_name","ph":"M","pid","tid","args":{"name"}}
//
// Times are microseconds from the beginning of the trace.
//
// Source: "Trace Event Format" of the Chromium project; read by chrome://tracing and by Perfetto.

/** The tracks of a profile, top to bottom. */
export const TRACKS = ['loop', 'saves', 'other events'] as const;

export type Track = (typeof TRACKS)[number];

export type TraceArguments = Readonly<Record<string, string | number | boolean>>;

/** Something that took a time; in milliseconds from the beginning. */
export interface Slice {
  readonly track: Track;
  readonly category: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly args?: TraceArguments | undefined;
}

/** Something that happened. */
export interface Instant {
  readonly track: Track;
  readonly category: string;
  readonly name: string;
  readonly at: number;
}

const PROCESS = 1;

/** A trace as text. */
export function encodeChromeTrace(
  slices: readonly Slice[],
  instants: readonly Instant[],
  about: TraceArguments = {},
): string {
  const place = (track: Track) => ({ pid: PROCESS, tid: TRACKS.indexOf(track) + 1 });
  const names = TRACKS.flatMap((track, order) => [
    { name: 'thread_name', ph: 'M', ...place(track), args: { name: track } },
    { name: 'thread_sort_index', ph: 'M', ...place(track), args: { sort_index: order } },
  ]);
  const traceEvents = [
    { name: 'process_name', ph: 'M', pid: PROCESS, args: { name: 'tidemark' } },
    ...names,
    // An enclosing slice stands before what is in it, also where both begin at once.
    ...[...slices]
      .sort((a, b) => a.from - b.from || b.to - a.to)
      .map(({ track, category, name, from, to, args = {} }) => ({
        name,
        cat: category,
        ph: 'X',
        ts: microseconds(from),
        dur: microseconds(to - from),
        ...place(track),
        args,
      })),
    ...instants.map(({ track, category, name, at }) => ({
      name,
      cat: category,
      ph: 'i',
      s: 't',
      ts: microseconds(at),
      ...place(track),
      args: {},
    })),
  ];
  return `${JSON.stringify({ traceEvents, displayTimeUnit: 'ms', otherData: about })}\n`;
}

/** To the nanosecond. */
function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1e6) / 1e3;
}
