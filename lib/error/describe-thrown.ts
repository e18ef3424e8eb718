const LONGEST_MESSAGE = 500;

/** What was thrown, in a few words: anything can be thrown, and its text can be of any length. */
export function describeThrown(thrown: unknown): string {
  let text: string;
  try {
    // A message can be anything, too, once somebody has assigned to it.
    text = String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    // A value that cannot even be described must not hide that there was an error.
    text = typeof thrown;
  }
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
}
