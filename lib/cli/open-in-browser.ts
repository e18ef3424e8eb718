import { spawn } from 'node:child_process';

/** What opens an address on this kind of machine. */
const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Shows an address in the browser, if there is a way; it never fails, and waits for nothing. */
export function openInBrowser(url: string, env: Readonly<Record<string, string | undefined>>): void {
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const opener = spawn(program, [...args, url], { detached: true, stdio: 'ignore', env: { ...env } });
  // There is none: the address was printed.
  opener.on('error', () => {});
  opener.unref();
}
