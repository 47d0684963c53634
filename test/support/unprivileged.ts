/**
 * Permissions mean nothing to root, and containers run tests as root: there the effective user is another one while
 * `work` runs. Needs a process pool of vitest (a worker thread cannot change its user).
 */
export async function unprivileged<Result>(work: () => Promise<Result>): Promise<Result> {
  const { seteuid } = process;
  if (process.getuid?.() !== 0 || seteuid === undefined) return work();
  seteuid(65534);
  try {
    return await work();
  } finally {
    seteuid(0);
  }
}
