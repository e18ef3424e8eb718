import { existsSync, readdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { Io } from './io.js';
import { duration, type OptionParser, oneOf } from './option-parsers.js';
import { printable } from './printable.js';
import { RUNS } from './runs-folder.js';
import { readConfigFile } from './session/config-file.js';
import { dryRun } from './session/dry-run.js';
import { jsonLine } from './session/event-line.js';
import { findUnfinished } from './session/find-unfinished.js';
import { type LoadedSession, loadSession } from './session/load-session.js';
import { RESUME_WORDS, type ResumePolicy } from './session/resume-words.js';
import { checkRunName, newRunName } from './session/run-name.js';
import { type MergedOptions, mergeOptions, parseSetting } from './session/run-options.js';
import { runSession } from './session/run-session.js';
import { UsageError } from './usage-error.js';

/** The options of `run`, `demo` and `resume`. */
export interface RunFlags {
  readonly config?: string | undefined;
  readonly dir?: string | undefined;
  readonly name?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly steps?: number | undefined;
  readonly resume?: ResumePolicy | undefined;
  readonly grace?: number | undefined;
  readonly preemptible?: boolean | undefined;
  readonly overwrite?: boolean | undefined;
  readonly dashboard?: boolean | undefined;
  readonly explain?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly plain?: boolean | undefined;
}

const GRACE_SECONDS = 30;

/** Runs the session of a module. */
export async function run(module: string, flags: RunFlags, io: Io): Promise<number> {
  const session = await loadSession(resolve(io.cwd, module), module);
  return runLoaded(session, ['run', module], flags, io);
}

/**
 * Runs a session with what flags, environment and configuration file say of it.
 *
 * @param begin the beginning of the command that starts it again
 */
export async function runLoaded(
  session: LoadedSession,
  begin: readonly string[],
  flags: RunFlags,
  io: Io,
): Promise<number> {
  const env = io.env ?? {};
  // The demo is no part of the project that it is tried in.
  const file = begin[0] === 'demo' ? undefined : await readConfigFile(io.cwd, flags.config ?? env['TIDEMARK_CONFIG']);
  const merged = mergeOptions({
    defaults: session.defaults,
    file: file && { path: file.path, options: file.options },
    env,
    flags: [
      ...(flags.steps === undefined ? [] : [{ flag: '--steps', name: 'steps', text: String(flags.steps) }]),
      ...(flags.set ?? []).map(parseSetting),
    ],
  });
  for (const variable of merged.unknownVariables) {
    io.err(`warning ${printable(variable)} is set, but the session has no such option\n`);
  }
  const settings = settingsOf(flags, file, env);
  if (flags.explain === true) return explain(merged, settings, flags.json === true, io);
  if (flags.name !== undefined) checkRunName(flags.name);
  const isOverwritten = flags.overwrite === true;
  if (isOverwritten && (flags.resume === 'must' || flags.resume === 'auto')) {
    throw new UsageError(`--overwrite begins anew, and --resume ${flags.resume} does not: give one of them`);
  }
  const policy = isOverwritten ? 'never' : settings.resume.value;
  const name =
    flags.name ?? (settings.dir.value === undefined ? undefined : basename(resolve(io.cwd, settings.dir.value)));
  if (flags.dryRun === true) {
    io.err(`tidemark  dry run of ${session.shownAs}\n`);
    return dryRun(session, merged.options, name ?? 'dry-run', io);
  }

  const root = join(io.cwd, RUNS);
  const isHomeless = settings.dir.value === undefined && flags.name === undefined;
  const unfinished = policy === 'auto' && isHomeless ? findUnfinished(root, begin, io.cwd) : undefined;
  const dir =
    settings.dir.value === undefined
      ? join(root, flags.name ?? unfinished ?? newRunName(new Set(existsSync(root) ? readdirSync(root) : [])))
      : resolve(io.cwd, settings.dir.value);
  const args = [
    ...begin,
    ...(flags.config === undefined ? [] : ['--config', flags.config]),
    ...(flags.steps === undefined ? [] : ['--steps', String(flags.steps)]),
    ...(flags.set ?? []).flatMap((setting) => ['--set', setting]),
    ...(flags.grace === undefined ? [] : ['--grace', `${flags.grace}s`]),
    ...(flags.preemptible === true ? ['--preemptible'] : []),
    '--dir',
    relative(io.cwd, dir) || '.',
  ];
  return runSession(
    {
      session,
      merged,
      dir,
      name: basename(dir),
      resume: policy,
      graceSeconds: settings.grace.value,
      isJson: flags.json === true,
      isPlain: flags.plain === true,
      isPreemptible: flags.preemptible === true,
      isOverwritten,
      hasDashboard: flags.dashboard,
      args,
    },
    io,
  );
}

interface Setting<T> {
  readonly value: T;
  readonly from: string;
}

interface CommandSettings {
  readonly dir: Setting<string | undefined>;
  readonly resume: Setting<ResumePolicy>;
  readonly grace: Setting<number>;
}

/** What is not of the session: flag over environment over file over default. */
function settingsOf(
  flags: RunFlags,
  file: Awaited<ReturnType<typeof readConfigFile>>,
  env: Readonly<Record<string, string | undefined>>,
): CommandSettings {
  const first = <T>(
    flag: T | undefined,
    key: 'dir' | 'resume' | 'grace',
    parse: OptionParser<T>,
  ): Setting<T> | undefined => {
    if (flag !== undefined) return { value: flag, from: `--${key}` };
    const variable = `TIDEMARK_${key.toUpperCase()}`;
    const [text, from] = env[variable] !== undefined ? [env[variable], variable] : [file?.[key], file?.path ?? ''];
    if (text === undefined) return undefined;
    return { value: parse(text, from === variable ? variable : `${from}: ${key}`), from };
  };
  return {
    dir: first(flags.dir, 'dir', (text) => text) ?? { value: undefined, from: 'default' },
    resume: first(flags.resume, 'resume', oneOf(...RESUME_WORDS)) ?? { value: 'allow', from: 'default' },
    grace: first(flags.grace, 'grace', duration) ?? { value: GRACE_SECONDS, from: 'default' },
  };
}

function explain(merged: MergedOptions, settings: CommandSettings, isJson: boolean, io: Io): number {
  const rows = [
    ...Object.entries(settings).map(([name, { value, from }]) => ({
      name: `--${name}`,
      value: name === 'dir' && value === undefined ? `${RUNS}/<new name>` : value,
      from,
    })),
    ...merged.explained,
  ];
  if (isJson) {
    for (const row of rows) io.out(jsonLine({ kind: 'option', ...row }));
    return 0;
  }
  const shown = rows.map(({ name, value, from }) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
    from,
  ]);
  const widths = [0, 1].map((column) => Math.max(5, ...shown.map((row) => row[column]?.length ?? 0)));
  for (const [name = '', value = '', from = ''] of [['NAME', 'VALUE', 'FROM'], ...shown]) {
    io.out(
      `${printable(name).padEnd(widths[0] ?? 0)}  ${printable(value).padEnd(widths[1] ?? 0)}  ${printable(from)}\n`,
    );
  }
  return 0;
}
