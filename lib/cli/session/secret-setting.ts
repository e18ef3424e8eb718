import { isSecretName, scrubSecrets } from '../../node.js';

const NO_TEXT = /^(?:-?[\d.]+(?:e[+-]?\d+)?|true|false|null)$/i;

/** Whether the value of an option is not to be written down: numbers of tokens are, tokens are not. */
export function isSecretSetting(name: string, value: unknown): boolean {
  if (typeof value !== 'string' || NO_TEXT.test(value)) return false;
  return isSecretName(name) || scrubSecrets(value) !== value;
}

/** The value of an option as it may be printed. */
export function shownSetting(name: string, value: unknown): unknown {
  return isSecretSetting(name, value) ? '[hidden]' : value;
}
