import Module from 'node:module';

/** What is done to a module of the program, each time that somebody loads it: `apply` must bear to be repeated. */
export interface ModulePatch {
  /** By name when it is required, by path when it is imported: both come through the same loader. */
  readonly isMeant: (request: string, loadedBy: string | undefined) => boolean;
  readonly apply: (loaded: unknown) => void;
}

/** `inner`: the request by which the package itself loads the file that is meant, where that is not its entry. */
export function modulePatch(name: string, apply: ModulePatch['apply'], inner?: RegExp): ModulePatch {
  const folder = `[\\\\/]node_modules[\\\\/]${name.replace('/', '[\\\\/]')}[\\\\/]`;
  const entry = new RegExp(`${folder}(?:[^\\\\/]+[\\\\/])?index\\.[cm]?js$`);
  const within = new RegExp(folder);
  // mysql2/promise loads its own package so.
  const relative = inner ?? /^\.\/index\.js$/;
  return {
    isMeant: (request, loadedBy) =>
      inner === undefined && (request === name || entry.test(request))
        ? true
        : relative.test(request) && loadedBy !== undefined && within.test(loadedBy),
    apply,
  };
}

/** Called before the first module of the program is loaded. */
export function patchWhenLoaded(patches: readonly ModulePatch[]): void {
  const loader = Module as unknown as {
    _load: (this: unknown, request: string, ...rest: unknown[]) => unknown;
  };
  const load = loader._load;
  loader._load = function (this: unknown, request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    const loadedBy = (rest[0] as { readonly filename?: string } | null | undefined)?.filename;
    const patch = patches.find(({ isMeant }) => isMeant(request, loadedBy));
    if (patch !== undefined) {
      try {
        patch.apply(loaded);
      } catch {
        // A version that looks different stays as it is; the program goes on as if nobody looked.
      }
    }
    return loaded;
  };
}
