import type { Detector, Finding } from './detector.ts';

/** How much a share counts by how well it is known; the steps are a judgement, not a measurement. */
const CONFIDENCE_WEIGHT = { high: 1, medium: 0.7, low: 0.35 } as const;

export function findingScore({ share, confidence }: Finding): number {
  return share.value * CONFIDENCE_WEIGHT[confidence.level];
}

type Role = Detector['names'];

/**
 * Causes before symptoms, each by share times confidence. A finding about a function goes when a more specific one
 * names the same function and explains at least half of its time; if it explains less, both stay, because the rest
 * of the function has another remedy.
 */
export function rankFindings(
  findings: readonly Finding[],
  roles: ReadonlyMap<string, Role>,
): readonly Finding[] {
  const roleOf = ({ kind }: Finding): Role => roles.get(kind) ?? 'function';
  const specific = findings.filter((finding) => roleOf(finding) === 'work');
  return findings
    .filter(
      (finding) =>
        roleOf(finding) !== 'function' ||
        !specific.some(
          (other) => isSamePlace(finding, other) && other.share.value >= 0.5 * finding.share.value,
        ),
    )
    .map((finding, order) => ({ finding, order, symptom: roleOf(finding) === 'symptom' }))
    .sort(
      (a, b) =>
        Number(a.symptom) - Number(b.symptom) ||
        findingScore(b.finding) - findingScore(a.finding) ||
        a.order - b.order,
    )
    .map(({ finding }) => finding);
}

function isSamePlace(a: Finding, b: Finding): boolean {
  return (
    a.location.function !== undefined &&
    a.location.function === b.location.function &&
    a.location.file === b.location.file &&
    a.location.line === b.location.line
  );
}
