import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import type { Changes } from '../loop/changes.ts';
import { forgetOldSnapshots } from '../loop/forget-snapshots.ts';
import type { Runs } from '../loop/runs.ts';

export interface Services {
  readonly ports: Ports;
  readonly runs: Runs;
}

/** What one server process keeps between requests. The services behind it are made when a request first needs them. */
export interface Session {
  readonly defaultDirectory: string;
  readonly changes: Changes;
  services(): Promise<Services>;
  open(directory: string): Promise<Project>;
  /** The default project first: where a resource is looked for. */
  projects(): Promise<readonly Project[]>;
  /** Kills and interrupts whatever runs, then closes the stores. */
  close(): Promise<void>;
}

export function createSession(
  defaultDirectory: string,
  changes: Changes,
  makeServices: () => Promise<Services>,
): Session {
  let made: Promise<Services> | undefined;
  const services = () => (made ??= makeServices());
  const opened = new Map<string, Project>();

  async function open(directory: string): Promise<Project> {
    const { ports, runs } = await services();
    const project = await ports.projects.open(directory);
    if (!opened.has(project.directory)) {
      opened.set(project.directory, project);
      await runs.recover(project);
      await forgetOldSnapshots(ports, project);
    }
    return project;
  }

  async function projects(): Promise<readonly Project[]> {
    const first = await open(defaultDirectory);
    return [first, ...[...opened.values()].filter((project) => project !== first)];
  }

  async function close(): Promise<void> {
    if (!made) return;
    const { ports, runs } = await made;
    await runs.shutdown();
    await ports.projects.closeAll();
  }

  return { defaultDirectory, changes, services, open, projects, close };
}
