/** The scalars in lines of JSON, read as the format says: lines behind the step of a later start are void. */
export function scalarsInLines(text: string): Map<string, [number, number][]> {
  const scalars = new Map<string, [number, number][]>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const { type, step, tag, value } = JSON.parse(line);
    if (type === 'start') {
      for (const [name, points] of scalars) {
        scalars.set(
          name,
          points.filter(([at]) => at <= step),
        );
      }
    } else if (type === 'scalar') {
      scalars.set(tag, [...(scalars.get(tag) ?? []), [step, Number(value)]]);
    }
  }
  return scalars;
}
