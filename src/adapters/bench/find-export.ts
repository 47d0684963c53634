import { FunctionFailure } from './function-failure.ts';

export type Callable = (...args: readonly unknown[]) => unknown;

/**
 * The function that a path names. CommonJS seen from an ES module stands under `default`, and compiled ES modules carry
 * their own `default` in there: looked for at each of the three levels, the outermost first.
 */
export function findExport(namespace: object, path: string): Callable {
  const roots = [
    namespace,
    memberOf(namespace, 'default'),
    memberOf(memberOf(namespace, 'default'), 'default'),
  ];
  const steps = path.split('.');
  let closest: unknown;
  for (const root of roots) {
    const { owner, value } = follow(root, steps);
    if (isCallable(value)) return steps.length === 1 ? value : value.bind(owner);
    closest ??= value;
  }
  const found =
    closest === undefined ? 'has no export' : `has no function, but ${kindOf(closest)}, as export`;
  throw new FunctionFailure({
    stage: 'export',
    problem: `${found} ${JSON.stringify(path)}`,
    detail: `Exports: ${namesOf(roots).join(', ') || 'none'}`,
  });
}

function follow(
  root: unknown,
  steps: readonly string[],
): { readonly owner: unknown; readonly value: unknown } {
  let owner: unknown;
  let value = root;
  for (const step of steps) {
    owner = value;
    value = memberOf(value, step);
  }
  return { owner, value };
}

function memberOf(owner: unknown, name: string): unknown {
  const holds = (typeof owner === 'object' && owner !== null) || typeof owner === 'function';
  return holds ? (Reflect.get(owner, name) as unknown) : undefined;
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : `a value of type ${typeof value}`;
}

function namesOf(roots: readonly unknown[]): readonly string[] {
  const names = roots.flatMap((root) => (typeof root === 'object' && root !== null ? Object.keys(root) : []));
  return [...new Set(names)].slice(0, 50);
}
