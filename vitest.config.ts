import { defineConfig } from 'vitest/config';

/** Without processes, files or state of a module: one after the other in the same worker, which saves loading everything anew. */
const PURE = ['test/core/**/*.test.ts', 'test/render/**/*.test.ts'];

export default defineConfig({
  test: {
    // Child processes, real servers and a busy two-core machine: generous limits, no timing asserts.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
    reporters: ['default'],
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      { extends: true, test: { name: 'real', include: ['test/**/*.test.ts'], exclude: PURE } },
    ],
  },
});
