import { describe, expect, it } from 'vitest';
import { driveArrivals } from '../../../src/adapters/load/arrivals.ts';

describe('arrivals', () => {
  it('keeps the intended times when the process itself was held up', async () => {
    const startAt = performance.now() + 5;
    const intended: number[] = [];
    const early: number[] = [];
    await driveArrivals({ startAt, ratePerS: 500, count: 150 }, (at) => {
      intended.push(at);
      if (performance.now() < at) early.push(at);
      if (intended.length === 10) {
        const until = performance.now() + 120;
        while (performance.now() < until);
      }
    });
    expect(intended).toHaveLength(150);
    expect(early).toEqual([]);
    intended.forEach((at, index) => expect(at - startAt).toBeCloseTo(index * 2, 6));
  });

  it('lets other work run between bursts when it is far behind', async () => {
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns += 1;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await driveArrivals(
      { startAt: performance.now() - 10_000, ratePerS: 1_000, count: 1_000 },
      () => undefined,
    );
    running = false;
    expect(turns).toBeGreaterThan(5);
  });

  it('sleeps when the next arrival is far away', async () => {
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    await driveArrivals({ startAt: startedAt + 1, ratePerS: 20, count: 11 }, () => undefined);
    const { user, system } = process.cpuUsage(cpu);
    expect((user + system) / 1_000 / (performance.now() - startedAt)).toBeLessThan(0.6);
  });
});
