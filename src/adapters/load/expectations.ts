import type { LoadRequest } from '../../core/ports/load.ts';

type Expectation = LoadRequest['expect'];

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
