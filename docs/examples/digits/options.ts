import { parseArgs } from 'node:util';
import { closestName } from '../../../lib/error/closest-name.js';
import { MODELS } from './model.js';

/** What the command line of the example says. */
export interface DigitsOptions {
  readonly dir: string;
  readonly steps: number;
  readonly seed: number;
  readonly batch: number;
  readonly saveSteps: number;
  readonly saveSeconds: number;
  readonly keep: number;
  /** A folder with a set in MNIST's format; without it, digits are drawn. */
  readonly data: string | undefined;
  readonly model: keyof typeof MODELS;
  readonly isPlain: boolean;
}

/** A command line that cannot be understood; the message says which part and what was expected. */
export class UsageError extends Error {}

export const USAGE = `Trains a classifier of handwritten digits, saves as it goes, and goes on where it was when started again.

  npm start -- [options]

  --dir DIR            where checkpoints and the log go                 runs/digits
  --steps N            global step to train to                          2500
  --seed N             of everything that is random                     1
  --batch N            digits a step                                    64
  --save-steps N       save every N steps                               200
  --save-seconds S     and every S seconds                              15
  --keep N             checkpoints that stay                            3
  --data DIR           a set in MNIST's IDX format instead of drawn digits
  --model NAME         ${Object.keys(MODELS).join(' or ')}                                   mlp
  --plain              plain lines; on standard output one "saved step N" for each save that is on disk
  --help               this text
`;

const FLAGS = {
  dir: { type: 'string' },
  steps: { type: 'string' },
  seed: { type: 'string' },
  batch: { type: 'string' },
  'save-steps': { type: 'string' },
  'save-seconds': { type: 'string' },
  keep: { type: 'string' },
  data: { type: 'string' },
  model: { type: 'string' },
  plain: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/**
 * Reads the command line.
 *
 * @returns `undefined` if help is asked for
 * @throws UsageError if it cannot be understood
 */
export function parseOptions(args: readonly string[]): DigitsOptions | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const model = values.model ?? 'mlp';
  if (!isModel(model)) throw new UsageError(`--model must be ${Object.keys(MODELS).join(' or ')}, got "${model}"`);
  return {
    dir: text('--dir', values.dir, 'runs/digits'),
    steps: wholeNumber('--steps', values.steps, 2500, 1),
    seed: wholeNumber('--seed', values.seed, 1, 0),
    batch: wholeNumber('--batch', values.batch, 64, 1),
    saveSteps: wholeNumber('--save-steps', values['save-steps'], 200, 1),
    saveSeconds: positive('--save-seconds', values['save-seconds'], 15),
    keep: wholeNumber('--keep', values.keep, 3, 1),
    data: values.data === undefined ? undefined : text('--data', values.data, ''),
    model,
    isPlain: values.plain ?? false,
  };
}

function parse(
  args: readonly string[],
): Partial<Record<keyof typeof FLAGS, string>> & { plain?: boolean; help?: boolean } {
  // Not `strict`, whose messages name no bound and take `-5` for a flag.
  const { values, tokens } = parseArgs({ args: [...args], options: FLAGS, strict: false, tokens: true });
  const seen = new Map<string, string | undefined>();
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError(`unexpected argument '${token.value}'`);
    if (token.kind === 'option-terminator') continue;
    const { name, rawName, value } = token;
    if (!isFlag(name)) {
      const near = closestName(name, Object.keys(FLAGS));
      throw new UsageError(`unknown option '${rawName}'${near === undefined ? '' : `, did you mean --${near}?`}`);
    }
    if (FLAGS[name].type === 'boolean' && value !== undefined) throw new UsageError(`--${name} takes no value`);
    if (FLAGS[name].type === 'string' && (value === undefined || (!token.inlineValue && value.startsWith('--')))) {
      throw new UsageError(`--${name} needs a value`);
    }
    if (seen.has(name) && seen.get(name) !== value) {
      throw new UsageError(`--${name} is given twice, with different values`);
    }
    seen.set(name, value);
  }
  return values as ReturnType<typeof parse>;
}

function isFlag(name: string): name is keyof typeof FLAGS {
  return Object.hasOwn(FLAGS, name);
}

function isModel(name: string): name is keyof typeof MODELS {
  return Object.hasOwn(MODELS, name);
}

function text(flag: string, value: string | undefined, otherwise: string): string {
  if (value === '') throw new UsageError(`${flag} needs a value`);
  return value ?? otherwise;
}

function wholeNumber(flag: string, value: string | undefined, otherwise: number, least: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least) {
    throw new UsageError(`${flag} must be a whole number from ${least}, got "${value}"`);
  }
  if (!Number.isSafeInteger(number)) throw new UsageError(`${flag} is too large, got "${value}"`);
  return number;
}

function positive(flag: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (!/^\d+(\.\d+)?$/.test(value) || !(number > 0)) {
    throw new UsageError(`${flag} must be a number above 0, got "${value}"`);
  }
  return number;
}
