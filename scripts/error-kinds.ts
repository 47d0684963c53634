import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorKind } from '../src/core/errors.ts';

const KIND_OF_CLASS: Readonly<Record<string, ErrorKind>> = {
  InputError: 'input',
  EnvironmentError: 'environment',
  TargetError: 'target',
  InternalError: 'internal',
};

/** Codes that reach their class in a variable (adapters/project/committed-json.ts), where a reader of text cannot follow. */
const BY_VARIABLE: readonly (readonly [string, ErrorKind])[] = [['invalid_budgets', 'input']];

/**
 * Which kinds of error the code makes with each error code: read from the sources, because the class is chosen where the
 * error is thrown, and one code may be of two kinds. A code without kinds is thrown by nobody.
 */
export function findErrorKinds(folder: string): ReadonlyMap<string, ReadonlySet<ErrorKind>> {
  const kinds = new Map(BY_VARIABLE.map(([code, kind]) => [code, new Set([kind])]));
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, name = '', code = ''] of text.matchAll(/new (\w+Error)\(\s*'([a-z_]+)'/g)) {
      const kind = KIND_OF_CLASS[name];
      if (kind) kinds.set(code, (kinds.get(code) ?? new Set()).add(kind));
    }
  }
  return kinds;
}
