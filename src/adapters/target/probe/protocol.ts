import type { HeapSampling, RetainedHeap, RuntimeWindow } from '../../../core/ports/target.ts';

/** What server and probe say to each other: one JSON object a line, over a Unix socket (a named pipe on Windows). */

/** Path of the socket. */
export const SOCKET_VARIABLE = 'DEEP_OPTIMIZE_PROBE';
export const MODE_VARIABLE = 'DEEP_OPTIMIZE_PROBE_MODE';

/** In place of the socket, where nobody will ask: a directory for the profile of each thread, from its start to its end. */
export const DIRECTORY_VARIABLE = 'DEEP_OPTIMIZE_PROBE_DIRECTORY';
/** Of the files in it. */
export const PROFILE_FILE = /^(?<pid>\d+)-(?<thread>\d+)\.cpuprofile$/;

/** URL of the probe's own frames in a profile, so that an analysis can drop them. */
export const PROBE_URL = 'deep-optimize:probe';

export type ProbeMode = 'telemetry' | 'profile' | 'attribution' | 'trace';

/** The first line of every thread. */
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
