/** One committed checkpoint. */
export interface Checkpoint {
  /** What its files' names begin with, e.g. `model.ckpt-500`. */
  readonly prefix: string;
  readonly globalStep: number;
  /** Seconds since 1970 by the wall clock of the writer; for showing and for keeping by hours, never for order. */
  readonly savedAt: number;
  /** All files together. */
  readonly sizeBytes: number;
  /** The scalars of its step by name, e.g. `loss`, as far as they were known when it was saved. */
  readonly metrics: ReadonlyMap<string, number>;
  /** The checkpoint that came before it in its run, or that its run was restored from. */
  readonly parent: string | undefined;
}
