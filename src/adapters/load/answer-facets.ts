import { Cookie } from 'tough-cookie';
import type { Bounder } from '../../core/behaviour/bound-value.ts';
import type { Tree, Value } from '../../core/behaviour/model.ts';
import { parseBody } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Outcome } from './walk-journey.ts';

/**
 * What a client acts on. Left out: Date; ETag and Last-Modified, which servers make of the time at which a file was written,
 * so that the two checkouts of a comparison differ in them; and what the server's HTTP library adds on its own.
 */
const HEADERS: readonly string[] = [
  'content-type',
  'content-encoding',
  'location',
  'cache-control',
  'vary',
  'www-authenticate',
  'access-control-allow-origin',
];

/** Numbers that JavaScript would round: such a body is compared as text. */
const LONG_NUMBER = /[:,[]\s*-?\d{17,}/;

export type AnswerReader = (outcome: Outcome) => Readonly<Record<string, Value>>;

/** The facets of one answer. `hide` takes out of texts what names the place. */
export function createAnswerReader(hide: (text: string) => string, bound: Bounder): AnswerReader {
  return (outcome) => {
    if (outcome === undefined || 'lost' in outcome)
      return { status: tree(`no answer: ${outcome?.lost ?? 'not waited for'}`) };
    const { answer } = outcome;
    const headers = HEADERS.flatMap((name) => {
      const value = answer.headers.get(name);
      return value === undefined ? [] : [[`header ${name}`, text(hide(value))] as const];
    });
    const cookies = answer.headers.cookies().map((line) => Cookie.parse(line)?.key ?? '');
    const body = bodyOf(answer, hide);
    return {
      status: tree(answer.status),
      ...Object.fromEntries(headers),
      ...(cookies.length === 0 ? {} : { 'cookies set': tree([...new Set(cookies)].sort()) }),
      ...(body === undefined ? {} : { body: bound(body) }),
    };
  };
}

function bodyOf(answer: Answer, hide: (text: string) => string): Value | undefined {
  const bytes = Buffer.from(answer.body);
  if (bytes.length === 0) return undefined;
  const whole = bytes.toString('utf8');
  // What is no text has no lines, and no names of places in it.
  if (!Buffer.from(whole, 'utf8').equals(bytes)) return { kind: 'text', text: bytes.toString('base64') };
  const shown = hide(whole);
  const parsed = LONG_NUMBER.test(shown) ? undefined : parseBody({ body: shown });
  return parsed === undefined ? text(shown) : tree(parsed as Tree);
}

function tree(value: Tree): Value {
  return { kind: 'tree', tree: value };
}

function text(value: string): Value {
  return { kind: 'text', text: value };
}
