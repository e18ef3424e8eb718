import { closestName, scrubSecrets } from '../../node.js';
import { UsageError } from '../usage-error.js';
import { shownSetting } from './secret-setting.js';

/** Options of a session, as its module declares them: values, and groups of them. */
export type OptionTree = Readonly<Record<string, unknown>>;

/** One option with its value and where that comes from, e.g. `--set`, `TIDEMARK_LEARNING_RATE`, a file, `default`. */
export interface ExplainedOption {
  readonly name: string;
  readonly value: unknown;
  readonly from: string;
}

/** Where values come from, the strongest last. */
export interface OptionSources {
  /** What the module declares; `undefined` if it declares nothing: then every name will do. */
  readonly defaults: OptionTree | undefined;
  readonly file: { readonly path: string; readonly options: OptionTree } | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `name=value`, in order. */
  readonly flags: readonly { readonly flag: string; readonly name: string; readonly text: string }[];
}

export interface MergedOptions {
  readonly options: OptionTree;
  readonly explained: readonly ExplainedOption[];
  /** Variables that look like options and are none. */
  readonly unknownVariables: readonly string[];
}

const PREFIX = 'TIDEMARK_';
/** Variables that mean something else. */
const RESERVED: ReadonlySet<string> = new Set(['TIDEMARK_DIR', 'TIDEMARK_RESUME', 'TIDEMARK_GRACE', 'TIDEMARK_CONFIG']);

/**
 * Puts the options of a session together: command line over environment over configuration file over the module's own.
 * A value takes the type of the module's own; of an option that the module does not declare, that of its JSON, if it is
 * such.
 *
 * @throws UsageError for a name that the module does not declare, or a value of another type
 */
export function mergeOptions({ defaults, file, env, flags }: OptionSources): MergedOptions {
  const known = defaults === undefined ? undefined : flatten(defaults);
  const values = new Map<string, ExplainedOption>();
  for (const [name, value] of known ?? []) values.set(name, { name, value, from: 'default' });

  const mustBeKnown = (name: string, where: string): void => {
    if (known === undefined || known.has(name)) return;
    const near = closestName(name, known.keys());
    const names = [...known.keys()].join(', ');
    throw new UsageError(
      `${where}: the session has no option "${name}"`,
      near === undefined ? `its options are ${names || 'none'}` : `did you mean "${near}"? Its options are ${names}`,
    );
  };

  for (const [name, value] of file === undefined ? [] : flatten(file.options)) {
    mustBeKnown(name, file?.path ?? '');
    values.set(name, { name, value: typed(value, known?.get(name), `${file?.path}: ${name}`), from: file?.path ?? '' });
  }
  const byVariable = new Map([...(known?.keys() ?? [])].map((name) => [variableOf(name), name]));
  const unknownVariables: string[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || RESERVED.has(variable) || text === undefined) continue;
    const name = byVariable.get(variable);
    if (name === undefined) unknownVariables.push(variable);
    else values.set(name, { name, value: parse(text, known?.get(name), variable), from: variable });
  }
  for (const { flag, name, text } of flags) {
    mustBeKnown(name, flag);
    values.set(name, { name, value: parse(text, known?.get(name), `${flag} ${name}`), from: flag });
  }
  return { options: unflatten(values.values()), explained: [...values.values()], unknownVariables };
}

/** The variable of an option: `optimizer.learningRate` is `TIDEMARK_OPTIMIZER__LEARNING_RATE`. */
export function variableOf(name: string): string {
  const words = name.split('.').map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase());
  return PREFIX + words.join('__');
}

/** Splits the `name=value` of a `--set`. */
export function parseSetting(setting: string): { readonly flag: string; readonly name: string; readonly text: string } {
  const at = setting.indexOf('=');
  if (at < 1)
    throw new UsageError(`--set ${scrubSecrets(setting)}: expected name=value`, 'e.g. --set learningRate=0.01');
  const name = setting.slice(0, at);
  if (name.split('.').some((part) => part === '' || part === '__proto__' || part === 'constructor')) {
    throw new UsageError(`--set: "${name}" is no name of an option`);
  }
  return { flag: '--set', name, text: setting.slice(at + 1) };
}

function parse(text: string, own: unknown, where: string): unknown {
  if (typeof own === 'string') return text;
  if (own === undefined || own === null) return jsonOr(text, text);
  return typed(text === '' ? text : jsonOr(text, text), own, where);
}

function jsonOr(text: string, otherwise: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: a plain word.
    return otherwise;
  }
}

function typed(value: unknown, own: unknown, where: string): unknown {
  if (own === undefined || own === null) return value;
  const kind = (of: unknown): string => (Array.isArray(of) ? 'list' : of === null ? 'null' : typeof of);
  if (kind(value) === kind(own) && !Number.isNaN(value)) return value;
  throw new UsageError(
    `${where}: expected a ${kind(own)}, as in ${JSON.stringify(own)}, got ${JSON.stringify(shownSetting(where, value))}`,
  );
}

function isGroup(value: unknown): value is OptionTree {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function flatten(tree: OptionTree, prefix = ''): ReadonlyMap<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [key, value] of Object.entries(tree)) {
    if (isGroup(value)) for (const [name, inner] of flatten(value, `${prefix}${key}.`)) flat.set(name, inner);
    else flat.set(prefix + key, value);
  }
  return flat;
}

function unflatten(values: Iterable<ExplainedOption>): OptionTree {
  const tree: Record<string, unknown> = {};
  for (const { name, value } of values) {
    const parts = name.split('.');
    let group = tree;
    for (const part of parts.slice(0, -1)) {
      if (!Object.hasOwn(group, part) || !isGroup(group[part])) group[part] = {};
      group = group[part] as Record<string, unknown>;
    }
    group[parts.at(-1) as string] = value;
  }
  return tree;
}
