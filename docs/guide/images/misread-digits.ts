// Takes the picture of misread digits out of a run of the example: `tsx docs/guide/images/misread-digits.ts <dir>`.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesSource, readRun } from '../../../lib/format/index.js';

const folder = join(process.argv[2] ?? 'runs/digits', 'summaries');
const files = readdirSync(folder)
  .filter((name) => name.includes('tfevents'))
  .sort()
  .map((name) => bytesSource(name, new Uint8Array(readFileSync(join(folder, name)))));
const tensor = readRun(files).series.get('misread')?.points.at(-1)?.tensor;
if (tensor?.dtype !== 'string') throw new Error(`${folder} has no picture of misread digits`);
// Width, height, and then the picture.
writeFileSync(fileURLToPath(new URL('misread-digits.png', import.meta.url)), tensor.values[2] as Uint8Array);
