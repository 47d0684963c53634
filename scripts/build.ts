/**
 * Bundles what is published. Bundled, because the first answer comes about twice as fast as from separate files
 * (docs/benchmarks.md); split, so that a client that only connects does not load what measuring needs.
 */
import { chmod, cp, readFile, rm } from 'node:fs/promises';
import { build, type BuildOptions } from 'esbuild';

const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
const outdir = 'dist';

const shared: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  outdir,
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: { DEEP_OPTIMIZE_VERSION: JSON.stringify(version) },
  // Native binaries, and packages that find files beside themselves.
  external: ['libsql', 'libpg-query', 'koffi', '@resvg/resvg-js', '0x', 'pg-native'],
  // CommonJS dependencies inside an ESM bundle call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  minifySyntax: true,
  minifyWhitespace: true,
};

await rm(outdir, { recursive: true, force: true });
await Promise.all([
  build({
    ...shared,
    entryPoints: { main: 'src/main.ts' },
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: `#!/usr/bin/env node\n${shared.banner?.['js'] ?? ''}` },
  }),
  build({
    ...shared,
    entryPoints: {
      'closed-loop': 'src/adapters/load/child-closed-loop.ts',
      'open-loop': 'src/adapters/load/child-open-loop.ts',
      answers: 'src/adapters/load/child-answers.ts',
      'ceiling-server': 'src/adapters/load/child-ceiling-server.ts',
      function: 'src/adapters/bench/child-function.ts',
      query: 'src/adapters/query/child-query.ts',
      database: 'src/adapters/query/child-database.ts',
      flamegraph: 'src/adapters/pictures/child-flamegraph.ts',
      launcher: 'src/adapters/command/child-launcher.ts',
      'svg-to-png': 'src/adapters/pictures/child-svg-to-png.ts',
    },
    splitting: true,
    chunkNames: 'chunks/child-[name]-[hash]',
  }),
  // Loaded into the measured program by --require: CommonJS, old Node.js versions too, no dependency.
  build({
    ...shared,
    entryPoints: { probe: 'src/adapters/target/probe/preload.ts' },
    format: 'cjs',
    target: 'node16',
    banner: {},
    outExtension: { '.js': '.cjs' },
    sourcemap: false,
  }),
]);
// Python's, which nothing bundles.
await cp('src/adapters/native/python', `${outdir}/python`, { recursive: true });
await chmod(`${outdir}/main.js`, 0o755);
