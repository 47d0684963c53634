import { writeFileSync } from 'node:fs';
import type * as Inspector from 'node:inspector';
import { createRequire } from 'node:module';
import { mapProfile, toPath } from './map-profile.ts';

export interface RunningProfile {
  /** True when the thread ran code of its own and the file was written. */
  stop(file: string): Promise<boolean>;
}

/** Loaded when needed and not at the top: a Node.js built without the inspector has no such module. */
export function openSession(): Inspector.Session {
  const inspector = createRequire(__filename)('node:inspector') as typeof Inspector;
  const session = new inspector.Session();
  session.connect();
  return session;
}

type Call = (start: (done: (error: Error | null) => void) => void) => Promise<void>;

/**
 * A profiler that starts late asks the heap for compiled code, and V8 does not list what it compiled for the middle of
 * a running loop (on-stack replacement): all samples of such a function then count for its caller (seen with Node.js
 * 20.20 in 4 of 10 profiles that began just after the start). Precise coverage throws all optimized code away; what is
 * compiled anew within ms is known. A profiler that runs from the start would know too, but spoils the windows before it.
 */
async function discardOptimizedCode(session: Inspector.Session, call: Call): Promise<void> {
  // It would reset the counts of somebody who really measures coverage.
  if (process.env['NODE_V8_COVERAGE'] !== undefined) return;
  await call((done) =>
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false }, done),
  );
  await call((done) => session.post('Profiler.stopPreciseCoverage', done));
}

export async function startCpuProfile(intervalUs: number): Promise<RunningProfile> {
  const session = openSession();
  const call: Call = (start) =>
    new Promise((resolve, reject) => start((error) => (error === null ? resolve() : reject(error))));
  await call((done) => session.post('Profiler.enable', done));
  await call((done) => session.post('Profiler.setSamplingInterval', { interval: intervalUs }, done));
  await call((done) => session.post('Profiler.start', done));
  await discardOptimizedCode(session, call);
  return {
    async stop(file) {
      const profile = await new Promise<Inspector.Profiler.Profile>((resolve, reject) => {
        session.post('Profiler.stop', (error, result) =>
          error === null ? resolve(result.profile) : reject(error),
        );
      });
      session.disconnect();
      if (!ranOwnCode(profile)) return false;
      writeFileSync(file, JSON.stringify(mapProfile(profile, __filename)));
      return true;
    },
  };
}

/**
 * From now to the end of this thread, for a program that nobody will ask in between. Everything happens within the call: the
 * program's first module is loaded before any promise of a preload is settled, and after `exit` none is.
 */
export function profileUntilExit(file: string, intervalUs: number): void {
  const session = openSession();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: intervalUs });
  session.post('Profiler.start');
  process.once('exit', () => {
    try {
      session.post('Profiler.stop', (error, result) => {
        if (error === null && ranOwnCode(result.profile))
          writeFileSync(file, JSON.stringify(mapProfile(result.profile, __filename)));
      });
    } catch {
      // A directory that is not there for this process: it ends as it would have.
    }
  });
}

export function isOwnCode(url: string): boolean {
  return url !== '' && !url.startsWith('node:') && toPath(url) !== __filename;
}

/** Whether a sample fell into, or below, code that is neither of Node.js nor of the probe: not so in npm while its child runs. */
function ranOwnCode(profile: Inspector.Profiler.Profile): boolean {
  const own = new Set<number>();
  // V8 lists a parent before its children.
  for (const node of profile.nodes) {
    if (isOwnCode(node.callFrame.url)) own.add(node.id);
    if (!own.has(node.id)) continue;
    if ((node.hitCount ?? 0) > 0) return true;
    for (const child of node.children ?? []) own.add(child);
  }
  return false;
}
