import type { ProjectFacts } from '../../../core/ports/project.ts';
import { NEST } from './nest-routes.ts';
import { resolveModule } from '../syntax/resolve-module.ts';
import { joinPaths } from './routes.ts';
import type { ServerTraces } from './server-traces.ts';

/** Puts the routes of each file below the paths that other files mount it on. */
export function mountRoutes(
  traces: ReadonlyMap<string, ServerTraces>,
  files: ReadonlySet<string>,
): ProjectFacts['serverFiles'] {
  const prefixes = new Map<string, string>();
  const visit = (file: string, above: string, path: readonly string[]): void => {
    for (const { prefix, binding } of traces.get(file)?.mounts ?? []) {
      const target = resolveModule(binding.specifier, file, files);
      if (target === undefined || path.includes(target)) continue;
      const routers = traces.get(target)?.routes.map(({ router }) => router) ?? [];
      // A file with several routers is mounted router by router.
      const key = routers.includes(binding.exported) ? keyOf(target, binding.exported) : target;
      const full = joinPaths(above, prefix);
      if (!prefixes.has(key)) prefixes.set(key, full);
      visit(target, full, [...path, target]);
    }
  };
  const mounted = new Set(
    [...traces].flatMap(([file, { mounts }]) =>
      mounts.map(({ binding }) => resolveModule(binding.specifier, file, files)),
    ),
  );
  for (const file of traces.keys()) if (!mounted.has(file)) visit(file, '', [file]);

  const globalPrefix = [...traces.values()].find((one) => one.globalPrefix !== null)?.globalPrefix ?? '';
  return [...traces].map(([file, { routes, listens, portEnv }]) => ({
    file,
    routes: routes.map(({ method, path, router }) => {
      const prefix =
        router === NEST
          ? globalPrefix
          : (prefixes.get(keyOf(file, router ?? '')) ?? prefixes.get(file) ?? '');
      return { method, path: joinPaths(prefix, path) };
    }),
    listens,
    portEnv,
  }));
}

function keyOf(file: string, router: string): string {
  return `${file}#${router}`;
}
