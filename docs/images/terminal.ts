// Makes `terminal.svg`, the picture of the example in the README, from what the example really prints:
//
//     node --import tsx docs/images/terminal.ts
//
// It runs in a terminal of its own (`script`, from util-linux), is interrupted as by Ctrl-C, and is run again.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COLUMNS = 110;
const LINE_PIXELS = 20;
const CHAR_PIXELS = 8.4;
const COLOURS: Readonly<Record<string, string>> = { '2': '#8b949e', '31': '#ff7b72', '32': '#7ee787', '36': '#79c0ff' };
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'terminal-'));

try {
  const lines = [
    '$ npm start',
    ...screen(await run(7000)),
    '$ npm start',
    ...screen(await run(undefined)),
  ];
  writeFileSync(new URL('terminal.svg', import.meta.url), draw(lines.map((line) => line.replace(/\S*\/terminal-[^/\s]+/g, 'runs'))));
} finally {
  rmSync(folder, { recursive: true });
}

/** What the example writes to a terminal; interrupted after a while, or not. */
function run(interruptAfterMs: number | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const command = `stty cols ${COLUMNS}; exec node --import tsx docs/examples/digits/main.ts --dir ${folder}/digits --steps 1500`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    if (interruptAfterMs !== undefined) setTimeout(() => child.stdin.write('\x03'), interruptAfterMs);
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}

/** The lines that are left on the screen: a line that is drawn again replaces itself. */
function screen(output: string): string[] {
  return output
    .replaceAll('\r\n', '\n')
    .split('\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what clears a line
    .map((line) => line.split(/\r?\x1b\[2K/).at(-1) ?? '')
    .filter((line, index, all) => line !== '' || all[index - 1] !== '');
}

function draw(lines: readonly string[]): string {
  const rows = lines.map((line, row) => `<text x="16" y="${36 + row * LINE_PIXELS}">${spans(line)}</text>`);
  const [width, height] = [Math.ceil(COLUMNS * CHAR_PIXELS) + 32, lines.length * LINE_PIXELS + 36];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The digits example in a terminal: it trains, is interrupted, and goes on where it was">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">
${rows.join('\n')}
</g>
</svg>
`;
}

/** Turns colours of a terminal into those of the picture. */
function spans(line: string): string {
  let colour = '';
  let out = '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
  for (const piece of line.split(/(\x1b\[[0-9;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
    const code = /^\x1b\[([0-9;]*)m$/.exec(piece)?.[1];
    if (code !== undefined) colour = COLOURS[code] ?? '';
    else if (piece !== '') out += `<tspan${colour === '' ? '' : ` fill="${colour}"`}>${escape(piece)}</tspan>`;
  }
  return out;
}

function escape(text: string): string {
  // Viewers fold plain spaces.
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(' ', '\u00a0');
}
