/** What the `checkpoint` state file says. Paths are as the file has them: see `confinePrefix` before opening one. */
export interface CheckpointState {
  /** The newest committed checkpoint. */
  readonly latest: string;
  /** Those that retention still answers for, oldest first; the last one is `latest`. */
  readonly all: readonly string[];
  /** Seconds since 1970, one for each of `all`, where the writer kept them. */
  readonly timestamps?: readonly number[] | undefined;
  /** When, in seconds since 1970, a checkpoint was last kept for good. */
  readonly lastPreserved?: number | undefined;
}
