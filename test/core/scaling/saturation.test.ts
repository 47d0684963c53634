import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.ts';
import { type Knee, kneeSchema } from '../../../src/core/model/sweep.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';
import {
  nextSaturationStep,
  type Trial,
  type TrialOutcome,
  type SaturationPlan,
} from '../../../src/core/scaling/saturation.ts';

type Oracle = (ratePerS: number) => TrialOutcome;

const PLAN: SaturationPlan = { startPerS: 100, minimumPerS: 1, maximumPerS: 100_000 };

function search(oracle: Oracle, plan: SaturationPlan = PLAN): { knee: Knee; trials: readonly Trial[] } {
  const trials: Trial[] = [];
  for (;;) {
    const step = nextSaturationStep(plan, trials);
    if (step.kind === 'done') return { knee: kneeSchema.parse(step.knee), trials };
    trials.push({ ratePerS: step.ratePerS, outcome: oracle(step.ratePerS) });
    if (trials.length > 100) throw new Error('the search does not end');
  }
}

const exactly =
  (knee: number): Oracle =>
  (rate) =>
    rate <= knee ? 'holds' : 'fails';

/** Noise as a share of the rate blurs the knee; within one share of it the interval spans the target; stalls fail anywhere. */
function noisily(knee: number, share: number, stalls: number, random: Random): Oracle {
  return (rate) => {
    const distance = Math.log(rate / knee) / share;
    const stalled = random.next() < stalls;
    const holds = random.next() < 1 / (1 + Math.exp(distance));
    if (stalled) return 'fails';
    return Math.abs(distance) < 1 ? 'undecided' : holds ? 'holds' : 'fails';
  };
}

describe('nextSaturationStep', () => {
  it('brackets a sharp knee to 5 %, confirms both ends, and needs few trials', () => {
    const cases = fc.record({
      knee: fc.double({ min: 2, max: 90_000, noNaN: true }),
      startPerS: fc.double({ min: 1, max: 100_000, noNaN: true }),
    });
    fc.assert(
      fc.property(cases, ({ knee: truth, startPerS }) => {
        const { knee, trials } = search(exactly(truth), { ...PLAN, startPerS, maximumTrials: 40 });
        expect(knee.status).toBe('found');
        expect(knee.confirmed).toBe(true);
        const [holds, fails] = [knee.holds ?? 0, knee.fails ?? 0];
        expect(holds).toBeLessThanOrEqual(truth);
        expect(fails).toBeGreaterThan(truth);
        expect(fails / holds).toBeLessThanOrEqual(1.05);
        const doublings = Math.abs(Math.log2(truth / startPerS));
        expect(trials.length).toBeLessThanOrEqual(Math.ceil(doublings) + 9);
      }),
    );
  });

  it('depends on the trials alone, so that a search can be resumed', () => {
    const { trials } = search(exactly(777));
    trials.forEach((trial, index) => {
      expect(nextSaturationStep(PLAN, trials.slice(0, index))).toEqual({
        kind: 'measure',
        ratePerS: trial.ratePerS,
      });
    });
  });

  it('stays within the bounds, and says when the knee is outside', () => {
    const above = search(() => 'holds', { ...PLAN, maximumPerS: 900 });
    expect(above.knee).toMatchObject({ status: 'above_maximum', holds: 900, fails: null, confirmed: true });
    expect(Math.max(...above.trials.map(({ ratePerS }) => ratePerS))).toBe(900);
    const below = search(() => 'fails', { ...PLAN, minimumPerS: 30 });
    expect(below.knee).toMatchObject({ status: 'below_minimum', holds: null, fails: 30 });
    expect(below.trials.every(({ ratePerS }) => ratePerS >= 30)).toBe(true);
  });

  it('ends when its trials are spent, with what is known', () => {
    const { knee, trials } = search(exactly(5000), { ...PLAN, maximumTrials: 4 });
    expect(trials).toHaveLength(4);
    expect(knee).toMatchObject({ status: 'out_of_steps', holds: 800, fails: null, confirmed: false });
    expect(search(() => 'undecided', { ...PLAN, maximumTrials: 2 }).knee).toMatchObject({
      status: 'out_of_steps',
      holds: null,
      fails: null,
      undecided: [100],
    });
  });

  it('trials a rate that is too close to call three times, then goes below it and says so', () => {
    const { knee, trials } = search((rate) => (rate < 190 ? 'holds' : rate > 210 ? 'fails' : 'undecided'));
    expect(trials.filter(({ ratePerS }) => ratePerS === 200)).toHaveLength(3);
    expect(knee.status).toBe('found');
    expect(knee.holds).toBeLessThan(190);
    expect(knee.undecided).not.toEqual([]);
    expect(knee.text).toContain('Too close to call');
  });

  it('takes back an end that one stall decided', () => {
    let calls = 0;
    // The second trial, at 200, fails although the knee is at 1000.
    const { knee } = search((rate) => (++calls === 2 ? 'fails' : exactly(1000)(rate)), {
      ...PLAN,
      maximumTrials: 30,
    });
    expect(knee).toMatchObject({ status: 'found', confirmed: true });
    expect((knee.holds ?? 0) / 1000).toBeGreaterThan(0.95);
    expect(knee.holds).toBeLessThanOrEqual(1000);
  });

  it.each([
    { share: 0.01, stalls: 0, right: 0.99 },
    { share: 0.03, stalls: 0, right: 0.95 },
    { share: 0.01, stalls: 0.05, right: 0.92 },
  ])(
    'noise of $share, stalls in $stalls of trials: within 10 % in $right of searches',
    ({ share, stalls, right }) => {
      const random = seededRandom(17);
      const searches = 400;
      let close = 0;
      for (let i = 0; i < searches; i++) {
        const truth = Math.exp(3 + 5 * random.next());
        const startPerS = truth * Math.exp(4 * (random.next() - 0.5));
        const { knee, trials } = search(noisily(truth, share, stalls, random), { ...PLAN, startPerS });
        expect(trials.length).toBeLessThanOrEqual(16);
        if (knee.holds !== null && Math.abs(Math.log(knee.holds / truth)) < 0.1) close++;
      }
      expect(close).toBeGreaterThan(right * searches);
    },
  );

  it('refuses a plan that makes no sense', () => {
    for (const wrong of [
      { minimumPerS: 0 },
      { startPerS: 0.5 },
      { startPerS: 1e6 },
      { maximumPerS: Infinity },
      { resolution: 0 },
      { maximumTrials: 0 },
    ]) {
      expect(() => nextSaturationStep({ ...PLAN, ...wrong }, [])).toThrow(InputError);
    }
  });
});
