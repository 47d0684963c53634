import type { CommandWorkload } from '../model/workloads/command.ts';
import type { ProjectFacts } from '../ports/project.ts';
import type { DraftPart } from './draft.ts';
import { serverFileOf } from './draft-service.ts';
import { toName } from './imported-requests.ts';
import { nodeCommand } from './node-command.ts';

/** The programs that a package installs. Nothing tells what they are usually asked to do, so they are asked for help. */
export function draftCommands(facts: ProjectFacts): DraftPart {
  const server = serverFileOf(facts);
  const start = facts.packageJson?.scripts['start'] ?? '';
  const bins = Object.entries(facts.packageJson?.bin ?? {})
    .map(([name, path]) => ({ name, path: path.replace(/^\.\//, '') }))
    // What starts the service never ends by itself.
    .filter(({ path }) => isInside(path) && path !== server && !start.includes(path));
  const isBuilt = facts.packageJson?.scripts['build'] !== undefined;
  const workloads = bins.map(({ name, path }): CommandWorkload => {
    const plain = toName(name.replace(/^@[^/]+\//, '')) ?? 'command';
    return {
      name: plain,
      kind: 'command',
      description: `start-up of ${name}, as a placeholder`,
      command: nodeCommand(path, '--help'),
      ...(isBuilt ? { setup: [['npm', 'run', 'build']] } : {}),
      expect: { exit_code: 0 },
    };
  });
  return {
    workloads,
    found: bins.map(({ name, path }) => `command: ${name} (${path})`),
    missing: workloads.map(({ name }) => ({
      about: name,
      what: `command of ${name}`,
      why: '--help only measures how it starts; give the arguments of a real job, and "prepare" where it must start clean',
    })),
  };
}

function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split(/[\\/]/).includes('..');
}
