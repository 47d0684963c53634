import type { Step } from './model.ts';

/** Stands for every index of a list. */
export const ANY = Symbol('any index');
export type MaskStep = Step | typeof ANY;
export type MaskPath = readonly MaskStep[];

/** The masked paths below a place of a tree. */
export interface PathMask {
  /** The place itself, with all that is below it. */
  readonly isMasked: boolean;
  below(step: Step): PathMask;
}

export const NO_MASK: PathMask = { isMasked: false, below: () => NO_MASK };

export function createPathMask(paths: readonly MaskPath[]): PathMask {
  if (paths.length === 0) return NO_MASK;
  const byStep = new Map<MaskStep, MaskPath[]>();
  for (const [first, ...rest] of paths) {
    if (first === undefined) continue;
    const known = byStep.get(first);
    if (known === undefined) byStep.set(first, [rest]);
    else known.push(rest);
  }
  const masks = new Map<Step, PathMask>();
  const anyIndex = byStep.get(ANY) ?? [];
  const ofAnyIndex = createPathMask(anyIndex);
  return {
    isMasked: paths.some((path) => path.length === 0),
    below(step) {
      const own = byStep.get(step);
      if (own === undefined) return typeof step === 'number' ? ofAnyIndex : NO_MASK;
      const known = masks.get(step);
      if (known !== undefined) return known;
      const made = createPathMask(typeof step === 'number' ? [...own, ...anyIndex] : own);
      masks.set(step, made);
      return made;
    },
  };
}

/** "$.items[3].price"; "[*]" for any index. */
export function describePath(path: MaskPath): string {
  const steps = path.map((step) => {
    if (step === ANY) return '[*]';
    if (typeof step === 'number') return `[${step}]`;
    return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  });
  return `$${steps.join('')}`;
}
