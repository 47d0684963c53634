import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { ProjectFacts } from '../../core/ports/project.ts';
import { readArtilleryScript } from './facts/artillery-script.ts';
import { listFiles } from './facts/list-files.ts';
import { readDatabaseFacts } from './facts/read-database-facts.ts';
import { readSources } from './facts/read-sources.ts';
import { readTextUpTo } from './facts/read-text.ts';
import { readSqlFile } from './facts/sql-file.ts';

/** What people keep in one file of a project; larger ones are generated. */
const MAX_FILE_BYTES = 256 * 1024;
/** Descriptions of large APIs reach some megabytes. */
const MAX_OPEN_API_BYTES = 4 * 2 ** 20;
const MAX_SQL_FILES = 50;
const MAX_SCRIPTS = 50;

/** In the root or one of the folders where it is usual; others are looked for by `import`. */
const OPEN_API =
  /^(?:(?:docs?|api|specs?|openapi|swagger|src)\/)?(?:openapi|swagger)(?:[._-]v?\d[\d.]*)?\.(?:json|ya?ml)$/i;

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
  const [manifest, files, above] = await Promise.all([
    readManifest(project),
    listFiles(project),
    directoriesUpToRepository(project),
  ]);
  const sources = await readSources(project, files);
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
    serverFiles: sources.serverFiles,
    hasGit: above.hasGit,
    openApi: await findOpenApi(project, files),
    benchmarks: sources.benchmarks,
    loadScripts: [...sources.loadScripts, ...(await findArtilleryScripts(project, files))],
    sqlFiles: await findSqlFiles(project, files),
    databases: await readDatabaseFacts(project, files, sources.urlEnvs),
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

async function findOpenApi(project: string, files: readonly string[]): Promise<ProjectFacts['openApi']> {
  for (const file of files.filter((path) => OPEN_API.test(path))) {
    const text = await readTextUpTo(join(project, file), MAX_OPEN_API_BYTES);
    if (text !== '') return { file, text };
  }
  return null;
}

async function findArtilleryScripts(
  project: string,
  files: readonly string[],
): Promise<ProjectFacts['loadScripts']> {
  const found = [];
  // Continuous integration, containers and locales are YAML too; what Artillery reads lies where load is talked of.
  const candidates = files.filter(
    (path) => /\.ya?ml$/.test(path) && /artillery|load|perf|stress|bench/i.test(path),
  );
  for (const file of candidates.slice(0, MAX_SCRIPTS)) {
    const script = readArtilleryScript(await readTextUpTo(join(project, file), MAX_FILE_BYTES), file);
    if (script !== undefined) found.push(script);
  }
  return found;
}

async function findSqlFiles(project: string, files: readonly string[]): Promise<ProjectFacts['sqlFiles']> {
  const found = [];
  for (const file of files.filter((path) => /\.sql$/i.test(path)).slice(0, MAX_SQL_FILES)) {
    const facts = readSqlFile(await readTextUpTo(join(project, file), MAX_FILE_BYTES), file);
    if (facts !== undefined) found.push(facts);
  }
  return found;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
