import { isDeepStrictEqual } from 'node:util';
import type { Expectation } from '../../core/ports/load.ts';
import { parseBody } from './answer.ts';
import type { Answer } from './answer.ts';
import { compileJsonPath } from './json-path.ts';

/** Characters of a value that a reason quotes. */
const QUOTED_LENGTH = 80;

export type Check = (answer: Answer) => string | undefined;

/** What is wrong with an answer, the first thing of several; undefined when it is right. Compiled once for all answers. */
export function compileExpectation(expect: Expectation): Check {
  const checks: readonly Check[] = [
    ({ status }) => findStatusProblem(expect, status),
    ...Object.entries(expect.headers ?? {}).map(compileHeader),
    ...(expect.bodyIncludes === undefined ? [] : [({ body }: Answer) => findBodyProblem(expect, body)]),
    ...(expect.json === undefined ? [] : [compileJson(expect.json)]),
  ];
  const [only] = checks;
  if (checks.length === 1 && only !== undefined) return only;
  return (answer) => {
    for (const check of checks) {
      const problem = check(answer);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

/** Whether the whole body has to be kept. */
export function needsBody(expect: Expectation): boolean {
  return expect.bodyIncludes !== undefined || expect.json !== undefined;
}

/** What is wrong with the status; undefined when it is right. Without an expectation every status below 400 is. */
export function findStatusProblem(expect: Expectation, status: number): string | undefined {
  if (expect.status !== undefined) {
    return status === expect.status ? undefined : `status ${status}, expected ${expect.status}`;
  }
  return status < 400 ? undefined : `status ${status}, expected below 400`;
}

/** What is wrong with a complete body; undefined when it is right. */
export function findBodyProblem(expect: Expectation, body: string | Buffer): string | undefined {
  const wanted = expect.bodyIncludes;
  if (wanted === undefined || body.includes(wanted) || isUndecidable(wanted, body)) return undefined;
  return `body does not include ${JSON.stringify(wanted)}`;
}

/**
 * autocannon decodes a body chunk by chunk, so a character beyond ASCII that lies on a border of chunks is replaced by
 * U+FFFD. Such a body may hold the text that was not found in it: no failure is claimed.
 */
function isUndecidable(wanted: string, body: string | Buffer): boolean {
  return typeof body === 'string' && /[^\0-\x7f]/.test(wanted) && body.includes('\uFFFD');
}

function compileHeader([name, wanted]: [string, string | { readonly includes: string }]): Check {
  const lower = name.toLowerCase();
  const isRight = (value: string): boolean =>
    typeof wanted === 'string' ? value === wanted : value.includes(wanted.includes);
  const expected = typeof wanted === 'string' ? quote(wanted) : `to include ${quote(wanted.includes)}`;
  return ({ headers }) => {
    const value = headers.get(lower);
    if (value !== undefined && isRight(value)) return undefined;
    return `header ${lower} is ${value === undefined ? 'missing' : quote(value)}, expected ${expected}`;
  };
}

function compileJson(wanted: Readonly<Record<string, unknown>>): Check {
  const paths = Object.entries(wanted).map(([path, value]) => ({ path, value, find: compileJsonPath(path) }));
  return (answer) => {
    const document = parseBody(answer);
    if (document === undefined) return 'body is not JSON';
    for (const { path, value, find } of paths) {
      const found = find(document);
      if (isDeepStrictEqual(found, value) || isUndecidable(JSON.stringify(value), answer.body)) continue;
      return `json ${path} ${found === undefined ? 'finds nothing' : `is ${quote(found)}`}, expected ${quote(value)}`;
    }
    return undefined;
  };
}

function quote(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= QUOTED_LENGTH ? text : `${text.slice(0, QUOTED_LENGTH)}…`;
}
