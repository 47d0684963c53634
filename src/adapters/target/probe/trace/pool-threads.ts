const DEFAULT_THREADS = 4;
const MOST_THREADS = 1024;

/**
 * Threads of libuv's pool, as libuv reads them when the first task comes (deps/uv/src/threadpool.c, init_threads): a value
 * that is no number is one thread, a negative one is a large one. A program may set it itself before that.
 */
export function countPoolThreads(env: NodeJS.ProcessEnv): number {
  const value = env['UV_THREADPOOL_SIZE'];
  if (value === undefined) return DEFAULT_THREADS;
  const threads = Number.parseInt(value, 10) || 1;
  return threads < 0 ? MOST_THREADS : Math.min(threads, MOST_THREADS);
}
