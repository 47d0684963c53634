import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunProbes } from '../../core/ports/run-probes.ts';
import type { ThreadProfile } from '../../core/ports/target.ts';
import { watchV8Logs } from './native-logs.ts';
import { nameCodeInNodeOptions, requireInNodeOptions } from './node-options.ts';
import { DIRECTORY_VARIABLE, MODE_VARIABLE, PROFILE_FILE } from './probe/protocol.ts';

export interface RunProbesOptions {
  /** Absolute path of the bundled probe (entry probe/preload.ts). */
  readonly probeFile: string;
}

export function createRunProbes({ probeFile }: RunProbesOptions): RunProbes {
  return {
    async open({ probe, env, cwd }) {
      if (probe === 'native') {
        const removeLogs = await watchV8Logs(cwd);
        return {
          env: { ...env, NODE_OPTIONS: nameCodeInNodeOptions(env['NODE_OPTIONS']) },
          collect: () => Promise.resolve([]),
          close: removeLogs,
        };
      }
      const directory = await mkdtemp(join(tmpdir(), 'deep-optimize-profiles-'));
      return {
        env: {
          ...env,
          [DIRECTORY_VARIABLE]: directory,
          [MODE_VARIABLE]: probe,
          NODE_OPTIONS: requireInNodeOptions(env['NODE_OPTIONS'], probeFile),
        },
        collect: () => readProfiles(directory),
        close: () => rm(directory, { recursive: true, force: true }),
      };
    },
  };
}

async function readProfiles(directory: string): Promise<readonly ThreadProfile[]> {
  const read = (await readdir(directory)).sort().map(async (file): Promise<readonly ThreadProfile[]> => {
    const named = PROFILE_FILE.exec(file)?.groups;
    if (named === undefined) return [];
    const content = await readFile(join(directory, file), 'utf8');
    return [{ pid: Number(named['pid']), threadId: Number(named['thread']), content }];
  });
  return (await Promise.all(read)).flat();
}
