import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Whether the terminal listens to this process now. One that works in the background (`tidemark run … &`) is stopped by
 * the system when it reads the terminal or changes its mode.
 */
export function isInForeground(): boolean {
  if (process.platform === 'win32') return true;
  const [group, foreground] = groupsFromProc() ?? groupsFromPs() ?? [];
  return group !== undefined && group === foreground;
}

/** The process's own group and that of the terminal's foreground: fields 5 and 8 of proc(5)'s `stat`. */
function groupsFromProc(): readonly (string | undefined)[] | undefined {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // The program's name, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [fields[2], fields[5]];
  } catch {
    return undefined;
  }
}

function groupsFromPs(): readonly (string | undefined)[] | undefined {
  try {
    const asked = ['-o', 'pgid=,tpgid=', '-p', String(process.pid)];
    return execFileSync('ps', asked, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .split(/\s+/);
  } catch {
    return undefined;
  }
}
