import { Cookie } from 'tough-cookie';
import type { Extraction } from '../../core/ports/load.ts';
import { parseBody } from './answer.ts';
import type { Answer } from './answer.ts';
import { compileJsonPath } from './json-path.ts';

/** Puts what it finds into `values`; what it does not find is the reason that it returns. Compiled once for all answers. */
export type Extractor = (answer: Answer, values: Map<string, unknown>) => string | undefined;

export function compileExtractions(extract: Readonly<Record<string, Extraction>>): Extractor {
  const finders = Object.entries(extract).map(([name, from]) => ({ name, ...compileFinder(from) }));
  return (answer, values) => {
    for (const { name, what, find } of finders) {
      const value = find(answer);
      if (value === undefined) return `nothing to extract "${name}" from: ${what} finds nothing`;
      values.set(name, value);
    }
    return undefined;
  };
}

interface Finder {
  readonly what: string;
  readonly find: (answer: Answer) => unknown;
}

function compileFinder(from: Extraction): Finder {
  if ('json' in from) {
    const find = compileJsonPath(from.json);
    return {
      what: `json ${from.json}`,
      find: (answer) => {
        const document = parseBody(answer);
        return document === undefined ? undefined : find(document);
      },
    };
  }
  if ('header' in from) {
    const name = from.header.toLowerCase();
    return { what: `header ${name}`, find: ({ headers }) => headers.get(name) };
  }
  return {
    what: `cookie ${from.cookie}`,
    find: ({ headers }) =>
      headers
        .cookies()
        .map((line) => Cookie.parse(line))
        .find((cookie) => cookie?.key === from.cookie)?.value,
  };
}
