import { toLoadJourneys, toLoadRequests } from '../../../core/http-requests.ts';
import { requireColumns } from '../../../core/load/data-rows.ts';
import { templateUses } from '../../../core/load/template-uses.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { LoadPlan } from '../../../core/ports/load.ts';
import type { MeasureContext } from '../measurer.ts';

/** What is sent: the same on both sides of a block but for the code that answers it. */
export type LoadInputs = Pick<LoadPlan, 'requests' | 'journeys' | 'data'>;

/** Reads and checks what a workload sends, before anything is started for it. */
export async function readInputs(
  ports: Ports,
  workload: HttpWorkload,
  { directory, projectDirectory }: Pick<MeasureContext, 'directory' | 'projectDirectory'>,
): Promise<LoadInputs> {
  const journeys = toLoadJourneys(workload);
  const sent = { requests: toLoadRequests(workload), ...(journeys === undefined ? {} : { journeys }) };
  await ports.load.check(sent);
  if (workload.data === undefined) return sent;
  const { file } = workload.data;
  const data = await ports.dataFiles.read({ directory, file, projectDirectory });
  requireColumns(templateUses(workload), file, data);
  return { ...sent, data };
}
