import type { Routers } from './routers.ts';
import { calledMember, calledObject } from '../syntax/called-member.ts';
import { literalText, memberOf } from '../syntax/literal-value.ts';
import type { Constants } from '../syntax/literal-value.ts';
import { requiredModule } from '../syntax/module-bindings.ts';
import type { Binding } from '../syntax/module-bindings.ts';
import type { Argument, Call } from '../syntax/parse-source.ts';

/** A router that is put below a path of another one. */
export interface Mount {
  readonly prefix: string;
  /** The router that it is put below. */
  readonly parent: string | null;
  readonly at: number;
  /** One of: a router of this file, of another file, or a function in place. */
  readonly local?: string;
  readonly binding?: Binding;
  readonly range?: readonly [number, number];
}

/** `app.use('/x', router)`, Hono's `app.route('/x', sub)`, Fastify's `app.register(plugin, { prefix: '/x' })`. */
export function* mountsOfCall(
  call: Call,
  routers: Routers,
  constants: Constants,
  bindings: ReadonlyMap<string, Binding>,
): Generator<Mount> {
  const member = calledMember(call);
  const object = calledObject(call);
  if (object === undefined || !['use', 'route', 'register', 'mount'].includes(member ?? '')) return;
  const router = routers.find(object);
  if (router === undefined) return;
  const [first, ...rest] = call.arguments;
  const base = { parent: router.name, at: call.start ?? 0 };
  if (member === 'register') {
    const prefix = literalText(memberOf(rest[0], 'prefix'), constants) ?? '';
    if (first !== undefined) yield* targetOf(first, { ...base, prefix }, bindings);
    return;
  }
  const path = literalText(first, constants);
  if (path !== undefined && !path.startsWith('/')) return;
  for (const target of path === undefined ? call.arguments : rest) {
    yield* targetOf(target, { ...base, prefix: path ?? '' }, bindings);
  }
}

function* targetOf(
  target: Argument,
  base: Pick<Mount, 'prefix' | 'parent' | 'at'>,
  bindings: ReadonlyMap<string, Binding>,
): Generator<Mount> {
  const specifier = requiredModule(target);
  if (specifier !== undefined) {
    yield { ...base, binding: { specifier, exported: '*' } };
  } else if (target.type === 'Identifier') {
    const binding = bindings.get(target.name);
    yield { ...base, ...(binding === undefined ? { local: target.name } : { binding }) };
  } else if (target.type === 'CallExpression' && calledMember(target) === 'routes') {
    const inner = calledObject(target);
    if (inner?.type === 'Identifier') yield* targetOf(inner, base, bindings);
  } else if (target.type === 'ArrowFunctionExpression' || target.type === 'FunctionExpression') {
    yield { ...base, range: [target.start ?? 0, target.end ?? 0] };
  }
}

/** Of Fastify plugins that are written in place, the outer before the inner. */
export function enclosingPrefixes(mounts: readonly Mount[], at: number): readonly string[] {
  return mounts
    .filter(({ range }) => range !== undefined && range[0] <= at && at < range[1])
    .map(({ prefix }) => prefix);
}
