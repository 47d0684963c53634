/** The JSON Schemas of what users commit. `npm run generate` writes them, `npm run check:docs` compares. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { budgetsFileSchema } from '../src/core/model/guard.ts';
import { goalsSchema } from '../src/core/model/goals.ts';
import { writeOrCheck } from './generated-files.ts';

const FILES = [
  {
    file: 'goals.schema.json',
    schema: goalsSchema,
    title: 'Goals of deep-optimize',
    description: 'Workloads, objectives and constraints of a project: .deep-optimize/goals.json.',
  },
  {
    file: 'budgets.schema.json',
    schema: budgetsFileSchema,
    title: 'Budgets of deep-optimize',
    description: 'Limits that CI keeps, with where each came from: .deep-optimize/budgets.json.',
  },
] as const;

/** The published schemas by file name. Draft 7, because editors support it best. */
export function renderSchemas(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    FILES.map(({ file, schema, title, description }) => {
      const { $schema, ...body } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
      const document = { $schema, $id: `urn:deep-optimize:${file}`, title, description, ...body };
      return [file, `${JSON.stringify(sortMembers(document), null, 2)}\n`];
    }),
  );
}

/** Member names in the order of the alphabet: the same schema gives the same bytes. */
function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sortMembers(member)]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeOrCheck(
    Object.fromEntries(Object.entries(renderSchemas()).map(([file, text]) => [`schemas/${file}`, text])),
  );
}
