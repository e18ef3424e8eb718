const HIDDEN = '[hidden]';
const SECRET_NAME =
  /pass(word|wd|phrase)?$|secret|token|credential|authorization|cookie|(api|access|private|signing)[-_]?key|^key$/i;
// Names are bounded and begin at a word's beginning, so that ten megabytes of one letter take no longer than any others.
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  // User info of a URL.
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@:]*(:[^\s/@]*)?@/gi, `$1${HIDDEN}@`],
  // Signed URLs, and queries that carry a key.
  [/([?&](x-amz-[a-z-]+|sig|signature|token|access_token|key|api_key)=)[^&\s"']+/gi, `$1${HIDDEN}`],
  [/\b(bearer|basic)\s+[a-z0-9+/._~=-]{8,}/gi, `$1 ${HIDDEN}`],
  // `AWS_SECRET_ACCESS_KEY=abc`, `password: abc`, `--api-token abc`. Not `unexpected token }`, which is no secret.
  [
    /((?<![\w-])[\w-]{0,64}(?:password|passwd|secret|token|credential|authorization|(?:api|access)[-_]?key)[\w-]{0,64}["']?\s*[=:]\s*)["']?[^\s"',&]+/gi,
    `$1${HIDDEN}`,
  ],
  [/((?<![\w-])--[\w-]{0,64}(?:password|passwd|secret|token|credential|key)\s+)[^\s-][^\s]*/gi, `$1${HIDDEN}`],
];

/** A text without the secrets that have a known form: keys and tokens by name, signed URLs, user info in URLs. */
export function scrubSecrets(text: string): string {
  let scrubbed = text;
  for (const [pattern, replacement] of SECRET_TEXTS) scrubbed = scrubbed.replace(pattern, replacement);
  return scrubbed;
}

/** Whether a setting of this name is not to be written down. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** A setting as it may be written down. */
export function scrubSetting(name: string, value: unknown): unknown {
  if (isSecretName(name)) return HIDDEN;
  return typeof value === 'string' ? scrubSecrets(value) : value;
}
