import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { ProjectFacts } from '../../core/ports/project.ts';
import { findServerTraces } from './server-patterns.ts';

/** Bounds of the look: enough for a service, quick in a large repository. */
const MAX_FILES = 300;
const MAX_FILE_BYTES = 256 * 1024;
const MAX_ENTRIES = 20_000;
const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const NOT_SOURCE = /(?:\.d\.[cm]?ts|\.(?:test|spec|bench|stories|min|config)\.[cm]?[jt]sx?)$/;
const SKIPPED = new Set([
  'node_modules',
  'dist',
  'build',
  'out',
  'coverage',
  'vendor',
  'public',
  'test',
  'tests',
  '__tests__',
  'fixtures',
]);

const LOCKFILES = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
] as const;

/** Every field by itself: a package.json with one odd field still tells the others. */
const textRecord = z.record(z.string(), z.string().catch('')).catch({});
const manifestSchema = z.object({
  name: z.string().optional().catch(undefined),
  main: z.string().optional().catch(undefined),
  bin: z.union([z.string(), textRecord]).optional().catch(undefined),
  scripts: textRecord,
  dependencies: textRecord,
  devDependencies: textRecord,
});

export async function readFacts(project: string): Promise<ProjectFacts> {
  const [manifest, serverFiles, above] = await Promise.all([
    readManifest(project),
    findServerFiles(project),
    directoriesUpToRepository(project),
  ]);
  const folderName = basename(project);
  return {
    name: manifest?.name ?? folderName,
    packageJson:
      manifest === undefined
        ? null
        : {
            scripts: manifest.scripts,
            dependencies: Object.keys(manifest.dependencies).sort(),
            devDependencies: Object.keys(manifest.devDependencies).sort(),
            ...(manifest.main === undefined ? {} : { main: manifest.main }),
            ...(manifest.bin === undefined
              ? {}
              : {
                  bin:
                    typeof manifest.bin === 'string'
                      ? { [manifest.name ?? folderName]: manifest.bin }
                      : manifest.bin,
                }),
          },
    lockfile: await findLockfile(above.directories),
    serverFiles,
    hasGit: above.hasGit,
  };
}

async function readManifest(project: string): Promise<z.infer<typeof manifestSchema> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
    return manifestSchema.safeParse(value).data;
  } catch {
    return undefined;
  }
}

/** A package of a monorepo has its lockfile above. */
async function findLockfile(directories: readonly string[]): Promise<ProjectFacts['lockfile']> {
  for (const directory of directories) {
    for (const [name, kind] of LOCKFILES) {
      if (await exists(join(directory, name))) return kind;
    }
  }
  return null;
}

/** The project and what is above it in its repository; the project alone when there is none. */
async function directoriesUpToRepository(
  project: string,
): Promise<{ readonly directories: readonly string[]; readonly hasGit: boolean }> {
  const directories = [];
  for (let directory = project; ; directory = dirname(directory)) {
    directories.push(directory);
    if (await exists(join(directory, '.git'))) return { directories, hasGit: true };
    if (dirname(directory) === directory) return { directories: [project], hasGit: false };
  }
}

async function findServerFiles(project: string): Promise<ProjectFacts['serverFiles']> {
  const found = [];
  for (const file of await listSources(project)) {
    const path = join(project, file);
    const { size } = await stat(path).catch(() => ({ size: Infinity }));
    if (size > MAX_FILE_BYTES) continue;
    const traces = findServerTraces(await readFile(path, 'utf8').catch(() => ''));
    if (traces !== undefined) found.push({ file: file.replaceAll('\\', '/'), ...traces });
  }
  return found;
}

/** Breadth first and by name: the files that start a service are rarely deep. */
async function listSources(project: string): Promise<readonly string[]> {
  const sources: string[] = [];
  const folders = ['.'];
  let seen = 0;
  for (let next = 0; next < folders.length && sources.length < MAX_FILES && seen < MAX_ENTRIES; next++) {
    const folder = folders[next] ?? '.';
    const entries = await readdir(join(project, folder), { withFileTypes: true }).catch(() => []);
    seen += entries.length;
    for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = entry;
      if (name.startsWith('.') || SKIPPED.has(name)) continue;
      if (entry.isDirectory()) folders.push(join(folder, name));
      else if (entry.isFile() && SOURCE.test(name) && !NOT_SOURCE.test(name))
        sources.push(join(folder, name));
    }
  }
  return sources.slice(0, MAX_FILES);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
