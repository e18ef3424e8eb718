import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { nativeCrc32c } from '../../node.js';
import type { Finding } from './finding.js';

const LEAST_NODE = [20, 19] as const;
const TFJS = '@tensorflow/tfjs-core';
const BACKENDS = ['@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-node'];

/** Node and the packages that a project in `folder` would find. */
export function checkPrograms(folder: string): readonly Finding[] {
  return [checkNode(), checkTypeScript(folder), ...checkTensorFlow(folder), checkCrc()];
}

function checkNode(): Finding {
  const version = process.versions.node;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  const where = `${process.platform} ${process.arch}`;
  if (isEnough) return { topic: 'node', state: 'good', text: `${version} on ${where}` };
  return { topic: 'node', state: 'bad', text: `${version} on ${where}`, fix: `Node ${LEAST_NODE.join('.')} or newer` };
}

function checkTypeScript(folder: string): Finding {
  if ((process.features as { typescript?: unknown }).typescript) {
    return { topic: 'typescript', state: 'good', text: 'read by Node itself' };
  }
  const tsx = versionIn(folder, 'tsx');
  if (tsx !== undefined) return { topic: 'typescript', state: 'good', text: `read by tsx ${tsx}` };
  return { topic: 'typescript', state: 'note', text: 'nothing here reads .ts modules', fix: 'npm i -D tsx' };
}

function checkTensorFlow(folder: string): readonly Finding[] {
  const core = versionIn(folder, TFJS);
  if (core === undefined) {
    return [{ topic: 'tensorflow.js', state: 'good', text: 'not installed here, and needed only by tidemark/tfjs' }];
  }
  const backends = BACKENDS.flatMap((name) => {
    const version = versionIn(folder, name);
    return version === undefined ? [] : [{ name: name.replace(/^.*(backend-|tfjs-)/, ''), version }];
  });
  const odd = backends.find(({ version }) => version !== core);
  const shown = backends.map(({ name, version }) => `${name} ${version}`).join(', ');
  if (backends.length === 0) {
    return [
      {
        topic: 'tensorflow.js',
        state: 'note',
        text: `${core}, without a backend`,
        fix: `npm i ${BACKENDS[0]}@${core}`,
      },
    ];
  }
  if (odd === undefined) return [{ topic: 'tensorflow.js', state: 'good', text: `${core}; backends: ${shown}` }];
  const fix = `the same version of all its packages: ${core}`;
  return [{ topic: 'tensorflow.js', state: 'note', text: `${core}; backends: ${shown}`, fix }];
}

function checkCrc(): Finding {
  if (nativeCrc32c() !== undefined) return { topic: 'checksums', state: 'good', text: 'native CRC-32C is installed' };
  const fix = 'npm i @node-rs/crc32, and tensorBundle({ crc32c: nativeCrc32c() }), if checkpoints are large';
  return {
    topic: 'checksums',
    state: 'note',
    text: "Tidemark's own CRC-32C, some times slower than a native one",
    fix,
  };
}

/** The version of a package as a module in `folder` would find it. */
function versionIn(folder: string, name: string): string | undefined {
  const lookUp = createRequire(join(folder, 'here.js'));
  for (const place of lookUp.resolve.paths(name) ?? []) {
    try {
      const { version }: { version?: unknown } = JSON.parse(
        readFileSync(join(place, name, 'package.json'), 'utf8'),
      ) as object;
      return String(version);
    } catch {
      // Not in this folder: perhaps in the next.
    }
  }
  return undefined;
}
