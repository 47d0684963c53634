import { isRecord, toMethod } from '../../../core/goals/imported-requests.ts';
import type { LoadScriptFacts, SeenRequest } from '../../../core/ports/project.ts';
import { constantsOf, keyName, literalValue, memberOf } from '../syntax/literal-value.ts';
import type { Constants } from '../syntax/literal-value.ts';
import { bindingsOf } from '../syntax/module-bindings.ts';
import { parseSource } from '../syntax/parse-source.ts';
import type { Argument, Call, SyntaxNode } from '../syntax/parse-source.ts';
import { walk } from '../syntax/walk.ts';

/** k6 calls DELETE `del`, since `delete` is a word of the language. */
const METHODS: Readonly<Record<string, string>> = {
  get: 'GET',
  head: 'HEAD',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  del: 'DELETE',
};

/** Stands in an address for what the script only knows when it runs. */
const HOLE = '\u0000';
const MAX_REQUESTS = 20;

/** The requests of a k6 script (https://grafana.com/docs/k6/latest/javascript-api/k6-http/); undefined for others. */
export function readK6Script(text: string, file: string): LoadScriptFacts | undefined {
  if (!/['"]k6\/http['"]/.test(text)) return undefined;
  const program = parseSource(text, file);
  if (program === undefined) return undefined;
  const bindings = bindingsOf(program);
  const isHttp = (node: SyntaxNode): boolean =>
    node.type === 'Identifier' && bindings.get(node.name)?.specifier === 'k6/http';
  const constants = constantsOf(program);
  const requests: SeenRequest[] = [];
  walk(program, (node) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return;
    if (isHttp(node.callee.object)) requests.push(...requestsOf(node, constants));
  });
  return { file, tool: 'k6', requests: requests.slice(0, MAX_REQUESTS) };
}

function requestsOf(call: Call, constants: Constants): readonly SeenRequest[] {
  const name = call.callee.type === 'MemberExpression' ? keyName(call.callee.property) : undefined;
  const [first, second, third] = call.arguments;
  const method = METHODS[name ?? ''];
  if (method !== undefined) {
    return toRequest(method, first, method === 'GET' || method === 'HEAD' ? undefined : second, constants);
  }
  if (name === 'request') return toRequest(textOf(first, constants), second, third, constants);
  if (name !== 'batch' || first?.type !== 'ArrayExpression') return [];
  return first.elements.flatMap((one) => {
    if (one?.type === 'ArrayExpression') {
      const [verb, url, body] = one.elements;
      return toRequest(textOf(verb ?? undefined, constants), url ?? undefined, body ?? undefined, constants);
    }
    if (one?.type === 'ObjectExpression') {
      const verb = textOf(memberOf(one, 'method'), constants) ?? 'GET';
      return toRequest(verb, memberOf(one, 'url'), memberOf(one, 'body'), constants);
    }
    return one === null ? [] : toRequest('GET', one, undefined, constants);
  });
}

function toRequest(
  verb: string | undefined,
  url: Argument | undefined,
  body: Argument | undefined,
  constants: Constants,
): readonly SeenRequest[] {
  const method = toMethod(verb ?? '');
  const address = url === undefined ? undefined : addressOf(url, constants);
  const path = address === undefined ? undefined : pathOf(address);
  if (method === undefined || path === undefined) return [];
  const sent = body === undefined || body.type === 'NullLiteral' ? undefined : bodyOf(body, constants);
  return [
    {
      method,
      path: path.replaceAll(HOLE, '1'),
      ...sent?.sent,
      isFilled: path.includes(HOLE) || sent?.sent === null,
    },
  ];
}

/** The text of an address, with holes; k6 also takes it as a tagged template, http.url`…`. */
function addressOf(node: Argument | SyntaxNode, constants: Constants, depth = 0): string | undefined {
  if (depth > 20) return undefined;
  const known = literalValue(node, constants)?.value;
  if (typeof known === 'string' || typeof known === 'number') return String(known);
  const part = (child: Argument | SyntaxNode): string => addressOf(child, constants, depth + 1) ?? HOLE;
  if (node.type === 'TemplateLiteral') {
    return node.quasis
      .map(({ value }, index) => {
        const expression = node.expressions[index];
        return (value.cooked ?? '') + (expression === undefined ? '' : part(expression));
      })
      .join('');
  }
  if (node.type === 'TaggedTemplateExpression') return part(node.quasi);
  if (node.type === 'BinaryExpression' && node.operator === '+') return part(node.left) + part(node.right);
  // `__ENV.BASE_URL || 'http://localhost:3000'`
  if (node.type === 'LogicalExpression') return part(node.right);
  const constant = node.type === 'Identifier' ? constants.get(node.name) : undefined;
  return constant === undefined ? undefined : part(constant);
}

/** Without scheme and host, which may be a hole as a whole. */
function pathOf(address: string): string | undefined {
  const rest = address.replace(new RegExp(`^(?:https?://[^/?#]*|${HOLE}(?=/|$))`), '');
  if (rest === '') return '/';
  return rest.startsWith('/') ? rest.replace(/#.*$/, '') : undefined;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** Null in the box when only the running script knows the body. */
function bodyOf(
  node: Argument,
  constants: Constants,
): { readonly sent: Pick<SeenRequest, 'headers' | 'body'> | null } {
  const constant = node.type === 'Identifier' ? constants.get(node.name) : undefined;
  const given = constant ?? node;
  const isJson =
    given.type === 'CallExpression' &&
    given.callee.type === 'MemberExpression' &&
    keyName(given.callee.property) === 'stringify';
  const [content] = isJson ? given.arguments : [given];
  const value = content === undefined ? undefined : literalValue(content, constants)?.value;
  if (typeof value === 'string') return { sent: { body: isJson ? JSON.stringify(value) : value } };
  if (Array.isArray(value)) return { sent: { body: [...(value as readonly unknown[])] } };
  if (!isRecord(value)) return { sent: null };
  if (isJson) return { sent: { body: { ...value } } };
  // k6 sends an object that is not written out as JSON as a form.
  const fields = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, String(item)]));
  return { sent: { headers: FORM, body: new URLSearchParams(fields).toString() } };
}

function textOf(node: Argument | undefined, constants: Constants): string | undefined {
  const value = node === undefined ? undefined : literalValue(node, constants)?.value;
  return typeof value === 'string' ? value : undefined;
}
