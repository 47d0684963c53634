import { realpath, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../core/errors.ts';
import type { Project, Projects } from '../../core/ports/project.ts';
import type { Checkouts, Snapshots } from '../../core/ports/snapshots.ts';
import type { Store } from '../../core/ports/store.ts';
import { STATE_DIRECTORY } from '../../core/state-layout.ts';
import { createLazyStore } from './lazy-store.ts';
import { createProjectFiles } from './create-project-files.ts';

/** The other adapters, as functions: main.ts knows them, and may load the database's code only when one is opened. */
export interface ProjectsDeps {
  readonly openStore: (options: { readonly directory: string }) => Promise<Store>;
  readonly prepareStateDirectory: (stateDirectory: string) => Promise<void>;
  readonly createSnapshots: (directory: string) => Snapshots;
  readonly createCheckouts: (directory: string, snapshots: Snapshots) => Checkouts;
}

export function createProjects(deps: ProjectsDeps): Projects {
  const projects = new Map<string, Project>();
  return {
    open: async (directory) => {
      const real = await realDirectory(directory);
      const known = projects.get(real);
      if (known !== undefined) return known;
      const stateDirectory = join(real, STATE_DIRECTORY);
      const snapshots = deps.createSnapshots(real);
      const project: Project = {
        directory: real,
        files: createProjectFiles(real, deps.prepareStateDirectory),
        store: createLazyStore(stateDirectory, () => deps.openStore({ directory: stateDirectory })),
        snapshots,
        checkouts: deps.createCheckouts(real, snapshots),
      };
      projects.set(real, project);
      return project;
    },
    closeAll: async () => {
      const open = [...projects.values()];
      projects.clear();
      await Promise.all(open.map((project) => project.store.close()));
    },
  };
}

async function realDirectory(directory: string): Promise<string> {
  try {
    const real = await realpath(directory);
    await readdir(real);
    return real;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'does not exist',
      ENOTDIR: 'is not a directory',
      EACCES: 'may not be read by this user',
      EPERM: 'may not be read by this user',
    };
    const shown = JSON.stringify(directory.slice(0, 300));
    throw new InputError(
      'invalid_project',
      `The project directory ${shown} ${reasons[code] ?? 'cannot be read'}.`,
      {
        fix: 'Give project_dir as the absolute path of the directory that holds the code.',
        cause,
      },
    );
  }
}
