import type { TfEvent } from '../../format/event/tf-event.js';

/** What happens in a folder of event files. */
export type TailedEvent = TailedRecord | TailReset | TailFault;

/** An event of a file. */
export interface TailedRecord {
  readonly type: 'event';
  /** The file's name, without its folder. */
  readonly file: string;
  /** Where its record begins, in bytes. */
  readonly offset: number;
  readonly event: TfEvent;
}

/** What was told of a file is void: it was removed, replaced or made shorter. If it is there, it is read from the start. */
export interface TailReset {
  readonly type: 'reset';
  readonly file: string;
}

/**
 * Something that cannot be read. Behind a broken frame nothing can be found any more, so the file is not gone on with
 * until it is another one; a record whose frame is whole and whose event is broken is passed over.
 */
export interface TailFault {
  readonly type: 'fault';
  readonly file: string;
  readonly offset: number;
  /** Which check failed. */
  readonly reason: string;
  readonly error: unknown;
}
