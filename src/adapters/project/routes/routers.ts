import type { Mount } from './mounts.ts';
import { joinPaths } from './routes.ts';
import { keyName, literalText, memberOf } from '../syntax/literal-value.ts';
import type { Constants } from '../syntax/literal-value.ts';
import type { Binding } from '../syntax/module-bindings.ts';
import type { Expression, SyntaxNode } from '../syntax/parse-source.ts';

/** Functions and classes of server frameworks that give something with `.get(path, handler)`. */
const FACTORY =
  /^(?:express|Router|FastifyRouter|fastify|Fastify|Hono|OpenAPIHono|Koa|KoaRouter|restify|createServer)$/;
/**
 * Names that frameworks' examples use for it, for files that only get it as a parameter: `map.get('/x', y)` and
 * `axios.post('/x', y)` look the same.
 */
const USUAL_NAME = /^(?:app|api|server|fastify|router|routes|instance|koa|hono|scope|plugin|\w*[rR]outer)$/;

/** The names of one file that routes are added to, with the prefix that each was made with. */
export class Routers {
  readonly #prefixes = new Map<string, string>();
  readonly #constants: Constants;
  readonly #bindings: ReadonlyMap<string, Binding>;

  constructor(constants: Constants, bindings: ReadonlyMap<string, Binding>) {
    this.#constants = constants;
    this.#bindings = bindings;
  }

  declare(name: string, init: Expression): void {
    const made = this.#madeBy(init);
    if (made !== undefined) this.add(name, made);
  }

  add(name: string, prefix: string): void {
    this.#prefixes.set(name, prefix);
  }

  /** Undefined for what is no router; the name is null for one that has none, as in `new Hono().get(…)`. */
  find(node: SyntaxNode): { readonly name: string | null; readonly prefix: string } | undefined {
    if (node.type === 'Identifier') {
      // An imported `api` is a client more often than a router.
      const isKnown =
        this.#prefixes.has(node.name) || (USUAL_NAME.test(node.name) && !this.#isForeign(node.name));
      return isKnown ? { name: node.name, prefix: '' } : undefined;
    }
    if (node.type === 'MemberExpression' && node.property.type === 'Identifier') {
      return USUAL_NAME.test(node.property.name) ? { name: node.property.name, prefix: '' } : undefined;
    }
    const made = this.#madeBy(node);
    if (made !== undefined) return { name: null, prefix: made };
    // Chained: each call of a router gives it back.
    if (node.type === 'CallExpression' && node.callee.type === 'MemberExpression') {
      return this.find(node.callee.object);
    }
    return undefined;
  }

  /** Of a router of this file, through the routers that it is mounted on. */
  prefixOf(name: string | null, mounts: readonly Mount[], seen: readonly string[] = []): string {
    if (name === null || seen.includes(name)) return '';
    const mount = mounts.find((one) => one.local === name && one.parent !== name);
    const above =
      mount === undefined
        ? ''
        : joinPaths(this.prefixOf(mount.parent, mounts, [...seen, name]), mount.prefix);
    return joinPaths(above, this.#prefixes.get(name) ?? '');
  }

  #isForeign(name: string): boolean {
    return this.#bindings.get(name)?.specifier.startsWith('.') === false;
  }

  /** The prefix of `new Router({ prefix: '/v1' })`, `new Hono().basePath('/v1')`, `express()`; undefined for others. */
  #madeBy(node: SyntaxNode): string | undefined {
    if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return undefined;
    const { callee } = node;
    if (callee.type === 'MemberExpression' && keyName(callee.property) !== undefined) {
      const name = keyName(callee.property) ?? '';
      if (FACTORY.test(name)) return '';
      const inner = this.#madeBy(callee.object);
      if (inner === undefined) return undefined;
      const isPrefix = name === 'basePath' || name === 'prefix';
      return isPrefix ? joinPaths(inner, literalText(node.arguments[0], this.#constants) ?? '') : inner;
    }
    if (callee.type !== 'Identifier') return undefined;
    const { specifier } = this.#bindings.get(callee.name) ?? { specifier: '' };
    if (!FACTORY.test(callee.name) && !/^(?:express|fastify|hono|koa|@?koa[-/]router)$/.test(specifier)) {
      return undefined;
    }
    return literalText(memberOf(node.arguments[0], 'prefix'), this.#constants) ?? '';
  }
}
