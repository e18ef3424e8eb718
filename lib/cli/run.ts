import { existsSync, readdirSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { Io } from './io.js';
import { printable } from './printable.js';
import { RUNS } from './runs-folder.js';
import { commandSettings } from './session/command-settings.js';
import { readConfigFile } from './session/config-file.js';
import { dryRun } from './session/dry-run.js';
import { explainOptions } from './session/explain-options.js';
import { findUnfinished } from './session/find-unfinished.js';
import { type LoadedSession, loadSession } from './session/load-session.js';
import type { ResumePolicy } from './session/resume-words.js';
import { checkRunName, newRunName } from './session/run-name.js';
import { mergeOptions, parseSetting } from './session/run-options.js';
import { runSession } from './session/run-session.js';
import { isSecretSetting } from './session/secret-setting.js';
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
  const settings = commandSettings(flags, file, env);
  if (flags.explain === true) {
    explainOptions(merged, settings, flags.json === true, io);
    return 0;
  }
  if (flags.name !== undefined) checkRunName(flags.name);
  if (flags.name !== undefined && flags.dir !== undefined) {
    throw new UsageError('--name and --dir both say where the run goes: give one of them');
  }
  const isOverwritten = flags.overwrite === true;
  if (isOverwritten && (flags.resume === 'must' || flags.resume === 'auto')) {
    throw new UsageError(`--overwrite begins anew, and --resume ${flags.resume} does not: give one of them`);
  }
  const policy = isOverwritten ? 'never' : settings.resume.value;
  // A name on the command line is nearer than a folder in a file.
  const settled = flags.name === undefined ? settings.dir.value : join(RUNS, flags.name);
  if (flags.dryRun === true) {
    const name = settled === undefined ? 'dry-run' : basename(resolve(io.cwd, settled));
    return dryRun(session, merged.options, { name, isJson: flags.json === true }, io);
  }
  const dir = resolve(io.cwd, settled ?? join(RUNS, nameFor(policy, begin, io.cwd)));
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
      ...commandOf(begin, flags, relative(io.cwd, dir) || '.'),
    },
    io,
  );
}

/** The name of a run that was given none: that of one to go on with, or a new one. */
function nameFor(policy: ResumePolicy, begin: readonly string[], cwd: string): string {
  const root = join(cwd, RUNS);
  const unfinished = policy === 'auto' ? findUnfinished(root, begin, cwd) : undefined;
  return unfinished ?? newRunName(new Set(existsSync(root) ? readdirSync(root) : []));
}

/** The command that starts the run again, and the names of options that are not written down in it. */
function commandOf(
  begin: readonly string[],
  flags: RunFlags,
  dir: string,
): { readonly args: readonly string[]; readonly withheld: readonly string[] } {
  const settings = (flags.set ?? []).map(parseSetting);
  const told = settings.filter(({ name, text }) => !isSecretSetting(name, text));
  const args = [
    ...begin,
    ...(flags.config === undefined ? [] : ['--config', flags.config]),
    ...(flags.steps === undefined ? [] : ['--steps', String(flags.steps)]),
    ...told.flatMap(({ name, text }) => ['--set', `${name}=${text}`]),
    ...(flags.grace === undefined ? [] : ['--grace', `${flags.grace}s`]),
    ...(flags.preemptible === true ? ['--preemptible'] : []),
    '--dir',
    dir,
  ];
  return { args, withheld: settings.filter((setting) => !told.includes(setting)).map(({ name }) => name) };
}
