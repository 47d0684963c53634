import { lstat, mkdir, readFile, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { TargetError } from '../../core/errors.ts';
import type { Processes } from '../../core/ports/processes.ts';
import type { Checkout } from '../../core/ports/snapshots.ts';
import { toWriteFailure } from '../../core/write-failure.ts';
import { directoriesOf, isInside, link } from './link-paths.ts';

export interface DependencyRequest {
  readonly project: string;
  readonly checkout: string;
  readonly processes: Processes;
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly installTimeoutMs: number;
  readonly signal: AbortSignal;
}

const LOCKFILES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
] as const;
const DEPENDENCY_FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'workspaces'];

/**
 * Gives a checkout its node_modules: those of the project when what they were installed from is the same, freshly
 * installed ones when it is not.
 */
export async function provideDependencies(request: DependencyRequest): Promise<Checkout['dependencies']> {
  const { project, checkout } = request;
  const manifest = await readManifest(checkout);
  if (manifest === undefined) return 'none';
  if (await sameDependencies(project, checkout, manifest)) {
    if (await shareModules(project, checkout)) return 'shared';
  }
  const declares = DEPENDENCY_FIELDS.some(
    (field) => Object.keys(Object(manifest[field]) as object).length > 0,
  );
  if (!declares) return 'none';
  await install(request);
  return 'installed';
}

async function sameDependencies(
  project: string,
  checkout: string,
  manifest: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const locks = await Promise.all(
    LOCKFILES.map(
      async (name) => [await read(join(project, name)), await read(join(checkout, name))] as const,
    ),
  );
  if (locks.some(([here, there]) => here !== there)) return false;
  if (locks.some(([here]) => here !== undefined)) return true;
  // Without a lockfile (or with one above the project, in a monorepo) the declarations are all there is.
  const now = await readManifest(project);
  return DEPENDENCY_FIELDS.every((field) => JSON.stringify(now?.[field]) === JSON.stringify(manifest[field]));
}

/** False when the project has no node_modules anywhere that Node.js would look. */
async function shareModules(project: string, checkout: string): Promise<boolean> {
  const above = await modulesAbove(project);
  const own = await isDirectory(join(project, 'node_modules'));
  if (!own && above === undefined) return false;
  try {
    for (const folder of await directoriesOf(checkout)) {
      const modules = join(project, folder, 'node_modules');
      if (await isDirectory(modules)) await linkModules(project, modules, checkout, folder);
    }
    // Node.js looks into every directory above: the run's directory stands for all that are above the project.
    if (above !== undefined) {
      const place = join(own ? dirname(checkout) : checkout, 'node_modules');
      if ((await lstat(place).catch(() => undefined)) === undefined) await link(above, place);
    }
  } catch (error) {
    throw toWriteFailure(error, checkout);
  }
  return true;
}

/** Where build tools keep what they did last time: linked, both sides and the working tree would share it. */
const CACHES_OF_TOOLS = ['.cache', '.vite', '.vite-temp', '.vitest'];

/**
 * Each entry is linked by itself. Through one link to the whole, tools would write their caches into the project, and packages
 * of a workspace, which are links from node_modules into the project, would be the working tree's: those lead to the
 * checkout's own copy.
 */
async function linkModules(
  project: string,
  modules: string,
  checkout: string,
  folder: string,
): Promise<void> {
  const target = join(checkout, folder, 'node_modules');
  if ((await lstat(target).catch(() => undefined)) !== undefined) return;
  const entries = (await entriesOf(modules)).filter((entry) => !CACHES_OF_TOOLS.includes(entry));
  await mkdir(target);
  const scopes = new Set(entries.map((entry) => dirname(join(target, entry))));
  for (const scope of scopes) await mkdir(scope, { recursive: true });
  await Promise.all(
    entries.map(async (entry) => {
      const own = await ownPackage(project, checkout, join(modules, entry));
      await link(own ?? join(modules, entry), join(target, entry));
    }),
  );
}

/** Entries of a node_modules, scoped packages one by one. */
async function entriesOf(modules: string): Promise<readonly string[]> {
  const names = await readdir(modules);
  const nested = await Promise.all(
    names.map(async (name) =>
      name.startsWith('@') ? (await readdir(join(modules, name))).map((inner) => join(name, inner)) : [name],
    ),
  );
  return nested.flat();
}

/** Where the checkout has the workspace package that an entry is a link to. */
async function ownPackage(project: string, checkout: string, entry: string): Promise<string | undefined> {
  if (!(await lstat(entry)).isSymbolicLink()) return undefined;
  const real = await realpath(entry).catch(() => undefined);
  if (real === undefined || !isInside(project, real)) return undefined;
  const local = relative(project, real);
  if (/(?:^|[\\/])node_modules(?:[\\/]|$)/.test(local)) return undefined;
  const copy = join(checkout, local);
  return (await isDirectory(copy)) ? copy : undefined;
}

/** The nearest one above the project, up to the repository that it is a part of. */
async function modulesAbove(project: string): Promise<string | undefined> {
  let directory = project;
  while (!(await exists(join(directory, '.git')))) {
    const parent = dirname(directory);
    if (parent === directory) return undefined;
    directory = parent;
    const modules = join(directory, 'node_modules');
    if (await isDirectory(modules)) return (await repositoryAbove(directory)) ? modules : undefined;
  }
  return undefined;
}

async function repositoryAbove(from: string): Promise<boolean> {
  for (let directory = from; ; directory = dirname(directory)) {
    if (await exists(join(directory, '.git'))) return true;
    if (dirname(directory) === directory) return false;
  }
}

async function install(request: DependencyRequest): Promise<void> {
  const { checkout, processes, baseEnv, installTimeoutMs, signal } = request;
  const command = await installCommand(checkout);
  const result = await processes.run(
    { command, cwd: checkout, env: baseEnv, input: '' },
    { timeoutMs: installTimeoutMs, signal },
  );
  if (result.code === 0) return;
  const shown = command.join(' ');
  const how =
    result.startError !== undefined
      ? 'could not be started'
      : result.timedOut
        ? `did not end within ${Math.round(installTimeoutMs / 1000)} s`
        : `ended with ${result.code ?? result.signal}`;
  throw new TargetError(
    'install_failed',
    `The dependencies of the snapshot differ from those installed in the project, and "${shown}" ${how} in its checkout.`,
    {
      fix: 'Make the same command work in a fresh clone (lockfile committed and in step with package.json, registry reachable, package manager installed).',
      output: result.startError ?? `${result.stdout}\n${result.stderr}`.trim().slice(-4000),
    },
  );
}

/** Development dependencies too, whatever NODE_ENV says: builds and tests run in the checkout. */
async function installCommand(checkout: string): Promise<readonly string[]> {
  if (await exists(join(checkout, 'pnpm-lock.yaml'))) {
    return ['pnpm', 'install', '--frozen-lockfile', '--prod=false'];
  }
  const yarn = await read(join(checkout, 'yarn.lock'));
  if (yarn !== undefined) {
    const classic = yarn.includes('# yarn lockfile v1');
    return classic
      ? ['yarn', 'install', '--frozen-lockfile', '--production=false']
      : ['yarn', 'install', '--immutable'];
  }
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const quiet = ['--include=dev', '--no-audit', '--no-fund'];
  const locked =
    (await exists(join(checkout, 'package-lock.json'))) ||
    (await exists(join(checkout, 'npm-shrinkwrap.json')));
  return locked ? [npm, 'ci', ...quiet] : [npm, 'install', '--no-package-lock', ...quiet];
}

async function readManifest(directory: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await read(join(directory, 'package.json'));
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Object(value) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
