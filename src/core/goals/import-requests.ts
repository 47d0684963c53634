import { InputError } from '../errors.ts';
import { fitRequests } from './fit-requests.ts';
import { har } from './from-har.ts';
import { openApi } from './from-openapi.ts';
import type { ImportedRequests, ImportOptions, RequestImporter } from './imported-requests.ts';
import { readDocument } from './read-document.ts';

/** Every kind of file that requests can be made of. A new one is a file beside this and a line here. */
export const REQUEST_IMPORTERS: readonly RequestImporter[] = [har, openApi];

/** Throws InputError invalid_import that says what is wrong with the file. */
export function importRequests(text: string, options: ImportOptions): ImportedRequests {
  const document = readDocument(text, options.file);
  const importer = REQUEST_IMPORTERS.find((candidate) => candidate.detect(document));
  if (importer !== undefined) {
    const imported = withoutTemplates(importer.convert(document, options), options.file);
    const { kept, dropped } = fitRequests(imported.requests, options.maxCharacters);
    const note = dropped === 0 ? [] : [`left out: requests with long bodies (${dropped})`];
    return { ...imported, requests: kept, found: [...imported.found, ...note] };
  }
  throw new InputError('invalid_import', `${options.file} is of no kind that requests can be made of.`, {
    fix: `Give ${REQUEST_IMPORTERS.map(({ title }) => title).join(' or ')}.`,
  });
}

/** goals.json reads `{{name}}` as a template; what was recorded or written so was meant as it stands. */
function withoutTemplates(imported: ImportedRequests, file: string): ImportedRequests {
  const requests = imported.requests.filter((request) => !JSON.stringify(request).includes('{{'));
  const dropped = imported.requests.length - requests.length;
  if (dropped === 0) return imported;
  if (requests.length === 0) {
    throw new InputError(
      'invalid_import',
      `All requests of ${file} contain "{{", which stands for a template.`,
      {
        fix: 'Name the requests in define_goals by hand.',
      },
    );
  }
  return { ...imported, requests, found: [...imported.found, `left out: requests with "{{" (${dropped})`] };
}
