import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { toFullDisk } from '../../core/write-failure.ts';
import { explainIgnored } from './explain-ignored.ts';

/** Runs a measurement while no other one runs on this machine, and leaves no checkout of it behind. */
export async function exclusively<T>(
  ports: Ports,
  project: Project,
  runId: string,
  measure: () => Promise<T>,
): Promise<T> {
  const release = await ports.machine.lock({
    pid: ports.machine.self().pid,
    run_id: runId,
    project_dir: project.directory,
    since: ports.clock.now(),
  });
  try {
    return await measure();
  } catch (error) {
    throw await explainIgnored(project, toFullDisk(error));
  } finally {
    await project.checkouts.dispose(runId).finally(release);
  }
}
