/** What a save cost the loop: a saver tells it to its trigger, which may choose the time of the next one by it. */
export interface SaveCost {
  /** For how long the loop was held: for the whole save, or while the state was copied for the background. */
  readonly stallSeconds: number;
}
