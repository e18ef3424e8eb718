const MOST_NON_FINITE = 100;

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Points of one tag, in columns that grow. */
export class ScalarSeries {
  #steps = new Float64Array(64);
  #walls = new Float64Array(64);
  #values = new Float64Array(64);
  length = 0;

  /**
   * @param step the global step
   * @param wall seconds since 1970
   */
  add(step: number, wall: number, value: number): void {
    if (this.length === this.#steps.length) this.#grow();
    this.#steps[this.length] = step;
    this.#walls[this.length] = wall;
    this.#values[this.length] = value;
    this.length++;
  }

  #grow(): void {
    this.#steps = doubled(this.#steps);
    this.#walls = doubled(this.#walls);
    this.#values = doubled(this.#values);
  }

  /** Drops every point at `step` and behind it: the run began anew from there. */
  dropFrom(step: number): void {
    let kept = 0;
    for (let i = 0; i < this.length; i++) {
      if ((this.#steps[i] as number) >= step) continue;
      this.#steps[kept] = this.#steps[i] as number;
      this.#walls[kept] = this.#walls[i] as number;
      this.#values[kept] = this.#values[i] as number;
      kept++;
    }
    this.length = kept;
  }

  get last(): number {
    return this.length === 0 ? Number.NaN : (this.#values[this.length - 1] as number);
  }

  /**
   * At most `count` points (and two) of those between two steps. Where there are more, the smallest and the largest of
   * each stretch stay, in their order, so that no peak is lost; values that are not finite are told apart.
   */
  sample(fromStep: number, toStep: number, count: number): SampledSeries {
    const [first, end] = [this.#indexOf(fromStep), this.#indexOf(toStep + 1)];
    const sampled: Writable<SampledSeries> = { steps: [], walls: [], values: [], nonFinite: [], total: end - first };
    const take = (i: number): void => {
      sampled.steps.push(this.#steps[i] as number);
      sampled.walls.push(this.#walls[i] as number);
      sampled.values.push(this.#values[i] as number);
    };
    const size = Math.max(1, (end - first) / Math.max(1, Math.floor(count / 2)));
    for (let bucket = 0; first + bucket * size < end; bucket++) {
      const begin = first + Math.floor(bucket * size);
      const until = Math.min(end, first + Math.floor((bucket + 1) * size));
      let [low, high] = [-1, -1];
      for (let i = begin; i < until; i++) {
        const value = this.#values[i] as number;
        if (!Number.isFinite(value)) {
          if (sampled.nonFinite.length < MOST_NON_FINITE)
            sampled.nonFinite.push([this.#steps[i] as number, String(value)]);
        } else {
          if (low < 0 || value < (this.#values[low] as number)) low = i;
          if (high < 0 || value > (this.#values[high] as number)) high = i;
        }
      }
      if (low < 0) continue;
      take(Math.min(low, high));
      if (low !== high) take(Math.max(low, high));
    }
    const last = end - 1;
    if (last >= first && sampled.steps.at(-1) !== this.#steps[last] && Number.isFinite(this.#values[last])) take(last);
    return sampled;
  }

  /** The first point at `step` or behind it. Steps rise, but for what a run without restart marks may hold. */
  #indexOf(step: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#steps[middle] as number) < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Points for drawing. */
export interface SampledSeries {
  readonly steps: readonly number[];
  readonly walls: readonly number[];
  readonly values: readonly number[];
  /** Steps whose value is NaN or infinite, and which. */
  readonly nonFinite: readonly (readonly [number, string])[];
  /** How many points there are in the range. */
  readonly total: number;
}

function doubled(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(column.length * 2);
  grown.set(column);
  return grown;
}
