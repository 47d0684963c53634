/** Where the time of a request goes. `other`: nothing that was watched. */
export const SPLIT_PARTS = [
  'cpu',
  'gc',
  'queueing',
  'database',
  'outbound',
  'pool-wait',
  'lock-wait',
  'file',
  'other',
] as const;
export type SplitPart = (typeof SPLIT_PARTS)[number];

/** Shares of the time of the requests it was taken over; they add up to 1. */
export interface TimeSplit {
  readonly requests: number;
  readonly meanMs: number;
  readonly shares: Readonly<Record<SplitPart, number>>;
}
