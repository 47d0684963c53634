export type Callable = (this: unknown, ...args: unknown[]) => unknown;
export type Methods = Record<string, unknown>;

const PATCHED = Symbol.for('deep-optimize.traced');

export function isObject(value: unknown): value is Methods {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** The prototype of a class among the exports of a module. */
export function prototypeOf(holder: unknown, name: string): Methods | undefined {
  const value = isObject(holder) ? holder[name] : undefined;
  return typeof value === 'function' ? (value.prototype as Methods) : undefined;
}

/** Replaces a function where it stands, once; the new one looks like the old: name, length, promisify and what else it carries. */
export function patchMethod(owner: unknown, name: string, around: (original: Callable) => Callable): void {
  if (!isObject(owner)) return;
  let holder: unknown = owner;
  while (isObject(holder) && !Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder);
  if (!isObject(holder)) return;
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  const original: unknown = descriptor?.value;
  if (descriptor === undefined || typeof original !== 'function' || Object.hasOwn(original, PATCHED)) return;
  const wrapped = around(original as Callable);
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(wrapped, PATCHED, { value: true });
  if (descriptor.configurable === true)
    Object.defineProperty(holder, name, { ...descriptor, value: wrapped });
  else holder[name] = wrapped;
}

/** The same for a method that others inherit too: it is put before the inherited one, on this class alone. */
export function overrideMethod(owner: Methods, name: string, around: (original: Callable) => Callable): void {
  const original = owner[name];
  if (typeof original !== 'function' || Object.hasOwn(owner, name)) {
    patchMethod(owner, name, around);
    return;
  }
  const wrapped = around(original as Callable);
  Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(wrapped, PATCHED, { value: true });
  Object.defineProperty(owner, name, {
    configurable: true,
    enumerable: false,
    writable: true,
    value: wrapped,
  });
}

/** Index of the callback among arguments; -1 where there is none. */
export function findCallback(args: readonly unknown[]): number {
  for (let at = args.length - 1; at >= 0; at--) if (typeof args[at] === 'function') return at;
  return -1;
}

/** Runs what the tracer does for itself: the program must not see it fail. */
export function quietly<T>(work: () => T): T | undefined {
  ownWork += 1;
  try {
    return work();
  } catch {
    return undefined;
  } finally {
    ownWork -= 1;
  }
}

let ownWork = 0;

/** Looking up a source map reads files: that is not the program's doing. */
export function isOwnWork(): boolean {
  return ownWork > 0;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof value['then'] === 'function';
}

/**
 * Tells how a call ended that answers with a promise. The program gets the derived promise: of one on the side the
 * rejection would count as unhandled, and one of the program's own as handled.
 */
export function whenSettled(
  promise: PromiseLike<unknown>,
  end: (error: unknown, value: unknown) => void,
): PromiseLike<unknown> {
  return promise.then(
    (value) => {
      quietly(() => end(undefined, value));
      return value;
    },
    (error: unknown) => {
      quietly(() => end(error ?? true, undefined));
      throw error;
    },
  );
}
