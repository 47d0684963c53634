import { readdirSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface ServerBuilds {
  readonly ours: string;
  readonly oursUnbundled: string;
  readonly bare: string;
  readonly bareUnbundled: string;
  remove(): Promise<void>;
}

const shared: BuildOptions = {
  platform: 'node',
  target: 'node20',
  format: 'esm',
  legalComments: 'none',
  logLevel: 'warning',
  define: { DEEP_OPTIMIZE_VERSION: '"0"' },
};

/** Keeps every import as it is but for the ending, as tsc does: one file for each source, packages from node_modules. */
const oneFileEach: Plugin = {
  name: 'one-file-each',
  setup: (bundler) =>
    bundler.onResolve({ filter: /.*/ }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/\.ts$/, '.js'), external: true },
    ),
};

/** The built server (`npm run build`) and what it is compared with, in a temporary folder that finds our packages. */
export async function buildServers(): Promise<ServerBuilds> {
  const folder = await mkdtemp(join(tmpdir(), 'deep-optimize-bench-'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir');
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const bareEntry = join(ROOT, 'bench/fixtures/bare-server.ts');
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => join(ROOT, 'src', file));
  await Promise.all([
    // The options of scripts/build.ts.
    build({
      ...shared,
      bundle: true,
      entryPoints: [bareEntry],
      outfile: join(folder, 'bare.js'),
      sourcemap: true,
      minifySyntax: true,
      minifyWhitespace: true,
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
    }),
    build({ ...shared, entryPoints: [bareEntry], outfile: join(folder, 'bare-unbundled.js') }),
    build({
      ...shared,
      bundle: true,
      plugins: [oneFileEach],
      entryPoints: sources,
      outdir: join(folder, 'ours'),
      outbase: join(ROOT, 'src'),
    }),
  ]);
  return {
    ours: join(ROOT, 'dist/main.js'),
    oursUnbundled: join(folder, 'ours/main.js'),
    bare: join(folder, 'bare.js'),
    bareUnbundled: join(folder, 'bare-unbundled.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
