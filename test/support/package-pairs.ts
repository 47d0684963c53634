import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Two versions of one published package, and what the changelog of the newer one claims about the calls here. */
const packagePairSchema = z.strictObject({
  /** Of the workload, of `src/NAME.mjs`, and of the aliases `NAME-before` and `NAME-after`. */
  name: z.string().regex(/^[a-z-]+$/),
  package: z.string(),
  before: z.string(),
  after: z.string(),
  claim: z.enum(['gain', 'loss', 'none']),
  says: z.string(),
  source: z.string().startsWith('https://'),
});
export type PackagePair = z.infer<typeof packagePairSchema>;

export async function readPackagePairs(example: string): Promise<readonly PackagePair[]> {
  return z.array(packagePairSchema).parse(JSON.parse(await readFile(join(example, 'pairs.json'), 'utf8')));
}

/** The module with the newer version: the change that is judged. */
export function switchVersion(module: string, { name }: Pick<PackagePair, 'name'>): string {
  const switched = module.replace(`'${name}-before'`, `'${name}-after'`);
  if (switched === module) throw new Error(`src/${name}.mjs does not import '${name}-before'.`);
  return switched;
}
