import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Argv } from '../../core/model/goals.ts';
import type { Approvals } from '../../core/ports/project.ts';
import { writeAtomically } from './write-atomically.ts';

const approvalSchema = z.object({
  project: z.string(),
  command: z.array(z.string()),
  approved_at: z.string(),
});

/**
 * One file for each command of a project, so that two servers never overwrite each other's: named by hashes, holding
 * what was approved in words, readable by this user only.
 */
export function createApprovals({ configDir }: { readonly configDir: string }): Approvals {
  const fileOf = (project: string, command: Argv): string =>
    join(configDir, 'approvals', hash(project), `${hash(JSON.stringify(command))}.json`);

  const isApproved = async (project: string, command: Argv): Promise<boolean> => {
    try {
      const value: unknown = JSON.parse(await readFile(fileOf(project, command), 'utf8'));
      const approval = approvalSchema.parse(value);
      return approval.project === project && JSON.stringify(approval.command) === JSON.stringify(command);
    } catch {
      return false;
    }
  };

  return {
    missing: async (projectDir, commands) => {
      const project = await realpath(projectDir);
      const answers = await Promise.all(commands.map((command) => isApproved(project, command)));
      return commands.filter((_, index) => answers[index] !== true);
    },
    approve: async (projectDir, commands) => {
      const project = await realpath(projectDir);
      for (const command of commands) {
        const approval = { project, command, approved_at: new Date().toISOString() };
        await writeAtomically(fileOf(project, command), `${JSON.stringify(approval, null, 2)}\n`, 0o600);
      }
    },
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
