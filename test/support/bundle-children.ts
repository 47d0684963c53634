import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export interface BundledChildren {
  /** Path of the built file of an entry, by its name without `.ts`. */
  file(name: string): string;
  remove(): Promise<void>;
}

/** Bundles child entries as the main build does (ESM; packages stay outside), into a directory that finds our packages. */
export async function bundleChildren(
  folder: string,
  names: readonly string[],
  { without = [] }: { readonly without?: readonly string[] } = {},
): Promise<BundledChildren> {
  const root = join(import.meta.dirname, '..', '..');
  const directory = await mkdtemp(join(tmpdir(), 'deep-optimize-children-'));
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'), 'dir');
  await build({
    entryPoints: names.map((name) => join(root, folder, `${name}.ts`)),
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    // As if they were not installed.
    alias: Object.fromEntries(without.map((name) => [name, `${name}-is-not-here`])),
    logLevel: 'error',
  });
  return {
    file: (name) => join(directory, `${name}.mjs`),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
