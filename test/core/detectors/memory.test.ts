import { describe, expect, it } from 'vitest';
import { allocationHeavy } from '../../../src/core/detectors/allocation-heavy.ts';
import { gcPressure } from '../../../src/core/detectors/gc-pressure.ts';
import { memoryLeak } from '../../../src/core/detectors/memory-leak.ts';
import { recordedMemory, type RecordedHeap } from '../memory/recorded.ts';
import { expectWhole } from './detector-input.ts';
import { recordedInput } from './recorded.ts';

const leaksOf = (program: RecordedHeap, loads?: number) =>
  memoryLeak.detect({ ...recordedInput('healthy'), memory: recordedMemory(program, loads) });

describe('memory-leak', () => {
  it.each<[RecordedHeap, string]>([
    ['leak', 'remember'],
    ['timers', 'watchOrder'],
    ['buffers', 'keepUpload'],
  ])('%s: names where what stays is allocated', (program, name) => {
    const [first, ...rest] = leaksOf(program);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      kind: 'memory-leak',
      location: { function: name, file: `${program}.mjs` },
      confidence: { level: 'high' },
    });
    expect(first?.share.interval[0]).toBeLessThanOrEqual(first?.share.value ?? 0);
    expectWhole(first);
  });

  it('names who keeps a text, and not who first looked at its characters', () => {
    const [first] = leaksOf('kept-texts');
    expect(recordedMemory('kept-texts').live[0]?.function).toBe('sizeOf');
    expect(first).toMatchObject({ location: { function: 'remember', file: 'kept-texts.mjs' } });
    expect(first?.title).toMatch(/remember .* puts something into a collection .* allocated in sizeOf/);
    expect(first?.signals).toContain('collection-grows');
    expectWhole(first);
  });

  it('says that handles stay as well', () => {
    expect(leaksOf('timers')[0]?.signals).toContain('handles-grow');
    expect(leaksOf('leak')[0]?.signals).not.toContain('handles-grow');
  });

  it('is less sure after few loads', () => {
    expect(leaksOf('leak', 6)[0]?.confidence.level).toBe('medium');
  });

  it.each<RecordedHeap>(['filling-cache', 'churn', 'healthy'])('%s: nothing', (program) => {
    for (const loads of [6, 8, 10]) expect(leaksOf(program, loads)).toEqual([]);
  });

  it('says nothing without the pass, or without growth told', () => {
    expect(memoryLeak.detect(recordedInput('healthy'))).toEqual([]);
    const memory = { ...recordedMemory('leak'), growth: null };
    expect(memoryLeak.detect({ ...recordedInput('healthy'), memory })).toEqual([]);
  });
});

describe('allocation-heavy', () => {
  const churn = { ...recordedInput('gc-churn'), memory: recordedMemory('churn') };

  it('names who makes the garbage that collection pays for', () => {
    const [first, ...rest] = allocationHeavy.detect(churn);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      kind: 'allocation-heavy',
      location: { function: 'makeEvents', file: 'churn.mjs' },
    });
    expect(first?.signals).toContain('explains:gc-pressure');
    expectWhole(first);
  });

  it('gives gc-pressure what it could only guess', () => {
    expect(gcPressure.detect(churn)[0]?.detail).toContain('allocates most: makeEvents (churn.mjs:4)');
    expect(gcPressure.detect(recordedInput('gc-churn'))[0]?.detail).toContain('or what they call, ran');
  });

  it('says nothing where collection costs little, however much is allocated', () => {
    expect(
      allocationHeavy.detect({ ...recordedInput('json-heavy'), memory: recordedMemory('churn') }),
    ).toEqual([]);
    expect(
      allocationHeavy.detect({ ...recordedInput('healthy'), memory: recordedMemory('healthy') }),
    ).toEqual([]);
  });

  it('says nothing where the garbage has no place of its own, or is spread', () => {
    const memory = recordedMemory('churn');
    const [site] = memory.allocation;
    const spread = Array.from({ length: 10 }, (_, index) => ({
      function: `f${index}`,
      file: 'a.mjs',
      bytes: 1000,
      samples: 50,
      share: 0.1,
    }));
    const runtime = [{ function: '(runtime)', bytes: 9, samples: site?.samples ?? 0, share: 1 }];
    for (const allocation of [spread, runtime]) {
      expect(
        allocationHeavy.detect({ ...recordedInput('gc-churn'), memory: { ...memory, allocation } }),
      ).toEqual([]);
    }
  });
});
