import type { Bottleneck } from '../model/evidence.ts';
import type { BlamedCost, DetectorInput } from './detector.ts';
import { DETECTORS } from './index.ts';

/** The cost that a bottleneck blames, in evidence of another code state, by the rules of the detector that named it. */
export function measureBlamed(
  { kind, location }: Pick<Bottleneck, 'kind' | 'location'>,
  input: DetectorInput,
): BlamedCost | null {
  const detector = DETECTORS.find(({ id }) => id === kind);
  return detector?.measureAt?.(input, location) ?? null;
}

/** Whether a CPU profile can say anything of what such a bottleneck blames. */
export function isSeenInProfiles({ kind }: Pick<Bottleneck, 'kind'>): boolean {
  return DETECTORS.find(({ id }) => id === kind)?.measureAt !== undefined;
}
