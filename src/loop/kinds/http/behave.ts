import type { Behaviour } from '../../../core/behaviour/model.ts';
import { InternalError } from '../../../core/errors.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { Target } from '../../../core/ports/target.ts';
import type { BehaveContext } from '../measurer.ts';
import { explainDeath } from './explain-death.ts';
import { readInputs } from './inputs.ts';
import { loadPlan } from './sample.ts';
import { startTarget } from './target.ts';

export interface HttpBehaveRequest extends BehaveContext {
  readonly workload: HttpWorkload;
}

/** After the last answer a program that dies has so long to be gone. */
const DEATH_MS = 500;

/** One fresh process, without a probe: asked one thing after the other. */
export async function behaveHttp(ports: Ports, request: HttpBehaveRequest): Promise<Behaviour> {
  const { workload, scope, signal } = request;
  const inputs = await readInputs(ports, workload, request);
  const target = await startTarget(ports, workload, { ...request, probe: 'none' });
  try {
    const places = [...scope.places, [`:${target.port}`, ':<port>'] as const];
    const plan = { ...loadPlan(ports, { ...request, inputs }, target), scope: { ...scope, places } };
    const behaviour = await ports.load.answers(plan, signal);
    await refuseDeath(ports, target, behaviour, signal);
    return behaviour;
  } catch (error) {
    throw await explainDeath(target, error, signal);
  } finally {
    await target.stop();
  }
}

/** A program that is gone has answered nothing since: its last words say more than the answers that are missing. */
async function refuseDeath(
  ports: Ports,
  target: Target,
  { observations }: Behaviour,
  signal: AbortSignal,
): Promise<void> {
  const status = observations.at(-1)?.facets['status'];
  // A number where there was an answer.
  if (status?.kind !== 'tree' || typeof status.tree === 'number') return;
  const gone = await Promise.race([
    target.exited.then(() => true),
    ports.clock.sleep(DEATH_MS, signal).then(() => false),
  ]);
  // Told by `explainDeath`, as every death is.
  if (gone)
    throw new InternalError('internal', 'The program ended while it was looked at.', {
      fix: 'See its output.',
    });
}
