import { SafelightError } from '../core/errors.ts';

/**
 * Turns an error of the file system into one that says what to do. What is none of the known
 * conditions passes through unchanged.
 *
 * @param what such as "the journal", for the message.
 */
export function toStorageError(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new SafelightError(`the disk is full: ${what} could not be written`, {
        code: 'disk_full',
        kind: 'environment',
        hint: 'Nothing acknowledged is lost. Free some space, then run the same command with --resume.',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new SafelightError(`${what} cannot be written: permission denied`, {
        code: 'not_writable',
        kind: 'environment',
        hint: 'Choose another folder with --out, or change the permissions of this one.',
        cause: error,
      });
    case 'ENOENT':
    case 'ENOTDIR':
      return new SafelightError(`${what} cannot be written: there is no such folder`, {
        code: 'no_such_folder',
        kind: 'usage',
        hint: 'Make the folder first, or name another place.',
        cause: error,
      });
    case 'EISDIR':
      return new SafelightError(`${what} cannot be written: a folder of that name is there`, {
        code: 'not_a_file',
        kind: 'usage',
        hint: 'Name a file.',
        cause: error,
      });
    default:
      return error;
  }
}
