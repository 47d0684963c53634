import { DeepOptimizeError, EnvironmentError } from './errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than this system allows',
  EROFS: 'the file system is read-only',
  EACCES: 'permission was denied',
  EPERM: 'permission was denied',
  ENOTDIR: 'a file stands where a directory is needed',
  EEXIST: 'a file stands where a directory is needed',
  EISDIR: 'a directory stands where a file is needed',
  EMFILE: 'too many files are open',
  EIO: 'the disk reported an error',
};

/** The error of a failed write as `not_writable` when the machine is the cause, and unchanged when it is not. */
export function toWriteFailure(error: unknown, target: string): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = typeof code === 'string' ? REASONS[code] : undefined;
  if (reason !== undefined) return notWritable(target, reason, error);
  return error instanceof Error ? error : new Error(String(error));
}

export function notWritable(target: string, reason: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError('not_writable', `Cannot write ${target}: ${reason}.`, {
    fix: 'Free disk space or make the directory writable for this user, then call again.',
    cause,
  });
}

/** How npm, Node.js, Python, git, compilers and shells say it. */
const FULL_DISK = /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded|not enough space on the disk/i;

/** A program that failed because the disk was full is not to blame: its error as `not_writable`, and any other one unchanged. */
export function toFullDisk<Reason>(error: Reason): Reason | EnvironmentError {
  if (!(error instanceof DeepOptimizeError) || error.kind !== 'target') return error;
  if (!FULL_DISK.test(`${error.message}\n${error.output ?? ''}`)) return error;
  return new EnvironmentError('not_writable', `The disk is full: ${error.message}`, {
    fix: 'Free disk space, then call again. Checkouts lie in the cache directory of the user, temporary files in that of the system.',
    cause: error,
    ...(error.output === undefined ? {} : { output: error.output }),
  });
}
