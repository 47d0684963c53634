import { join } from 'node:path';
import { budgetsFileSchema } from '../../core/model/guard.ts';
import { goalsSchema } from '../../core/model/goals.ts';
import type { ProjectFiles } from '../../core/ports/project.ts';
import { STATE_DIRECTORY } from '../../core/state-layout.ts';
import { readCommitted, writeCommitted } from './committed-json.ts';
import type { CommittedFile } from './committed-json.ts';
import { listDecisions, writeDecision } from './decisions.ts';
import { readEvidence, readImport } from './read-import.ts';
import { readPackageSource } from './read-package-source.ts';

/** Where an editor finds the schemas when deep-optimize is a dependency of the project; nothing else reads them. */
const SCHEMAS = '../node_modules/deep-optimize/schemas';

const GOALS = {
  name: 'goals.json',
  schema: goalsSchema,
  code: 'invalid_goals',
  schemaPath: `${SCHEMAS}/goals.schema.json`,
} as const satisfies CommittedFile<typeof goalsSchema>;

const BUDGETS = {
  name: 'budgets.json',
  schema: budgetsFileSchema,
  code: 'invalid_budgets',
  schemaPath: `${SCHEMAS}/budgets.schema.json`,
} as const satisfies CommittedFile<typeof budgetsFileSchema>;

/** `prepareStateDirectory` is called before the first write and never by a read. */
export function createProjectFiles(
  project: string,
  prepareStateDirectory: (stateDirectory: string) => Promise<void>,
): ProjectFiles {
  const prepare = () => prepareStateDirectory(join(project, STATE_DIRECTORY));
  return {
    // Loads a parser, which nothing but a draft needs.
    facts: async () => (await import('./read-facts.ts')).readFacts(project),
    readImport: (file) => readImport(project, file),
    readEvidence: (file) => readEvidence(project, file),
    readPackageSource: (file) => readPackageSource(project, file),
    readGoals: () => readCommitted(project, GOALS),
    writeGoals: async (goals) => {
      await prepare();
      return writeCommitted(project, GOALS, goals);
    },
    readBudgets: () => readCommitted(project, BUDGETS),
    writeBudgets: async (budgets) => {
      await prepare();
      return writeCommitted(project, BUDGETS, budgets);
    },
    decisions: () => listDecisions(project),
    writeDecision: async (decision, markdown) => {
      await prepare();
      return writeDecision(project, decision, markdown);
    },
  };
}
