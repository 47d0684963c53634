import { countersPass } from './counters.ts';
import { cpuPass } from './cpu.ts';
import { memoryPass } from './memory.ts';
import { nativePass } from './native.ts';
import type { Pass } from './pass.ts';
import { planPass } from './plan.ts';
import { sweepsPass } from './sweeps.ts';
import { tracePass } from './trace.ts';

export type { Drawing, Facts, Pass, PassContext, PassResult } from './pass.ts';

/** In the order in which they are taken: a later one may use what an earlier one found. */
export const PASSES: readonly Pass[] = [
  countersPass,
  sweepsPass,
  cpuPass,
  nativePass,
  tracePass,
  memoryPass,
  planPass,
];
