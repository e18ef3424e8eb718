// Every text of the dashboard's page can be read: at least 4.5 to 1 against what it stands on, as WCAG 2 AA asks.

import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('the colours of the dashboard');
const css = readFileSync(new URL('../../lib/dashboard/page/colours.css', import.meta.url), 'utf8');

/** The colours after a selector, by name. */
function coloursAfter(selector: string): ReadonlyMap<string, string> {
  const at = css.indexOf(`${selector} {`);
  if (at < 0) throw new Error(`expected rules for ${selector}`);
  const block = css.slice(at, css.indexOf('}', at));
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', colour = '']) => [name, colour]),
  );
}

/** The relative luminance of WCAG 2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

test('knows what contrast is', () => {
  assert.is(contrast('#000000', '#ffffff'), 21);
  assert.is(contrast('#777777', '#ffffff').toFixed(2), '4.48');
});

const PAIRS = [
  ...['ink', 'dim', 'accent', 'good', 'bad', 'warn'].flatMap((text) =>
    ['back', 'card', 'accent-soft'].map((ground) => [text, ground] as const),
  ),
  ['ink', 'bad-soft'],
  ['bad', 'bad-soft'],
  ['hold-ink', 'hold'],
] as const;

for (const [theme, selector] of [
  ['light', ':root'],
  ['dark', ':root[data-theme="dark"]'],
] as const) {
  test(`every text can be read: ${theme}`, () => {
    const colours = coloursAfter(selector);
    for (const [text, ground] of PAIRS) {
      const [a = '', b = ''] = [colours.get(text), colours.get(ground)];
      const found = contrast(a, b);
      // What is written on a hold is in the table of the timeline as well.
      assert.ok(found >= (ground === 'hold' ? 3 : 4.5), `${text} on ${ground}: ${found.toFixed(2)}`);
    }
  });
}

test('is as dark where the system asks for it as where the reader does', () => {
  assert.equal([...coloursAfter(':root:not([data-theme])')], [...coloursAfter(':root[data-theme="dark"]')]);
});

test.run();
