import { SHARE_OF_BUSY } from './detector.ts';
import type { Finding } from './detector.ts';
import { isOfRequests } from './share-of-requests.ts';

/** Of calls that a trace saw hold the thread, by what they do. */
const HOLDING: readonly string[] = ['sync-io', 'crypto', 'compression', 'json'];

/** Its share is of the time of requests, and the thread worked in it: requests didn't wait for somebody else. */
export function isHeldThread({ share, signals }: Pick<Finding, 'share' | 'signals'>): boolean {
  return isOfRequests(share) && signals.some((signal) => HOLDING.includes(signal));
}

/** Of busy time, or a call that a trace saw hold the thread; a leak or a bad plan is work of another kind. */
export function keepsThread(finding: Pick<Finding, 'share' | 'signals'>): boolean {
  return finding.share.of === SHARE_OF_BUSY || isHeldThread(finding);
}
