import { parseDocument } from 'yaml';
import { InputError } from '../errors.ts';
import { findJsonFault, lineAndColumn } from '../json-map.ts';

/**
 * The value of a JSON or YAML text. What begins like JSON is read as JSON: YAML would accept most of it too, but a
 * broken JSON file deserves the message of a JSON parser, and a large one its speed.
 */
export function readDocument(text: string, file: string): unknown {
  // Some editors of Windows begin a file with a byte order mark; JSON.parse refuses it.
  const plain = text.replace(/^\ufeff/, '');
  if (plain.trim() === '') {
    throw new InputError('invalid_import', `${file} is empty.`, { fix: 'Record or export it again.' });
  }
  return /^\s*[{[]/.test(plain) ? readJson(plain, file) : readYaml(plain, file);
}

function readJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const fault = findJsonFault(text);
    const { line, column } = lineAndColumn(text, fault?.offset ?? 0);
    throw new InputError(
      'invalid_import',
      `${file}, line ${line}, column ${column}: expected ${fault?.expected ?? 'JSON'}.`,
      {
        fix: 'Correct the file at that place, or export it again: a recording that was cut off ends like this.',
        cause,
      },
    );
  }
}

function readYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'silent', merge: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const start = error.linePos?.[0] ?? { line: 1, col: 1 };
    // Of the message, the first line: what follows quotes the file.
    const what = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
    throw new InputError('invalid_import', `${file}, line ${start.line}, column ${start.col}: ${what}.`, {
      fix: 'Correct the file at that place: it is neither JSON nor YAML.',
      cause: error,
    });
  }
  try {
    // An alias of aliases of aliases grows like 2^n ("billion laughs"); this limit, yaml's own default, keeps that small.
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new InputError('invalid_import', `${file} repeats its aliases too often to be read.`, {
      fix: 'Write the values out instead of nesting YAML aliases.',
      cause,
    });
  }
}
