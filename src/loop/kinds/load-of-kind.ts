import { InternalError } from '../../core/errors.ts';
import type { AppliedLoad, LoadOf } from '../../core/model/measurement.ts';

/** A baseline's load is that of its workload's kind: the workload's hash sees to it. */
export function loadOfKind<Kind extends AppliedLoad['kind']>(kind: Kind, load: AppliedLoad): LoadOf<Kind> {
  if (isOfKind(kind, load)) return load;
  throw new InternalError(
    'internal',
    `A load of kind "${load.kind}" was given for a workload of kind "${kind}".`,
    {
      fix: 'Report this as a defect.',
    },
  );
}

function isOfKind<Kind extends AppliedLoad['kind']>(kind: Kind, load: AppliedLoad): load is LoadOf<Kind> {
  return load.kind === kind;
}
