/** Four significant digits, and short. */
export function shortNumber(value: number | string | undefined): string {
  const number = Number(value);
  if (value === undefined) return '–';
  if (!Number.isFinite(number)) return String(value);
  if (number === 0) return '0';
  const size = Math.abs(number);
  if (size >= 1e6 || size < 1e-4) return number.toExponential(2).replace('e+', 'e');
  return String(Number(number.toPrecision(4)));
}

export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = size < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(size) / 3));
  return `${Number((size / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

export function duration(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 1) return `${Number((1000 * ms).toPrecision(2))} µs`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toPrecision(3))} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function ago(at: number): string {
  const seconds = (Date.now() - at) / 1000;
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 86_400 * 2 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86_400)} d ago`;
}

const grouped = new Intl.NumberFormat('en', { useGrouping: true, maximumFractionDigits: 0 });

export function count(value: number | undefined): string {
  return value === undefined ? '–' : grouped.format(value);
}

/** A name out of a file, fit to be shown on a line: marks that turn the direction of writing are shown, too. */
export function plain(name: string, longest = 120): string {
  const shown = name.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\ufffd');
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}
