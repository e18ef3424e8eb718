/** What steps return in tests that do not say otherwise. */
export interface FakeOutputs {
  /** `1 / globalStep`. */
  readonly loss: number;
}

/** The outputs of the step that leads to this global step. */
export function fakeOutputs(globalStep: number): FakeOutputs {
  return { loss: 1 / globalStep };
}
