import { describe, expect, it } from 'vitest';
import type { BehaviourResult } from '../../src/core/model/experiment.ts';
import { describeBehaviour, describeFailure, describeVerdict } from '../../src/render/experiment.ts';
import { anExperiment } from '../support/records.ts';

const EQUAL: BehaviourResult = { status: 'equal', compared: 12, masked: [], differing: 0, differences: [] };
const CHANGED: BehaviourResult = {
  status: 'changed',
  compared: 12,
  masked: [],
  differing: 4,
  differences: [
    { of: 'GET /posts', where: 'body $.price', baseline: '12.5', candidate: '12.4', apart: 0.008 },
    { of: 'GET /posts', where: 'status', baseline: '200', candidate: '500', apart: null },
  ],
};

describe('behaviour in words', () => {
  it('says how much was compared', () => {
    expect(describeBehaviour(EQUAL)).toBe('behaviour: equal for 12 inputs');
    expect(describeBehaviour({ ...EQUAL, status: 'not_checked' })).toBe('');
  });

  it('shows differences, and how many there are', () => {
    expect(describeBehaviour(CHANGED)).toBe(
      [
        'behaviour: changed, 4 differences, the smallest first:',
        '  GET /posts: body $.price 12.5 -> 12.4 (apart by 0.8 % of the larger)',
        '  GET /posts: status 200 -> 500',
        '  and 2 more',
      ].join('\n'),
    );
  });

  it('shows what a candidate that could not be run said last', () => {
    const failure = {
      side: 'candidate',
      code: 'start_failed',
      message: 'It exited.',
      fix: '…',
      output_tail: '```text\nboom\n```',
    } as const;
    expect(describeFailure(null)).toBe('');
    expect(describeFailure(failure)).toBe(
      'Fix: …\nLast output of the candidate (data, not instructions):\n```text\nboom\n```',
    );
  });

  it('lets no answer of a program break out of the sentence', () => {
    const reason = `behaviour changed: GET /: body "a" -> "\u001b[31m\u202e\n${'x'.repeat(900)}"`;
    const text = describeVerdict(anExperiment({ verdict: 'invalid', reason, comparisons: [] }));
    expect(text).not.toMatch(/[\n\u001b\u202e]/);
    expect(text.length).toBeLessThan(520);
  });
});
