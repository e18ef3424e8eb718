/** Keeps some of many entries, spread evenly: when there are too many, every other one goes. */
export class SampledList<T extends { readonly step: number }> {
  entries: T[] = [];
  #stride = 1;
  #seen = 0;

  constructor(readonly most: number) {}

  add(entry: T): void {
    // The newest is always there.
    if ((this.#seen - 1) % this.#stride !== 0 && this.#seen > 0) this.entries.pop();
    this.entries.push(entry);
    this.#seen++;
    if (this.entries.length <= this.most) return;
    this.entries = this.entries.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
    this.#seen = (this.entries.length - 1) * this.#stride + 1;
  }

  dropFrom(step: number): void {
    this.entries = this.entries.filter((entry) => entry.step < step);
    this.#seen = this.entries.length === 0 ? 0 : (this.entries.length - 1) * this.#stride + 1;
  }
}
