import { AsyncLocalStorage } from 'node:async_hooks';

/** The incoming request that code runs for. */
export interface RequestContext {
  readonly request: number;
  /** Its own span, the parent of all others. */
  readonly span: number;
  /** As the framework says it, when it does. */
  route?: string | undefined;
}

/** What follows a chain of callbacks and promises. */
export interface Store {
  readonly request: RequestContext | undefined;
  /** Of a fetch: what is known at its entry only, since the caller's frames are gone when it is sent. */
  readonly call?: { readonly site: number | undefined; readonly body: string | undefined };
  /** Of the span that was last opened in a fetch: a connection that is made belongs to it. */
  open?: number;
}

let storage: AsyncLocalStorage<Store> | undefined;

export function openContext(): AsyncLocalStorage<Store> {
  storage ??= new AsyncLocalStorage<Store>();
  return storage;
}

export function currentStore(): Store | undefined {
  return storage?.getStore();
}

export function currentRequest(): RequestContext | undefined {
  return storage?.getStore()?.request;
}

/** Calls in the context of an earlier moment: drivers that queue call back in that of whoever came before. */
export function runIn<T>(store: Store | undefined, work: () => T): T {
  if (storage === undefined || storage.getStore() === store) return work();
  return store === undefined ? storage.exit(work) : storage.run(store, work);
}
