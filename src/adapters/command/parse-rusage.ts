import type { ChildUsage } from '../../core/ports/command-runs.ts';

/** Where a struct rusage is from. */
export interface RusageLayout {
  readonly platform: 'linux' | 'darwin';
  /** Size of a C long: 8, or 4 on 32-bit systems. */
  readonly longBytes: number;
}

/** Larger than the struct is anywhere: 18 longs on Linux and macOS. */
export const RUSAGE_BYTES = 256;

/**
 * struct rusage of getrusage(2): two times, then fourteen longs in the same order on Linux and macOS. Every platform that we
 * call it on is little-endian.
 */
export function parseRusage(bytes: Buffer, { platform, longBytes }: RusageLayout): ChildUsage {
  const long = (index: number): number =>
    longBytes === 8 ? Number(bytes.readBigInt64LE(index * 8)) : bytes.readInt32LE(index * 4);
  // macOS: suseconds_t is 32 bits wide, and padding follows.
  const microseconds = (index: number): number =>
    platform === 'darwin' ? bytes.readInt32LE(index * longBytes) : long(index);
  return {
    userUs: long(0) * 1e6 + microseconds(1),
    systemUs: long(2) * 1e6 + microseconds(3),
    // Linux tells KiB, macOS bytes.
    largestRssBytes: long(4) * (platform === 'darwin' ? 1 : 1024),
    blocksRead: long(11),
    blocksWritten: long(12),
    voluntarySwitches: long(16),
    involuntarySwitches: long(17),
  };
}
