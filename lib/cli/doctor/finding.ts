/** One thing that was looked at. */
export interface Finding {
  readonly topic: string;
  /** `bad` is what keeps Tidemark from working; `note` is what could be better. */
  readonly state: 'good' | 'note' | 'bad';
  readonly text: string;
  readonly fix?: string | undefined;
}
