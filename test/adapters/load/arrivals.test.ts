import { describe, expect, it } from 'vitest';
import { driveArrivals } from '../../../src/adapters/load/arrivals.ts';

function at(startAt: number, ratePerS: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => startAt + (index * 1_000) / ratePerS);
}

describe('arrivals', () => {
  it('keeps the intended times when the process itself was held up', async () => {
    const startAt = performance.now() + 5;
    const intended: number[] = [];
    const early: number[] = [];
    await driveArrivals(at(startAt, 500, 150), (time) => {
      intended.push(time);
      if (performance.now() < time) early.push(time);
      if (intended.length === 10) {
        const until = performance.now() + 120;
        while (performance.now() < until);
      }
    });
    expect(intended).toHaveLength(150);
    expect(early).toEqual([]);
    intended.forEach((time, index) => expect(time - startAt).toBeCloseTo(index * 2, 6));
  });

  it('lets other work run between bursts when it is far behind', async () => {
    let turns = 0;
    let running = true;
    const count = (): void => {
      turns += 1;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await driveArrivals(at(performance.now() - 10_000, 1_000, 1_000), () => undefined);
    running = false;
    expect(turns).toBeGreaterThan(5);
  });

  it('sleeps when the next arrival is far away', async () => {
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    await driveArrivals(at(startedAt + 1, 20, 11), () => undefined);
    const { user, system } = process.cpuUsage(cpu);
    expect((user + system) / 1_000 / (performance.now() - startedAt)).toBeLessThan(0.6);
  });
});
