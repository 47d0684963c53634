import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashGoals, hashWorkload, selectWorkload } from '../../../src/core/goals/select.ts';
import { NO_GOALS } from '../../../src/core/model/goals.ts';
import { GOALS, START, WORKLOAD } from '../../support/fake-ports.ts';

const TWO = { ...GOALS, workloads: [WORKLOAD, { ...WORKLOAD, name: 'search' }] };

describe('selectWorkload', () => {
  it('takes the named one, or the only one', () => {
    expect(selectWorkload(GOALS, undefined)).toBe(WORKLOAD);
    expect(selectWorkload(TWO, 'search').name).toBe('search');
  });

  it('says what there is to choose from', () => {
    expect(() => selectWorkload(TWO, undefined)).toThrow(
      expect.objectContaining({
        code: 'unknown_workload',
        fix: 'Give "workload" as one of: list-posts, search.',
      }),
    );
    expect(() => selectWorkload(GOALS, 'serch')).toThrow('There is no workload "serch".');
  });

  it.each([undefined, NO_GOALS])('asks for goals first', (goals) => {
    expect(() => selectWorkload(goals, 'x')).toThrow(
      expect.objectContaining({
        code: 'no_goals',
        next: [expect.objectContaining({ tool: 'define_goals' })],
      }),
    );
  });
});

describe('hashWorkload', () => {
  it('is the same for the same thing, in whatever order it is written', () => {
    const { name, kind, ...rest } = WORKLOAD;
    expect(hashWorkload({ ...rest, kind, name })).toBe(hashWorkload(WORKLOAD));
    expect(hashWorkload({ ...WORKLOAD, description: 'words for people' })).toBe(hashWorkload(WORKLOAD));
    expect(hashGoals({ ...GOALS })).toBe(hashGoals(GOALS));
  });

  it('changes with everything that is measured', () => {
    const changed = [
      WORKLOAD,
      { ...WORKLOAD, requests: [{ path: '/other' }] },
      { ...WORKLOAD, load: { connections: 17, rate_per_s: 120 } },
      { ...WORKLOAD, setup: [['make']] },
      { ...WORKLOAD, start: { command: [...START], env: { NODE_ENV: 'test' } } },
      { ...WORKLOAD, requests: [{ path: '/a' }, { path: '/b' }] },
      { ...WORKLOAD, requests: [{ path: '/b' }, { path: '/a' }] },
    ];
    expect(new Set(changed.map(hashWorkload)).size).toBe(changed.length);
  });

  it('depends on values, not on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (env) => {
        const reversed = Object.fromEntries(Object.entries(env).reverse());
        const of = (some: Record<string, string>) =>
          hashWorkload({ ...WORKLOAD, start: { command: [...START], env: some } });
        expect(of(reversed)).toBe(of(env));
      }),
    );
  });
});
