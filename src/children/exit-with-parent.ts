const PARENT_CHECK_MS = 200;

/**
 * Ends this child process when the process that planned its work has died. stdin is closed once the plan is read, so its end
 * says nothing about the parent: that is polled. A change of our own parent id alone would miss a parent that died while this
 * process was still starting.
 */
export function exitWithParent(parentPid: number): void {
  const ppid = process.ppid;
  setInterval(() => {
    if (process.ppid !== ppid || !isAlive(parentPid)) process.exit(1);
  }, PARENT_CHECK_MS).unref();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
