import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { JsonFields } from './json-fields.js';
import type { RecordedError, RecordedEvent, RecordedHookCosts } from './recorded-event.js';

/**
 * The event on a line. Events of a kind that is not known here are `undefined`: a newer version wrote them.
 *
 * @param where for error texts, e.g. `run.events.ndjson, line 3`
 * @throws CorruptDataError if the line holds no event
 */
export function decodeRecordedEvent(line: string, where: string): RecordedEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new CorruptDataError('run record', where, 'not JSON', { cause });
  }
  const fields = new JsonFields(value, where);
  const kind = fields.text('kind');
  if (kind === 'begin' && fields.count('v') !== 1) fields.fail(`version ${fields.count('v')} is not 1`);
  return read(kind, fields);
}

function read(kind: string, fields: JsonFields): RecordedEvent | undefined {
  const t = fields.duration('t');
  if (kind === 'begin') return { kind, t, run: fields.text('run'), at: fields.text('at') };
  if (kind === 'steps') return readSteps(t, fields);
  if (kind === 'hookCosts') return readHookCosts(t, fields);
  const step = fields.optional('step', (of, key) => of.count(key)) ?? 0;
  switch (kind) {
    case 'sessionCreated':
      return {
        kind,
        t,
        step,
        attempt: fields.count('attempt'),
        restored: fields.optional('restored', (of, key) => of.text(key)),
        error: fields.optional('error', (of, key) => readRecordedError(of.object(key))),
      };
    case 'hold':
      return { kind, t, step, ms: fields.duration('ms'), hook: fields.text('hook'), event: fields.text('event') };
    case 'stall':
      return { kind, t, step, ms: fields.duration('ms') };
    case 'firing':
      return { kind, t, step, trigger: fields.text('trigger') };
    case 'beforeSave':
      return { kind, t, step, cause: fields.text('cause') };
    case 'snapshotTaken':
      return { kind, t, step, sizeBytes: fields.count('sizeBytes'), stallMs: fields.duration('stallMs') };
    case 'saveProgress': {
      const [writtenBytes, sizeBytes] = [fields.count('writtenBytes'), fields.count('sizeBytes')];
      return { kind, t, step, writtenBytes, sizeBytes, ms: fields.duration('ms') };
    }
    case 'afterSave': {
      const [prefix, sizeBytes, ms] = [fields.text('prefix'), fields.count('sizeBytes'), fields.duration('ms')];
      return { kind, t, step, prefix, sizeBytes, ms };
    }
    case 'saveFailed':
    case 'failed':
      return { kind, t, step, error: readRecordedError(fields.object('error')) };
    case 'saveSkipped':
      return { kind, t, step, reason: fields.text('reason') };
    case 'checkpointDeleted':
      return { kind, t, step, prefix: fields.text('prefix'), checkpointStep: fields.count('checkpointStep') };
    case 'hookEvent': {
      const data = fields.optional('data', (of, key) => of.values(key, true));
      return { kind, t, step, type: fields.text('type'), data };
    }
    case 'end':
      return {
        kind,
        t,
        step,
        cause: fields.text('cause'),
        reason: fields.optional('reason', (of, key) => of.text(key)),
      };
    case 'finished':
    case 'cancelled':
      return { kind, t, step };
    default:
      return undefined;
  }
}

function readSteps(t: number, fields: JsonFields): RecordedEvent {
  const [since, from, to, count] = [
    fields.duration('since'),
    fields.count('from'),
    fields.count('to'),
    fields.count('count'),
  ];
  if (since > t) fields.fail('since is after t');
  if (to < from) fields.fail('to is before from');
  if (count === 0) fields.fail('count is 0');
  const metrics = fields.optional('metrics', (of, key) => of.values(key));
  const holds = fields.optional('holds', (of, key) => {
    const short = of.object(key);
    return { count: short.count('count'), ms: short.duration('ms') };
  });
  const omitted = fields.optional('omitted', (of, key) => of.count(key));
  return { kind: 'steps', t, since, from, to, count, metrics, holds, omitted };
}

function readHookCosts(t: number, fields: JsonFields): RecordedHookCosts {
  const [steps, sampled] = [fields.count('steps'), fields.count('sampled')];
  if (sampled === 0) fields.fail('sampled is 0');
  if (sampled > steps) fields.fail('more steps were sampled than taken');
  const hookMs = fields.values('hookMs');
  for (const [hook, ms] of hookMs) {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) fields.fail(`hookMs of ${hook} is no time`);
  }
  return { kind: 'hookCosts', t, steps, sampled, hookMs };
}

/** @throws CorruptDataError if it is none */
export function readRecordedError(fields: JsonFields): RecordedError {
  return {
    name: fields.text('name'),
    message: fields.text('message'),
    code: fields.optional('code', (of, key) => of.text(key)),
  };
}
