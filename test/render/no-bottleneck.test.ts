import { expect, test } from 'vitest';
import { describeNoBottleneck } from '../../src/render/no-bottleneck.ts';
import { emptyInput, FLAT, profiledInput } from '../core/detectors/detector-input.ts';
import { recordedMemory } from '../core/memory/recorded.ts';

const TIME = { requests: 120, p50: { cpu: 0.4, database: 0.35, queueing: 0.005, other: 0.25 } };

test('where nothing was found, it says what every pass saw', () => {
  const database = {
    engine: 'postgres',
    load: 'requests',
    plans: [],
    locks: [],
    transactions: [],
    statements: null,
  } as const;
  const seen = profiledInput(FLAT, { memory: recordedMemory('healthy'), database });
  const text = describeNoBottleneck(seen, TIME);
  expect(text).toMatch(/^No bottleneck stands out: /);
  expect(text).toContain('a usual request (120 traced) is cpu 40 %, database 35 %, unexplained 25 %');
  expect(text).toContain(
    `CPU: nothing takes 5 % of the busy time (${seen.attribution.totals.busySamples} samples)`,
  );
  expect(text).toMatch(/memory: the heap .* after \d+ equal loads/);
  expect(text).toContain('database: 0 plan(s) and 0 wait(s) for a lock looked at');
});

test('and what they did not', () => {
  expect(describeNoBottleneck(emptyInput(), null)).toBe(
    'No bottleneck stands out: no request was traced; CPU: too few busy samples to tell (0); memory: growth was not measured.',
  );
});
