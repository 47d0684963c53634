import { expect, test } from 'vitest';
import { parseRusage } from '../../../src/adapters/command/parse-rusage.ts';

/** Values of all fields after the two times, in the order of sys/resource.h. */
const REST = [5000, 0, 0, 0, 300, 2, 0, 16, 24, 0, 0, 0, 7, 9] as const;
const EXPECTED = {
  userUs: 2_000_003,
  systemUs: 500_000,
  blocksRead: 16,
  blocksWritten: 24,
  voluntarySwitches: 7,
  involuntarySwitches: 9,
};

test('64-bit Linux: longs all along, memory in KiB', () => {
  const bytes = Buffer.alloc(256);
  [2, 3, 0, 500_000, ...REST].forEach((value, index) => bytes.writeBigInt64LE(BigInt(value), index * 8));
  expect(parseRusage(bytes, { platform: 'linux', longBytes: 8 })).toEqual({
    ...EXPECTED,
    largestRssBytes: 5000 * 1024,
  });
});

test('32-bit Linux', () => {
  const bytes = Buffer.alloc(256);
  [2, 3, 0, 500_000, ...REST].forEach((value, index) => bytes.writeInt32LE(value, index * 4));
  expect(parseRusage(bytes, { platform: 'linux', longBytes: 4 })).toEqual({
    ...EXPECTED,
    largestRssBytes: 5000 * 1024,
  });
});

test('macOS: microseconds of 32 bits with anything in the padding, memory in bytes', () => {
  const bytes = Buffer.alloc(256, 0xff);
  [2, 0, 0, 0, ...REST].forEach((value, index) => bytes.writeBigInt64LE(BigInt(value), index * 8));
  for (const [at, value] of [
    [8, 3],
    [24, 500_000],
  ] as const) {
    bytes.fill(0xff, at, at + 8);
    bytes.writeInt32LE(value, at);
  }
  expect(parseRusage(bytes, { platform: 'darwin', longBytes: 8 })).toEqual({
    ...EXPECTED,
    largestRssBytes: 5000,
  });
});
