const NO_VALUE = /^option '(?:-\w, )?(--[\w-]+).*' argument missing$/;
const SUGGESTION = /^\(Did you mean (.*)\?\)$/;

/** What the parser of arguments says, in the form of all our errors: what is wrong, and what to do. */
export function usageFault(text: string): string {
  const [first = '', ...others] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  const missing = NO_VALUE.exec(first)?.[1];
  const what = missing === undefined ? first : `${missing} needs a value`;
  const near = others.map((line) => SUGGESTION.exec(line)?.[1]).find((found) => found !== undefined);
  const fix = near === undefined ? 'tidemark --help, or tidemark <command> --help' : `did you mean ${near}?`;
  return `error  ${what}\nfix    ${fix}\n`;
}
