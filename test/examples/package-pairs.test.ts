import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { goalsSchema } from '../../src/core/model/goals.ts';
import { readPackagePairs, switchVersion } from '../support/package-pairs.ts';

const example = join(import.meta.dirname, '..', '..', 'examples', 'package-pairs');
const read = (file: string) => readFileSync(join(example, file), 'utf8');
const pairs = await readPackagePairs(example);

it('are at least eight, with claims of each kind', () => {
  expect(pairs.length).toBeGreaterThanOrEqual(8);
  expect(new Set(pairs.map(({ claim }) => claim))).toEqual(new Set(['gain', 'loss', 'none']));
});

it('have a workload each, in goals that the schema takes', () => {
  const goals = goalsSchema.parse(JSON.parse(read('goals.json')));
  expect(goals.workloads.map(({ name }) => name)).toEqual(pairs.map(({ name }) => name));
});

it('are installed in exactly the versions that they name, by alias', () => {
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json')));
  const { packages } = z
    .object({
      packages: z.record(z.string(), z.object({ version: z.string(), name: z.string().optional() })),
    })
    .parse(JSON.parse(read('package-lock.json')));
  const aliases = pairs.flatMap((pair) =>
    (['before', 'after'] as const).map((side) => ({
      alias: `${pair.name}-${side}`,
      name: pair.package,
      version: pair[side],
    })),
  );
  expect(dependencies).toEqual(
    Object.fromEntries(aliases.map(({ alias, name, version }) => [alias, `npm:${name}@${version}`])),
  );
  for (const { alias, name, version } of aliases)
    expect(packages[`node_modules/${alias}`]).toMatchObject({ name, version });
});

it.each(pairs)('$name: its module imports the older version, and one line switches it', (pair) => {
  const module = read(`src/${pair.name}.mjs`);
  const switched = switchVersion(module, pair);
  const changed = module.split('\n').filter((line, index) => line !== switched.split('\n')[index]);
  expect(changed).toHaveLength(1);
});
