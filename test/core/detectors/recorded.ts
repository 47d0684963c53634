import { readFileSync } from 'node:fs';
import type { DetectorInput } from '../../../src/core/detectors/index.ts';
import { importProfile } from '../../../src/core/importers/index.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import type { ProfileAnalysis } from '../../../src/core/profile/analyze.ts';

const folder = new URL('../../fixtures/v8-cpuprofile/', import.meta.url);

export const RECORDED_PROGRAMS = [
  'json-heavy',
  'nested-loop',
  'sync-crypto',
  'compression',
  'gc-churn',
  'regexp',
  'sync-file-io',
  'array-sort',
  'healthy',
  'formatter',
  'formatter-kept',
  'exceptions',
  'exceptions-none',
  'template',
  'template-kept',
  'logging',
  'logging-quiet',
  'transpiled',
  'native-spread',
  'regexp-linear',
  'hot-line',
] as const;
export type RecordedProgram = (typeof RECORDED_PROGRAMS)[number];

export function readRecorded(program: RecordedProgram, mode: 'plain' | 'attribution'): Uint8Array {
  return readFileSync(new URL(`node-20/${program}.${mode}.cpuprofile`, folder));
}

export function analyzeRecorded(program: RecordedProgram, mode: 'plain' | 'attribution'): ProfileAnalysis {
  const { profile } = importProfile(readRecorded(program, mode), `${program}.cpuprofile`);
  return analyzeProfile(profile, ['/srv/app']);
}

function readLines(file: string): readonly string[] {
  return readFileSync(new URL(`programs/${file}`, folder), 'utf8').split('\n');
}

/** What the loop would hand to the detectors for a recorded program. */
export function recordedInput(
  program: RecordedProgram,
  options: { readonly withSources?: boolean } = {},
): DetectorInput {
  return {
    attribution: analyzeRecorded(program, 'attribution'),
    plain: analyzeRecorded(program, 'plain'),
    runtime: null,
    load: { busyShareOfCore: 0.6, cpuUsPerRequest: 3000, ratePerS: 100, latencyMs: { latency_p50_ms: 5 } },
    cores: 2,
    metrics: ['latency_p50_ms'],
    sources:
      options.withSources === false
        ? new Map()
        : new Map([
            [`${program}.mjs`, readLines(`${program}.mjs`)],
            ['server.mjs', readLines('server.mjs')],
          ]),
  };
}
