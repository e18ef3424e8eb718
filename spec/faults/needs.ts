import { execFileSync, spawnSync } from 'node:child_process';
import type { Test } from 'uvu';

/** What a spec of faults may need of the machine, and how to see whether it is there. */
const TOOLS = {
  strace: () => succeeds('strace', ['-qq', '-f', '-e', 'trace=none', 'true']),
  root: () => process.getuid?.() === 0,
  mount: () => inOwnMounts('mount -t tmpfs tmpfs /mnt'),
  'loop devices': () => succeeds('losetup', ['-f']),
  'mkfs.ext4': () => succeeds('mkfs.ext4', ['-V']),
  'mkfs.xfs': () => succeeds('mkfs.xfs', ['-V']),
  python3: () => succeeds('python3', ['-c', 'import fcntl']),
  faketime: () => succeeds('faketime', ['-f', '+0', 'true']),
  chattr: () => existsOnPath('chattr'),
  'memory cgroups': () => succeeds('sh', ['-c', 'd=/sys/fs/cgroup/memory/tidemark-probe && mkdir $d && rmdir $d']),
} as const;

export type Tool = keyof typeof TOOLS;

const found = new Map<Tool, boolean>();

/** Those of `tools` that this machine does not have. */
export function missing(tools: readonly Tool[]): readonly Tool[] {
  return tools.filter((tool) => {
    if (!found.has(tool)) found.set(tool, TOOLS[tool]());
    return found.get(tool) !== true;
  });
}

/** A test that is skipped, and says so by name, where a tool or a privilege is missing. */
export function testWith(test: Test, tools: readonly Tool[], name: string, body: () => Promise<void> | void): void {
  const lacking = missing(tools);
  if (lacking.length === 0) {
    test(name, body);
    return;
  }
  console.log(`\nskipped: ${name}: no ${lacking.join(', no ')}`);
  test.skip(name, body);
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function existsOnPath(command: string): boolean {
  return succeeds('sh', ['-c', `command -v ${command}`]);
}

/** Tried where nobody else sees it. */
function inOwnMounts(script: string): boolean {
  return succeeds('unshare', ['-m', 'sh', '-c', script]);
}

/** Runs a command to its end. @throws if it fails */
export function sh(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
