import type { AllocationSite, MemoryFacts } from '../../core/memory/model.ts';
import { readStored } from './trace-evidence.ts';
import type { Row, View } from './view.ts';

function sitesView(
  name: string,
  list: (facts: MemoryFacts) => readonly AllocationSite[],
  basis: string,
): View {
  return {
    name,
    of: 'memory',
    async show(context, { filter }) {
      const sites = list(await readStored<MemoryFacts>(context));
      return {
        subject: filter ?? null,
        columns: [
          { key: 'share', title: 'share', as: 'share' },
          { key: 'bytes', title: 'bytes', as: 'bytes' },
          { key: 'function', title: 'function', as: 'name' },
        ],
        rows: sites.filter((site) => isOfPackage(site, filter)).map(toRow),
        basis,
      };
    },
  };
}

/** Where memory is allocated, garbage included. */
export const allocationView = sitesView(
  'allocation',
  ({ allocation }) => allocation,
  'sampled allocations of one load',
);
/** Where what is kept after the loads was allocated. */
export const liveView = sitesView(
  'live',
  ({ live }) => live,
  'sampled objects that were alive after all loads',
);

function isOfPackage({ package: name }: AllocationSite, wanted: string | undefined): boolean {
  return wanted === undefined || (wanted === 'user' ? name === undefined : name === wanted);
}

function toRow({ function: name, file, line, package: owner, bytes, share }: AllocationSite): Row {
  const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
  return { share, bytes, function: `${name}${place}`, package: owner ?? null };
}
