// The record of a run, `run.json`: what the run is and how it stands, replaced as a whole at every heartbeat.

import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { readRecordedError } from './decode-recorded-event.js';
import { toJson } from './encode-recorded-event.js';
import { JsonFields } from './json-fields.js';
import type { RecordedError } from './recorded-event.js';

export const RUN_RECORD_NAME = 'run.json';
export const MAX_RUN_RECORD_BYTES = 1 << 20;

/** How a run can stand by its own word. One that says `running` may be dead: see `runStateOf`. */
export const RECORDED_STATES = ['running', 'finished', 'stopped', 'failed'] as const;

export type RecordedState = (typeof RECORDED_STATES)[number];

/** What a run says of itself. */
export interface RunRecord {
  /** E.g. `calm-otter`. */
  readonly id: string;
  readonly command: string;
  /** By program, e.g. `node`. */
  readonly versions: ReadonlyMap<string, string>;
  readonly seed: string | number | undefined;
  /** Settings by name; secrets are hidden. */
  readonly config: ReadonlyMap<string, string | number | boolean>;
  readonly totalSteps: number | undefined;
  readonly state: RecordedState;
  /** Why it stopped or finished, if somebody said so. */
  readonly reason: string | undefined;
  readonly error: RecordedError | undefined;
  readonly globalStep: number;
  readonly attempt: number;
  readonly metrics: ReadonlyMap<string, number>;
  /** What holds the loop at the heartbeat, if it does so since before the last one. */
  readonly holding: { readonly hook: string; readonly ms: number } | undefined;
  readonly checkpoints: readonly RecordedCheckpoint[];
  /** What decides which checkpoints stay, e.g. `keepLatest(5)`. */
  readonly retention: string | undefined;
  /** Every process that worked on the run, the last one last. */
  readonly processes: readonly RecordedProcess[];
  /** ISO 8601, by the wall clock of the writer. */
  readonly startedAt: string;
  readonly heartbeatAt: string;
  readonly heartbeatSeconds: number;
}

/** A checkpoint that was there when the record was written. */
export interface RecordedCheckpoint {
  readonly prefix: string;
  readonly globalStep: number;
  readonly sizeBytes: number;
  /** Seconds since 1970. */
  readonly savedAt: number;
  readonly metrics: ReadonlyMap<string, number>;
  /** Why it is kept; `undefined` if no saver of the run has said what stays. */
  readonly reason: string | undefined;
}

export interface RecordedProcess {
  readonly pid: number;
  readonly start: string;
  readonly host: string;
  readonly boot: string;
  readonly pidSpace: string;
  readonly startedAt: string;
  /** The file that has its events. */
  readonly events: string;
}

/** The bytes of the record. */
export function encodeRunRecord(record: RunRecord): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ v: 1, ...record }, toJson, 1)}\n`);
}

/**
 * Reads a record.
 *
 * @throws CorruptDataError if it is none, or of another version
 */
export function decodeRunRecord(bytes: Uint8Array, where: string): RunRecord {
  if (bytes.length > MAX_RUN_RECORD_BYTES) {
    throw new CorruptDataError('run record', where, `${bytes.length} bytes are over ${MAX_RUN_RECORD_BYTES}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new CorruptDataError('run record', where, 'not JSON', { cause });
  }
  const fields = new JsonFields(value, where);
  if (fields.count('v') !== 1) fields.fail(`version ${fields.count('v')} is not 1`);
  const text = (of: JsonFields, key: string): string => of.text(key);
  return {
    id: fields.text('id'),
    command: fields.text('command'),
    versions: new Map([...fields.values('versions', true)].map(([name, version]) => [name, String(version)])),
    seed: fields.optional('seed', (of, key) => plainOf(of, key)) as string | number | undefined,
    config: new Map(fields.object('config').entries.map(([key]) => [key, plainOf(fields.object('config'), key)])),
    totalSteps: fields.optional('totalSteps', (of, key) => of.count(key)),
    state: stateOf(fields),
    reason: fields.optional('reason', text),
    error: fields.optional('error', (of, key) => readRecordedError(of.object(key))),
    globalStep: fields.count('globalStep'),
    attempt: fields.count('attempt'),
    metrics: fields.values('metrics'),
    holding: fields.optional('holding', (of, key) => {
      const hold = of.object(key);
      return { hook: hold.text('hook'), ms: hold.duration('ms') };
    }),
    checkpoints: fields
      .list('checkpoints')
      .map((each) => readCheckpoint(new JsonFields(each, `${where}, checkpoints`))),
    retention: fields.optional('retention', text),
    processes: fields.list('processes').map((each) => readProcess(new JsonFields(each, `${where}, processes`))),
    startedAt: fields.text('startedAt'),
    heartbeatAt: fields.text('heartbeatAt'),
    heartbeatSeconds: fields.duration('heartbeatSeconds'),
  };
}

function plainOf(fields: JsonFields, key: string): string | number | boolean {
  const value = new Map(fields.entries).get(key);
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' ? fields.text(key) : fields.number(key);
}

function stateOf(fields: JsonFields): RecordedState {
  const text = fields.text('state');
  return RECORDED_STATES.find((state) => state === text) ?? fields.fail('state is none');
}

function readCheckpoint(fields: JsonFields): RecordedCheckpoint {
  return {
    prefix: fields.text('prefix'),
    globalStep: fields.count('globalStep'),
    sizeBytes: fields.count('sizeBytes'),
    savedAt: fields.number('savedAt'),
    metrics: fields.values('metrics'),
    reason: fields.optional('reason', (of, key) => of.text(key)),
  };
}

function readProcess(fields: JsonFields): RecordedProcess {
  return {
    pid: fields.count('pid'),
    start: fields.text('start'),
    host: fields.text('host'),
    boot: fields.text('boot'),
    pidSpace: fields.text('pidSpace'),
    startedAt: fields.text('startedAt'),
    events: fields.text('events'),
  };
}
