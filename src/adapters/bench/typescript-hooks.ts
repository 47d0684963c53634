import Module, * as module from 'node:module';

/**
 * tsx has esbuild keep the names of functions (`keepNames`, not to be turned off): each evaluation of an inner function
 * then goes through Object.defineProperty. Measured on Node.js 20: a function of 8 ns with two inner ones took 650 ns, a
 * cost that no compiled program has. This is the helper as esbuild writes it without whitespace.
 */
const KEEPS_NAMES = '__name=(target,value)=>__defProp(target,"name",{value,configurable:true})';
/** Of equal length, so that source maps stay right. */
const LEAVES_NAMES = '__name=target=>target'.padEnd(KEEPS_NAMES.length);

type LoadHook = (
  url: string,
  context: object,
  nextLoad: (url: string, context: object) => { source?: unknown },
) => object;
/** In Node.js 22.15 and later; the types are those of 20. */
type RegisterHooks = (hooks: { readonly load: LoadHook }) => unknown;
/** What `require` runs a file's text with; not documented, and what tsx relies on too. */
type Compile = (this: unknown, content: string, ...rest: readonly unknown[]) => unknown;

/** From now on TypeScript can be imported and required, `paths` of tsconfig.json included. */
export async function installTypescript(tsxLoader: string): Promise<void> {
  await import(tsxLoader);
  leaveNamesInCommonJs();
  leaveNamesInEsm();
}

/** Hooks that are registered last are asked first: what `nextLoad` gives them is the code that tsx made. */
function leaveNamesInEsm(): void {
  const registerHooks = (module as { readonly registerHooks?: RegisterHooks }).registerHooks;
  if (registerHooks !== undefined) {
    registerHooks({
      load: (url, context, nextLoad) => {
        const loaded = nextLoad(url, context);
        return typeof loaded.source === 'string'
          ? { ...loaded, source: loaded.source.replace(KEEPS_NAMES, LEAVES_NAMES) }
          : loaded;
      },
    });
    return;
  }
  // Older ones run hooks in a thread of their own: as text, because this file is part of a bundle.
  const hook = `export async function load(url, context, nextLoad) {
    const loaded = await nextLoad(url, context);
    return typeof loaded.source === 'string'
      ? { ...loaded, source: loaded.source.replace(${JSON.stringify(KEEPS_NAMES)}, ${JSON.stringify(LEAVES_NAMES)}) }
      : loaded;
  }`;
  module.register(`data:text/javascript,${encodeURIComponent(hook)}`);
}

function leaveNamesInCommonJs(): void {
  const prototype = Module.prototype as unknown as { _compile: Compile };
  const compile = prototype._compile;
  prototype._compile = function (content, ...rest) {
    return compile.call(this, content.replace(KEEPS_NAMES, LEAVES_NAMES), ...rest);
  };
}
