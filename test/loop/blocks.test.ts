import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvironmentError, TargetError } from '../../src/core/errors.ts';
import { runBlocks, type BlockPlan, type Side } from '../../src/loop/measure/blocks.ts';
import type { ProcessSample } from '../../src/loop/kinds/measurer.ts';
import { aSample } from '../support/records.ts';

/** A sample without what the design of a block adds; the load's raw result plays no part here. */
function processSample(): ProcessSample {
  const { side: _side, block: _block, position: _position, ...sample } = aSample(0);
  return { ...sample, openWindows: [] };
}

interface Ran {
  readonly side: 'a' | 'b';
  readonly seed: number;
}

/** Sides that note what they were asked for; `fails` says which call (0-based, over both sides) ends in which error. */
function plan(change: Partial<BlockPlan> = {}, fails: (call: number) => Error | undefined = () => undefined) {
  const ran: Ran[] = [];
  const side =
    (name: 'a' | 'b'): Side =>
    (seed) => {
      const failure = fails(ran.length);
      ran.push({ side: name, seed });
      return failure ? Promise.reject(failure) : Promise.resolve(processSample());
    };
  const blockPlan: BlockPlan = {
    sides: { a: side('a'), b: side('b') },
    seed: 7,
    maxBlocks: 6,
    signal: new AbortController().signal,
    afterBlock: () => 'continue',
    ...change,
  };
  return { ran, blockPlan };
}

const crash = (n: number) => new TargetError('start_failed', `crash ${n}`, { fix: '…' });

describe('the order of a block', () => {
  it('comes from the seed, so that it can be repeated', async () => {
    const orders = async (seed: number) => {
      const { ran, blockPlan } = plan({ seed, maxBlocks: 12 });
      await runBlocks(blockPlan);
      return ran.map(({ side }) => side).join('');
    };
    expect(await orders(7)).toBe(await orders(7));
    expect(await orders(7)).not.toBe(await orders(8));
  });

  it('holds one process of each side, with the same requests, and says which came first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2 ** 31), fc.integer({ min: 1, max: 20 }), async (seed, maxBlocks) => {
        const { ran, blockPlan } = plan({ seed, maxBlocks });
        const { blocks, dropped } = await runBlocks(blockPlan);
        expect(blocks.map(({ index }) => index)).toEqual([...blocks.keys()]);
        expect(dropped).toEqual([]);
        for (const { index, a, b } of blocks) {
          const [first, second] = ran.slice(index * 2, index * 2 + 2);
          expect(new Set([first?.side, second?.side])).toEqual(new Set(['a', 'b']));
          expect(first?.seed).toBe(second?.seed);
          expect([a.side, b.side, a.block, b.block]).toEqual(['a', 'b', index, index]);
          expect([a.position, b.position]).toEqual(first?.side === 'a' ? [0, 1] : [1, 0]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('favours no side', async () => {
    const { ran, blockPlan } = plan({ maxBlocks: 1000 });
    await runBlocks(blockPlan);
    const aFirst = ran.filter(({ side }, index) => index % 2 === 0 && side === 'a').length;
    // Binomial(1000, 1/2): five standard deviations.
    expect(Math.abs(aFirst - 500)).toBeLessThan(80);
  });
});

describe('the end', () => {
  it('comes when the caller has seen enough', async () => {
    const seen: number[] = [];
    const { blockPlan } = plan({
      afterBlock: (blocks) => {
        seen.push(blocks.length);
        return blocks.length === 4 ? 'stop' : 'continue';
      },
    });
    expect((await runBlocks(blockPlan)).blocks).toHaveLength(4);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('is counted in processes on the way', async () => {
    const done: number[] = [];
    const { blockPlan } = plan({ maxBlocks: 3, onSample: (count) => void done.push(count) });
    await runBlocks(blockPlan);
    expect(done).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('a process that fails', () => {
  it('drops its whole block, is reported, and is made up for', async () => {
    // The second process of the third block: its partner was fine and goes with it.
    const { blockPlan } = plan({}, (call) => (call === 5 ? crash(5) : undefined));
    const { blocks, dropped } = await runBlocks(blockPlan);
    expect(blocks.map(({ index }) => index)).toEqual([0, 1, 3, 4, 5, 6]);
    expect(dropped).toEqual(['crash 5']);
  });

  it('fails the run at once in the first block', async () => {
    const { ran, blockPlan } = plan({}, (call) => (call === 0 ? crash(0) : undefined));
    await expect(runBlocks(blockPlan)).rejects.toThrow('crash 0');
    expect(ran).toHaveLength(1);
  });

  it('fails the run when the next block fails too', async () => {
    const { blockPlan } = plan({}, (call) => (call === 4 || call === 5 ? crash(call) : undefined));
    await expect(runBlocks(blockPlan)).rejects.toThrow('crash 5');
  });

  it('is forgiven again after a good block', async () => {
    // Blocks: good, crash at its first process, good, crash, good …
    const { blockPlan } = plan({ maxBlocks: 3 }, (call) =>
      call === 2 || call === 5 ? crash(call) : undefined,
    );
    const { blocks, dropped } = await runBlocks(blockPlan);
    expect(blocks).toHaveLength(3);
    expect(dropped).toEqual(['crash 2', 'crash 5']);
  });

  it('drops nothing when it is not the program that failed', async () => {
    const full = new EnvironmentError('not_writable', 'disk full', { fix: '…' });
    const { blockPlan } = plan({}, (call) => (call === 4 ? full : undefined));
    await expect(runBlocks(blockPlan)).rejects.toBe(full);
  });

  it('drops nothing when the run was aborted', async () => {
    const abort = new AbortController();
    const { blockPlan } = plan({ signal: abort.signal }, (call) => {
      if (call !== 4) return undefined;
      abort.abort();
      return crash(call);
    });
    await expect(runBlocks(blockPlan)).rejects.toThrow('crash 4');
  });
});
