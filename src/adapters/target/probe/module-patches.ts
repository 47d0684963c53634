import Module from 'node:module';

/** What is done to a module of the program, each time that somebody loads it: `apply` must bear to be repeated. */
export interface ModulePatch {
  readonly name: string;
  /** The file that its name resolves to. */
  readonly entry: RegExp;
  readonly apply: (loaded: unknown) => void;
}

export function modulePatch(name: string, apply: ModulePatch['apply']): ModulePatch {
  const folder = name.replace('/', '[\\\\/]');
  const entry = new RegExp(`[\\\\/]node_modules[\\\\/]${folder}[\\\\/](?:[^\\\\/]+[\\\\/])?index\\.[cm]?js$`);
  return { name, entry, apply };
}

/** Called before the first module of the program is loaded. */
export function patchWhenLoaded(patches: readonly ModulePatch[]): void {
  const loader = Module as unknown as {
    _load: (this: unknown, request: string, ...rest: unknown[]) => unknown;
  };
  const load = loader._load;
  loader._load = function (this: unknown, request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    // By name when it is required, by path when it is imported: both come through the same loader.
    const patch = patches.find(({ name, entry }) => request === name || entry.test(request));
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
