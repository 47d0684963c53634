import { InputError } from '../errors.ts';
import type { ImportSource } from './import-source.ts';

/** @param what follows the name of the file: "has no samples" */
export function refuse({ shown }: Pick<ImportSource, 'shown'>, what: string, fix: string): InputError {
  return new InputError('invalid_import', `${shown} ${what}.`, { fix });
}
