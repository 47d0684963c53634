import * as diagnosticsChannel from 'node:diagnostics_channel';
import { foldUrl } from '../../../../core/trace/fold-ids.ts';
import { createBodyHash, type BodyHash } from './body-hash.ts';
import { findSite } from './call-site.ts';
import { currentStore, openContext } from './context.ts';
import { hashText, hashValues } from './hash.ts';
import type { Callable, Methods } from './patch-method.ts';
import { isObject, patchMethod, quietly } from './patch-method.ts';
import { addSpan, beginSpan, endSpan, isRecording, now, type OpenSpan } from './recorder.ts';
import { connectionOf } from './sockets.ts';

/** Less is the turn in which undici hands a request to a socket that lies ready. */
const SHORTEST_WAIT_MS = 1;

interface TracedCall {
  readonly span: OpenSpan;
  readonly received: BodyHash;
}

const calls = new WeakMap<object, TracedCall>();
/** Sockets that have carried a request. */
const used = new WeakSet();
/** Connections that are being made: since when, and for which span. */
const connecting = new WeakMap<object, { readonly from: number; readonly span: number | undefined }>();
/** Sockets, to the time at which their connection began. */
const connectedSince = new WeakMap<object, number>();

/** undici as a package, and inside of Node.js as fetch: both speak on the same channels. */
export function traceUndici(): void {
  patchMethod(globalThis, 'fetch', traceFetch);
  if (!('subscribe' in diagnosticsChannel)) return;
  const on = (name: string, tell: (message: Methods) => void): void => {
    diagnosticsChannel.subscribe(name, (message) => {
      if (isRecording() && isObject(message)) quietly(() => tell(message));
    });
  };
  on('undici:request:create', ({ request }) => {
    if (isObject(request)) onCreate(request);
  });
  on('undici:client:sendHeaders', ({ request, socket }) => {
    const call = isObject(request) ? calls.get(request) : undefined;
    if (call !== undefined && isObject(socket)) onSend(call, socket);
  });
  on('undici:request:headers', ({ request, response }) => {
    const call = isObject(request) ? calls.get(request) : undefined;
    const status = isObject(response) ? response['statusCode'] : undefined;
    if (call !== undefined && typeof status === 'number') call.span.status = status;
  });
  on('undici:request:trailers', ({ request }) => onEnd(request, {}));
  on('undici:request:error', ({ request }) => onEnd(request, { failed: true }));
  on('undici:client:beforeConnect', ({ connectParams, connector }) => {
    if (isObject(connector) && isObject(connectParams))
      connecting.set(connector, { from: now(), span: currentStore()?.open ?? lastCreated });
  });
  on('undici:client:connected', ({ connectParams, connector, socket }) => {
    if (isObject(connector) && isObject(connectParams) && isObject(socket))
      onConnected(connector, connectParams, socket);
  });
}

/** The exports of the package: its fetch has an entry of its own, the others keep the caller's frames. */
export function traceUndiciPackage(loaded: unknown): void {
  patchMethod(loaded, 'fetch', traceFetch);
}

function traceFetch(original: Callable): Callable {
  return function (this: unknown, ...args) {
    if (!isRecording()) return original.apply(this, args);
    const store = quietly(() => {
      const [input, init] = args;
      const url = isObject(input) && !(input instanceof URL) ? input['url'] : input;
      const body = isObject(init) ? init['body'] : undefined;
      return {
        request: currentStore()?.request,
        call: {
          site: findSite(`outbound ${foldUrl(String(url))}`),
          body: body === undefined || body === null ? '' : hashBody(body),
        },
      };
    });
    if (store === undefined) return original.apply(this, args);
    return openContext().run(store, () => original.apply(this, args));
  };
}

/** Undefined: a stream, of which nothing is known before it was read. */
function hashBody(body: unknown): string | undefined {
  if (body instanceof URLSearchParams) return hashText(body.toString());
  return typeof body === 'string' || body instanceof Uint8Array ? hashValues([body]) : undefined;
}

/** A connection is made right after the request that needs it was created. */
let lastCreated: number | undefined;

function onCreate(request: Methods): void {
  const { origin, path, method, body } = request;
  const name = `${String(method)} ${String(origin)}${String(path)}`;
  const store = currentStore();
  const span = beginSpan('outbound', name);
  if (span === undefined) return;
  const call = store?.call;
  const site = call === undefined ? findSite(`outbound ${foldUrl(name)}`) : call.site;
  if (site !== undefined) span.site = site;
  const sent =
    call === undefined ? (isObject(body) || typeof body === 'string' ? hashBody(body) : '') : call.body;
  if (sent !== undefined) span.input = hashText(`${name}\u0000${sent}`);
  if (store?.call !== undefined) store.open = span.id;
  lastCreated = span.id;
  const received = createBodyHash();
  calls.set(request, { span, received });
  // Where its dispatcher hands in the body; not there in every version, then the answer is not hashed.
  const onData = request['onData'];
  if (typeof onData !== 'function') return;
  Object.defineProperty(request, 'onData', {
    configurable: true,
    enumerable: false,
    writable: true,
    value(this: unknown, ...args: unknown[]) {
      quietly(() => received.add(args[0]));
      return (onData as Callable).apply(this, args);
    },
  });
}

function ofCall(span: OpenSpan): Pick<OpenSpan, 'parent' | 'request'> {
  return { parent: span.id, ...(span.request === undefined ? {} : { request: span.request }) };
}

function onSend({ span }: TracedCall, socket: Methods): void {
  span.connection = connectionOf(socket).number;
  const at = now();
  const since = connectedSince.get(socket);
  const waitedUntil = used.has(socket) || since === undefined ? at : since;
  if (!used.has(socket) && since !== undefined) span.fresh = true;
  used.add(socket);
  if (waitedUntil - span.from > SHORTEST_WAIT_MS)
    addSpan({ kind: 'pool-wait', name: 'undici', from: span.from, to: waitedUntil, ...ofCall(span) });
}

function onConnected(connector: Methods, params: Methods, socket: Methods): void {
  const begun = connecting.get(connector);
  connecting.delete(connector);
  if (begun === undefined) return;
  connectedSince.set(socket, begun.from);
  const request = currentStore()?.request;
  addSpan({
    kind: 'connect',
    name: `${params['protocol'] === 'https:' ? 'tls' : 'tcp'} ${String(params['host'])}`,
    from: begun.from,
    to: now(),
    connection: connectionOf(socket).number,
    ...(begun.span === undefined ? {} : { parent: begun.span }),
    ...(request === undefined ? {} : { request: request.request }),
  });
}

function onEnd(request: unknown, more: Partial<OpenSpan>): void {
  const call = isObject(request) ? calls.get(request) : undefined;
  if (call === undefined) return;
  const output = more.failed === true ? undefined : call.received.digest();
  endSpan(call.span, {
    bytes: call.received.bytes(),
    ...(output === undefined ? {} : { output }),
    ...more,
  });
}
