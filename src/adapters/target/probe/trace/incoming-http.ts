import * as diagnosticsChannel from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { RequestContext, Store } from './context.ts';
import { currentRequest } from './context.ts';
import { isObject, overrideMethod, patchMethod, quietly, type Methods } from './patch-method.ts';
import { beginSpan, endSpan, isRecording, nextRequest } from './recorder.ts';
import { runCounted } from './runs.ts';

/** Servers of node:http and node:https, and with them express, fastify, koa and Nest. HTTP/2 is not watched. */
export function traceIncomingHttp(): void {
  for (const { prototype } of [http.Server, https.Server]) {
    overrideMethod(prototype as unknown as Methods, 'emit', (emit) => {
      return function (this: unknown, ...args) {
        const [event, request, response] = args;
        if (event !== 'request' || !isRecording()) return emit.apply(this, args);
        const store = quietly(() => open(request as IncomingMessage, response as ServerResponse));
        if (store === undefined) return emit.apply(this, args);
        return runCounted(store, () => emit.apply(this, args));
      };
    });
  }
  // Of fastify 5 (lib/handle-request.js); before it a path is all that is known.
  if ('subscribe' in diagnosticsChannel) {
    diagnosticsChannel.subscribe('tracing:fastify.request.handler:start', (message) => {
      const route = isObject(message) ? message['route'] : undefined;
      const context = currentRequest();
      if (context !== undefined && isObject(route) && typeof route['url'] === 'string')
        context.route = route['url'];
    });
  }
}

function open(request: IncomingMessage, response: ServerResponse): Store | undefined {
  const method = request.method ?? 'GET';
  const number = nextRequest();
  const span = beginSpan('request', `${method} ${request.url ?? '/'}`, { request: number });
  if (span === undefined) return undefined;
  delete span.parent;
  const context: RequestContext = { request: number, span: span.id };
  const end = (isComplete: boolean): void => {
    if (span.to !== undefined) return;
    const route = context.route ?? expressRoute(request);
    if (route !== undefined) span.name = `${method} ${route}`;
    const bytes = Number(response.getHeader('content-length'));
    endSpan(span, {
      status: response.statusCode,
      ...(Number.isFinite(bytes) && bytes > 0 ? { bytes } : {}),
      ...(isComplete && response.statusCode < 500 ? {} : { failed: true as const }),
    });
  };
  // `close` alone is what an aborted request gets.
  response.once('finish', () => quietly(() => end(true)));
  response.once('close', () => quietly(() => end(false)));
  return { request: context };
}

/** What express leaves on the request that it routed. */
function expressRoute(request: unknown): string | undefined {
  if (!isObject(request)) return undefined;
  const { route, baseUrl } = request;
  const path = isObject(route) ? route['path'] : undefined;
  if (typeof path !== 'string') return undefined;
  const template = `${typeof baseUrl === 'string' ? baseUrl : ''}${path}`;
  // A router that passed the request on took its part of the path back, and left the route.
  return hasShapeOf(template, String(request['originalUrl'])) ? withoutEnd(template) : undefined;
}

/** Whether as many segments, and those without a parameter or pattern the same. */
function hasShapeOf(template: string, url: string): boolean {
  const wanted = segmentsOf(template);
  const seen = segmentsOf(url.replace(/[?#].*$/, ''));
  const isPattern = (segment: string): boolean => /[:*{}()?+]/.test(segment);
  if (wanted.length !== seen.length) return wanted.some((segment) => /[*{}()?+]/.test(segment));
  return wanted.every(
    (segment, index) => isPattern(segment) || segment.toLowerCase() === seen[index]?.toLowerCase(),
  );
}

/** A router's own "/" under "/lists" answers "/lists". */
function withoutEnd(template: string): string {
  return template.length > 1 && template.endsWith('/') ? template.slice(0, -1) : template;
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/** koa keeps its context to itself: caught when it is made. @koa/router writes the route there. */
export function traceKoa(loaded: unknown): void {
  const prototype = typeof loaded === 'function' ? (loaded.prototype as unknown) : undefined;
  patchMethod(prototype, 'createContext', (createContext) => {
    return function (this: unknown, ...args) {
      const made = createContext.apply(this, args);
      const request = currentRequest();
      if (request !== undefined && isObject(made)) {
        Object.defineProperty(request, 'route', {
          configurable: true,
          get: () => (typeof made['_matchedRoute'] === 'string' ? made['_matchedRoute'] : undefined),
        });
      }
      return made;
    };
  });
}
