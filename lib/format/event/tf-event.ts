import type { SummaryValue } from './summary-value.js';

/**
 * One event of a TensorBoard event file: when, at which step, and one thing that happened.
 *
 * @see TensorFlow, tensorflow/core/util/event.proto
 */
export type TfEvent =
  | FileVersionEvent
  | SummaryEvent
  | SessionLogEvent
  | GraphDefEvent
  | MetaGraphDefEvent
  | TaggedRunMetadataEvent
  | LogMessageEvent
  | EmptyEvent;

/** A 64-bit step: a number wherever a number is exact, a bigint beyond 2^53. */
export type EventStep = number | bigint;

export interface EventStamp {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: EventStep;
  /** The program that wrote the file; in the first event of a file, if anywhere. */
  readonly sourceWriter?: string | undefined;
}

/** The first event of a file: `brain.Event:2`. */
export interface FileVersionEvent extends EventStamp {
  readonly type: 'fileVersion';
  readonly fileVersion: string;
}

export interface SummaryEvent extends EventStamp {
  readonly type: 'summary';
  readonly values: readonly SummaryValue[];
}

/** In the order of their numbers. */
export const SESSION_STATUSES = ['unspecified', 'start', 'stop', 'checkpoint'] as const;

/** A `start` after the first one of a run tells readers to drop what lies at its step and behind it. */
export interface SessionLogEvent extends EventStamp {
  readonly type: 'sessionLog';
  readonly status: (typeof SESSION_STATUSES)[number];
  readonly checkpointPath: string;
  readonly message: string;
}

export interface GraphDefEvent extends EventStamp {
  readonly type: 'graphDef';
  /** A serialized GraphDef. */
  readonly graphDef: Uint8Array;
}

export interface MetaGraphDefEvent extends EventStamp {
  readonly type: 'metaGraphDef';
  /** A serialized MetaGraphDef. */
  readonly metaGraphDef: Uint8Array;
}

export interface TaggedRunMetadataEvent extends EventStamp {
  readonly type: 'taggedRunMetadata';
  readonly tag: string;
  /** A serialized RunMetadata. */
  readonly runMetadata: Uint8Array;
}

/** Written by nobody any more. */
export interface LogMessageEvent extends EventStamp {
  readonly type: 'logMessage';
  /** 10 debug, 20 info, 30 warning, 40 error, 50 fatal; 0 unknown. */
  readonly level: number;
  readonly message: string;
}

/** An event that says nothing, or nothing that is known here. */
export interface EmptyEvent extends EventStamp {
  readonly type: 'empty';
}
