import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles the probe as the build of the package does; returns the file. */
export async function bundleProbe(directory: string): Promise<string> {
  const outfile = join(directory, 'probe.cjs');
  await build({
    entryPoints: [new URL('../../../src/adapters/target/probe/preload.ts', import.meta.url).pathname],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node16',
    logLevel: 'error',
  });
  return outfile;
}
