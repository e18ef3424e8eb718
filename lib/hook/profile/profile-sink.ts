import type { ObservableInput } from 'rxjs';

/** Where profiles go: a folder, a bucket, the memory of a test. */
export interface ProfileSink {
  /**
   * Keeps a profile, in place of an earlier one of the same name; the returned work is done when it is kept. What fails
   * here is told in the log and stops no training.
   *
   * @param name a file name, e.g. `timeline-200.json` or `timeline-200.cpuprofile`
   */
  write(name: string, text: string): ObservableInput<unknown>;
}
