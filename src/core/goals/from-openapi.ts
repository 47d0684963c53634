import { InputError } from '../errors.ts';
import type { HttpRequest } from '../model/goals.ts';
import {
  effectsNote,
  isRecord,
  listFew,
  showRequest,
  toMethod,
  toName,
  uniqueName,
} from './imported-requests.ts';
import type { Method, Missing, RequestImporter } from './imported-requests.ts';
import { HEALTH_PATH } from './health-path.ts';
import { maskedNote } from './mask-request.ts';
import { bodyOf, toBody } from './openapi-body.ts';
import { isWanted, parameterExample, queryPairs } from './openapi-parameters.ts';
import { isText, listOf, showValue, type Fields } from './openapi-values.ts';
import { createReferences } from './resolve-reference.ts';
import type { References } from './resolve-reference.ts';
import { isSecretName, MASKED, maskSecrets } from './secret-names.ts';

/** One operation as a request, with what had to be invented for it. */
interface Candidate {
  readonly request: HttpRequest;
  readonly guessed: readonly string[];
  readonly masked: readonly string[];
  readonly secured: boolean;
}

/** What reads comes first; what deletes is never repeated under load, since only its first call finds something. */
const ORDER: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH'];

/**
 * OpenAPI 3.0 and 3.1 (https://spec.openapis.org/oas/v3.1.0) and Swagger 2.0. Read leniently: what is needed for a
 * request is taken, nothing is validated; documents in the wild rarely are valid to the letter.
 */
export const openApi: RequestImporter = {
  id: 'openapi',
  title: 'an OpenAPI 3 or Swagger 2 document (JSON or YAML)',
  detect: (document) => isRecord(document) && (isText(document['openapi']) || isText(document['swagger'])),
  convert: (document, { file, maxRequests }) => {
    const root = isRecord(document) ? document : {};
    const paths = root['paths'];
    if (!isRecord(paths) || Object.keys(paths).length === 0) {
      throw new InputError('invalid_import', `${file} is an OpenAPI document without "paths".`, {
        fix: 'Give the document that describes the operations; a file of shared components has none.',
      });
    }
    const references = createReferences(document);
    const skipped: string[] = [];
    const candidates = listOperations(paths, references).flatMap((operation) => {
      const made = toCandidate(root, operation, references);
      if (typeof made !== 'string') return [made];
      if (made !== '') skipped.push(`${operation.method} ${operation.path} (${made})`);
      return [];
    });
    const chosen = choose(candidates, maxRequests);
    if (chosen.length === 0) {
      throw new InputError('invalid_import', `${file} describes no operation that load can repeat.`, {
        fix: `Name the requests in define_goals by hand. Left out: ${skipped.length === 0 ? 'health checks' : listFew(skipped)}.`,
      });
    }
    return {
      requests: named(chosen.map(({ request }) => request)),
      found: [
        `${file}: ${chosen.length} of ${candidates.length} operations as requests`,
        ...(skipped.length === 0 ? [] : [`left out: ${listFew(skipped)}`]),
      ],
      missing: missingOf(chosen, references),
    };
  },
};

interface Operation {
  readonly method: Method;
  readonly path: string;
  readonly operation: Fields;
  readonly parameters: readonly Fields[];
}

function listOperations(paths: Fields, references: References): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, given]) => {
    const item = references.follow(given);
    return Object.entries(item).flatMap(([name, value]) => {
      const method = toMethod(name);
      if (method === undefined || !path.startsWith('/')) return [];
      const operation = references.follow(value);
      // An operation's parameter replaces the path's of the same name and place.
      const all = [...listOf(item['parameters']), ...listOf(operation['parameters'])]
        .map((parameter) => references.follow(parameter))
        .map((parameter) => [`${String(parameter['in'])} ${String(parameter['name'])}`, parameter] as const);
      return [{ method, path, operation, parameters: [...new Map(all).values()] }];
    });
  });
}

/** A request, or why there is none ('' where there is nothing to say). */
function toCandidate(
  root: Fields,
  { method, path, operation, parameters }: Operation,
  references: References,
): Candidate | string {
  if (HEALTH_PATH.test(path)) return '';
  if (!ORDER.includes(method))
    return method === 'DELETE' ? 'deletes: only its first call finds something' : '';
  if (operation['deprecated'] === true) return 'deprecated';
  const answer = successOf(operation, references);
  if (answer.streams) return 'an endless stream';
  const body = bodyOf(root, operation, parameters, references);
  if (typeof body === 'string') return body;

  const guessed: string[] = [];
  const masked = new Set<string>();
  const valueOf = (parameter: Fields): unknown => {
    const name = String(parameter['name']);
    const { value, guessed: isGuessed } = parameterExample(parameter, references);
    if (isSecretName(name)) {
      masked.add(name);
      return MASKED;
    }
    if (isGuessed) guessed.push(name);
    return value;
  };
  const within = (place: string): readonly Fields[] =>
    parameters.filter((parameter) => parameter['in'] === place && isWanted(parameter, references));

  const values = new Map(within('path').map((p) => [String(p['name']), valueOf(p)]));
  const filled = path.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    if (!values.has(name)) guessed.push(name);
    return encodeURIComponent(showValue(values.get(name) ?? 1));
  });
  const query = within('query').flatMap((p) => queryPairs(p, valueOf(p)));
  const headers = within('header')
    .filter((p) => !/^(?:accept|content-type|authorization)$/i.test(String(p['name'])))
    .map((p) => [String(p['name']), showValue(valueOf(p))] as const);
  if (body?.example.guessed === true) guessed.push('the body');

  return {
    request: {
      ...nameOf(operation),
      method,
      path: `${basePath(root)}${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`,
      ...withHeaders([
        ...headers,
        ...(body?.type === undefined ? [] : [['content-type', body.type] as const]),
      ]),
      ...(body === undefined ? {} : { body: toBody(maskSecrets(body.example.value, masked), body.isForm) }),
      ...(answer.status === undefined ? {} : { expect: { status: answer.status } }),
    },
    guessed,
    masked: [...masked],
    secured: isSecured(root, operation),
  };
}

