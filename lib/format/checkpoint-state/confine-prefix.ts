import { CorruptDataError } from '../../error/corrupt-data-error.js';

/** A root, a drive letter or a scheme such as `gs://`, on any system: the file may come from another one. */
const ABSOLUTE = /^(?:[\\/]|[a-zA-Z]:|[a-zA-Z][a-zA-Z0-9+.-]*:\/\/)/;

/**
 * The prefix that a path of a `checkpoint` state file means in the folder of that file, whatever the file says.
 *
 * A relative path is kept, without `.` and doubled slashes. An absolute one, which `tf.train.Saver` writes when it is
 * given one, is reduced to its last part, for the folder may have been moved; whether a checkpoint of that name is there
 * is for the store to see.
 *
 * @param file for error texts
 * @returns a relative path with `/` between its parts, none of which is empty, `.` or `..`
 * @throws CorruptDataError if the path is empty, names a folder, leads out of the folder by `..` or holds a zero byte
 */
export function confinePrefix(path: string, file = 'checkpoint'): string {
  const fail = (fault: string): never => {
    throw new CorruptDataError('checkpoint-state', file, `path ${JSON.stringify(path.slice(0, 200))} ${fault}`);
  };
  if (path === '') fail('is empty');
  if (path.includes('\0')) fail('holds a zero byte');

  const isAbsolute = ABSOLUTE.test(path);
  // A backslash parts names only where the path can only be one of Windows, but `..` is never let through.
  if (path.split(/[\\/:]/).includes('..')) fail('leads out of its folder');
  const parts = path.replace(/^[a-zA-Z]:/, '').split(isAbsolute ? /[\\/]/ : '/');
  const name = parts.at(-1) ?? '';
  if (name === '' || name === '.') fail('names a folder');
  const prefix = isAbsolute ? name : parts.filter((part) => part !== '' && part !== '.').join('/');
  // Such as `./C:m`.
  if (ABSOLUTE.test(prefix)) fail('names a drive');
  return prefix;
}
