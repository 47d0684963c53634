import { InputError } from '../errors.ts';
import type { ImportedProfile, ProfileImporter } from './importer.ts';
import { v8CpuProfile } from './v8-cpuprofile.ts';

export type { ImportedProfile, ImportSource, ProfileImporter } from './importer.ts';

/** Every format that can be read. A new one is a file beside this and a line here. */
export const IMPORTERS: readonly ProfileImporter[] = [v8CpuProfile];

/** Reads a profile of any known format. Throws InputError that says what is wrong with the file. */
export function importProfile(content: string | Uint8Array, fileName?: string): ImportedProfile {
  const text = typeof content === 'string' ? content : decodeText(content);
  const source = fileName === undefined ? { text } : { text, fileName };
  const shown = fileName === undefined ? 'The profile' : `The profile "${fileName}"`;
  if (text.trim() === '') {
    throw new InputError('invalid_arguments', `${shown} is empty (${content.length} bytes).`, {
      fix: 'Capture it again, and stop the profiler before the process ends: V8 writes the file when it is told to.',
    });
  }
  const importer = IMPORTERS.find((candidate) => candidate.detect(source));
  if (importer === undefined) {
    throw new InputError('invalid_arguments', `${shown} has no known format.`, {
      fix: `Give one of: ${IMPORTERS.map(({ title }) => title).join(', ')}.`,
    });
  }
  return importer.parse(source);
}

/** Files that went through Windows tools come as UTF-16 with a byte-order mark; everything else is UTF-8. */
function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