/** Those whose values the document knows come first: they answer something. */
function choose(candidates: readonly Candidate[], most: number): readonly Candidate[] {
  const rank = ({ request, guessed }: Candidate): number =>
    ORDER.indexOf(request.method ?? 'GET') * 2 + (guessed.length > 0 ? 1 : 0);
  return [...candidates].sort((a, b) => rank(a) - rank(b)).slice(0, most);
}

function missingOf(chosen: readonly Candidate[], references: References): readonly Missing[] {
  const of = ({ request }: Candidate): string => showRequest(request);
  const guesses = chosen.filter(({ guessed }) => guessed.length > 0);
  const secured = chosen.filter((candidate) => candidate.secured);
  const masked = new Set(chosen.flatMap((candidate) => candidate.masked));
  return [
    ...(guesses.length === 0
      ? []
      : [
          {
            what: `values in ${listFew(guesses.map((one) => `${of(one)} (${one.guessed.join(', ')})`))}`,
            why: 'the document gives no example for them; use values that exist and vary',
          },
        ]),
    ...(secured.length === 0
      ? []
      : [
          {
            what: `credentials of ${listFew(secured.map(of))}`,
            why: 'the document demands them and goals.json never holds any: log in with the first step of a journey and extract the token, or start the service with a test identity (start.env)',
          },
        ]),
    ...maskedNote(masked),
    ...effectsNote(chosen.map(({ request }) => request)),
    ...(references.broken.size === 0
      ? []
      : [
          {
            what: `references ${listFew([...references.broken])}`,
            why: 'lead out of the document or to nothing',
          },
        ]),
  ];
}

function named(requests: readonly HttpRequest[]): readonly HttpRequest[] {
  const taken = new Set<string>();
  return requests.map((request) => {
    if (request.name === undefined) return request;
    const name = uniqueName(request.name, taken);
    taken.add(name);
    return { ...request, name };
  });
}

function nameOf(operation: Fields): { readonly name?: string } {
  const name = isText(operation['operationId']) ? toName(operation['operationId']) : undefined;
  return name === undefined ? {} : { name };
}

/** The first answer that means success, and whether it never ends. */
function successOf(
  operation: Fields,
  references: References,
): { readonly status: number | undefined; readonly streams: boolean } {
  const responses = isRecord(operation['responses']) ? operation['responses'] : {};
  const code = Object.keys(responses)
    .sort()
    .find((status) => /^2\d\d$/.test(status));
  const answer = references.follow(responses[code ?? 'default']);
  const types = Object.keys(isRecord(answer['content']) ? answer['content'] : {});
  return {
    status: code === undefined ? undefined : Number(code),
    streams: types.length > 0 && types.every((type) => type.startsWith('text/event-stream')),
  };
}

/** `{}` among the alternatives means that nothing is needed; an operation's own list replaces the document's. */
function isSecured(root: Fields, operation: Fields): boolean {
  const alternatives = listOf(operation['security'] ?? root['security']);
  return (
    alternatives.length > 0 && !alternatives.some((one) => isRecord(one) && Object.keys(one).length === 0)
  );
}

/** The path that all operations stand below: of the first server, or Swagger 2's `basePath`. */
function basePath(root: Fields): string {
  const [server]: readonly unknown[] = listOf(root['servers']);
  const base =
    isRecord(server) && isText(server['url']) ? withDefaults(server['url'], server) : root['basePath'];
  if (!isText(base) || !URL.canParse(base, 'http://localhost')) return '';
  return new URL(base, 'http://localhost').pathname.replace(/\/+$/, '');
}

function withDefaults(url: string, server: Fields): string {
  const variables = isRecord(server['variables']) ? server['variables'] : {};
  return url.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    const variable = variables[name];
    return isRecord(variable) ? showValue(variable['default']) : 'x';
  });
}

function withHeaders(headers: readonly (readonly [string, string])[]): Pick<HttpRequest, 'headers'> {
  return headers.length === 0 ? {} : { headers: Object.fromEntries(headers) };
}
