import type { HeapSampling, RetainedHeap, RuntimeWindow } from '../../../core/ports/target.ts';

/**
 * What server and probe say to each other: one JSON object a datagram, over UDP on loopback. A stream would be simpler, but a
 * program in which one client socket was ever opened serves its own requests 2 to 3 % dearer (docs/adr/0028-*): V8 sees two
 * kinds of sockets in the code of Node.js from then on.
 */

/** `port:token` of the server. */
export const ADDRESS_VARIABLE = 'DEEP_OPTIMIZE_PROBE';
export const LOOPBACK = '127.0.0.1';
export const MODE_VARIABLE = 'DEEP_OPTIMIZE_PROBE_MODE';

/** In place of the address, where nobody will ask: a directory for the profile of each thread, from its start to its end. */
export const DIRECTORY_VARIABLE = 'DEEP_OPTIMIZE_PROBE_DIRECTORY';
/** Of the files in it. */
export const PROFILE_FILE = /^(?<pid>\d+)-(?<thread>\d+)\.cpuprofile$/;

/** URL of the probe's own frames in a profile, so that an analysis can drop them. */
export const PROBE_URL = 'deep-optimize:probe';

export type ProbeMode = 'telemetry' | 'profile' | 'attribution' | 'trace';

/** The first word of every thread. */
export interface Hello {
  readonly type: 'hello';
  readonly pid: number;
  readonly threadId: number;
  readonly argv: readonly string[];
  readonly nodeVersion: string;
}

export type Command =
  | { readonly type: 'openWindow' }
  | { readonly type: 'closeWindow' }
  | { readonly type: 'startProfile'; readonly intervalUs: number }
  | { readonly type: 'stopProfile'; readonly file: string }
  | { readonly type: 'startTrace' }
  | { readonly type: 'stopTrace'; readonly file: string }
  | ({ readonly type: 'startHeapSampling' } & HeapSampling)
  | { readonly type: 'stopHeapSampling'; readonly file: string }
  | { readonly type: 'heapAfterGc' };

export type NumberedCommand = Command & { readonly id: number };

/**
 * `closeWindow` and `heapAfterGc` answer with what was seen, those that take a file with whether they wrote it, the others
 * with null.
 */
export type Answer =
  Omit<RuntimeWindow, 'pid' | 'threadId'> | Omit<RetainedHeap, 'pid' | 'threadId'> | boolean | null;

export interface Reply {
  readonly type: 'reply';
  readonly id: number;
  readonly answer?: Answer;
  readonly error?: string;
}

/** Anybody on this machine can send datagrams to a port: what comes without the token is not read. */
export type Spoken<Message> = Message & { readonly token: string };
