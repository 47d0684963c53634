import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { foldUrl } from '../../../../core/trace/fold-ids.ts';
import { findSite } from './call-site.ts';
import { hashText } from './hash.ts';
import type { Callable, Methods } from './patch-method.ts';
import { isObject, overrideMethod, patchMethod, quietly } from './patch-method.ts';
import { addSpan, beginSpan, endSpan, isRecording, now, type OpenSpan } from './recorder.ts';
import { createBodyHash, type BodyHash } from './body-hash.ts';
import { connectionOf } from './sockets.ts';

/** Less is the turn that an agent takes to hand out a socket that lies ready. */
const SHORTEST_WAIT_MS = 1;

const TRACED = Symbol('deep-optimize.call');

interface TracedCall {
  readonly span: OpenSpan;
  readonly sent: BodyHash;
  received?: BodyHash;
}

type Traced = http.ClientRequest & { [TRACED]?: TracedCall };

/** http.request and its kin: the entry is where the caller's frames are, the rest is seen in what the request emits. */
export function traceOutgoingHttp(): void {
  for (const module of [http, https]) {
    for (const name of ['request', 'get']) patchMethod(module, name, traceEntry);
  }
  // Seen from within, since a listener would change what happens to an answer that nobody listens for.
  const prototype = http.ClientRequest.prototype as unknown as Methods;
  overrideMethod(prototype, 'emit', (emit) => {
    return function (this: unknown, ...args) {
      const call = (this as Traced)[TRACED];
      if (call !== undefined) quietly(() => onEvent(call, args[0], args[1]));
      return emit.apply(this, args);
    };
  });
  for (const name of ['write', 'end']) {
    overrideMethod(prototype, name, (method) => {
      return function (this: unknown, ...args) {
        const call = (this as Traced)[TRACED];
        if (call !== undefined) quietly(() => call.sent.add(args[0]));
        return method.apply(this, args);
      };
    });
  }
}

/** `get` may call `request`: that is one call. */
let isInside = false;

function traceEntry(original: Callable): Callable {
  return function (this: unknown, ...args) {
    if (!isRecording() || isInside) return original.apply(this, args);
    isInside = true;
    let request: unknown;
    const from = now();
    try {
      request = original.apply(this, args);
    } finally {
      isInside = false;
    }
    quietly(() => open(request as Traced, from));
    return request;
  };
}

function open(request: Traced, from: number): void {
  const name = `${request.method} ${request.protocol}//${hostOf(request)}${request.path}`;
  const span = beginSpan('outbound', name, { from });
  if (span === undefined) return;
  const site = findSite(`outbound ${foldUrl(name)}`);
  if (site !== undefined) span.site = site;
  const sent = createBodyHash();
  // `get` has ended it already, without a body.
  request[TRACED] = { span, sent };
}

function hostOf(request: http.ClientRequest): string {
  const host = request.getHeader('host');
  return typeof host === 'string' ? host : request.host;
}

function onEvent(call: TracedCall, event: unknown, value: unknown): void {
  const { span } = call;
  if (event === 'socket' && isObject(value)) watchSocket(span, value as unknown as Socket);
  else if (event === 'response' && isObject(value))
    watchResponse(call, value as unknown as http.IncomingMessage);
  else if (event === 'error') finish(call, { failed: true });
  else if (event === 'close') finish(call, span.status === undefined ? { failed: true } : {});
}

function watchSocket(span: OpenSpan, socket: Socket): void {
  const { number, startedAt } = connectionOf(socket);
  span.connection = number;
  const isFresh = socket.connecting && startedAt !== undefined;
  const waitedUntil = isFresh ? startedAt : now();
  const ofCall = { parent: span.id, ...(span.request === undefined ? {} : { request: span.request }) };
  if (waitedUntil - span.from > SHORTEST_WAIT_MS)
    addSpan({ kind: 'pool-wait', name: 'http.Agent', from: span.from, to: waitedUntil, ...ofCall });
  if (!isFresh) return;
  span.fresh = true;
  const isEncrypted = 'encrypted' in socket;
  const name = `${isEncrypted ? 'tls' : 'tcp'} ${span.name.split('/')[2] ?? ''}`;
  socket.once(isEncrypted ? 'secureConnect' : 'connect', () =>
    quietly(() =>
      addSpan({ kind: 'connect', name, from: startedAt, to: now(), connection: number, ...ofCall }),
    ),
  );
}

type Push = http.IncomingMessage['push'];

/** Chunks are seen where the parser hands them in; a `data` listener would start the flow of the stream. */
function watchResponse(call: TracedCall, response: http.IncomingMessage): void {
  if (response.statusCode !== undefined) call.span.status = response.statusCode;
  const received = createBodyHash();
  call.received = received;
  const push: Push = response.push.bind(response);
  const watched: Push = (chunk: unknown, ...rest) => {
    quietly(() => {
      if (chunk === null) finish(call, {});
      else received.add(chunk);
    });
    return push(chunk, ...rest);
  };
  Object.defineProperty(response, 'push', {
    configurable: true,
    enumerable: false,
    writable: true,
    value: watched,
  });
}

function finish({ span, sent, received }: TracedCall, more: Partial<OpenSpan>): void {
  if (span.to !== undefined) return;
  const output = received?.digest();
  const body = sent.digest();
  endSpan(span, {
    ...(body === undefined ? {} : { input: hashText(`${span.name}\u0000${body}`) }),
    ...(output === undefined ? {} : { output }),
    ...(received === undefined ? {} : { bytes: received.bytes() }),
    ...more,
  });
}
