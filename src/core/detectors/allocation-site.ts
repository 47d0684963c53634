import type { AllocationSite } from '../memory/model.ts';
import type { Location } from '../model/evidence.ts';

export function locateSite({ function: name, file, line, package: of }: AllocationSite): Location {
  return {
    function: name,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(of === undefined ? {} : { package: of }),
  };
}

/** "remember (src/sessions.mjs:9)" */
export function describeSite({ function: name, file, line }: AllocationSite): string {
  if (file === undefined) return name;
  return `${name} (${file}${line === undefined ? '' : `:${line}`})`;
}
