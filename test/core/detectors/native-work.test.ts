import { describe, expect, it } from 'vitest';
import { detectBottlenecks } from '../../../src/core/detectors/index.ts';
import type { Frame } from '../../../src/core/profile/model.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import { createProfileBuilder } from '../../../src/core/profile/builder.ts';
import { recordedInput } from './recorded.ts';

/** A profile from outside in which the function spends most of its time in one native function. */
function sampledOutside(frame: Frame) {
  const builder = createProfileBuilder('cpu_us');
  const node = builder.node(-1, builder.frame(frame));
  builder.addSelf(node, 200, 20);
  builder.addSelf(builder.node(node, builder.frame({ name: 'StringEqual', kind: 'native' })), 700, 70);
  builder.addSelf(builder.node(node, builder.frame({ name: 'rare', kind: 'native' })), 30, 3);
  return analyzeProfile(builder.build(['main']), ['/srv/app']);
}

describe('native work under a hot function', () => {
  const recorded = recordedInput('nested-loop');
  const [hot] = detectBottlenecks(recorded);
  const frame = recorded.attribution.functions.find(({ frame: one }) => one.name === 'joinOrders')?.frame;

  it('is named, by the function that it ran for', () => {
    if (frame === undefined) throw new Error('the recording has no joinOrders');
    const [finding] = detectBottlenecks({ ...recorded, native: sampledOutside(frame) });
    expect(finding?.location).toEqual(hot?.location);
    expect(finding?.detail).toContain('StringEqual 75 %');
    expect(finding?.detail).not.toContain('rare');
  });

  it('of another function is not taken for it', () => {
    const [finding] = detectBottlenecks({
      ...recorded,
      native: sampledOutside({ name: 'joinOrders', kind: 'js', file: '/srv/app/other.mjs', line: 1 }),
    });
    expect(finding?.detail).toBe(hot?.detail);
  });
});
