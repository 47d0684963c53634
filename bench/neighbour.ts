import { spawn } from 'node:child_process';

/** Burns a core in bursts of a second, with pauses as long. */
const NEIGHBOUR = `
  setInterval(() => { const end = Date.now() + 1000; while (Date.now() < end); }, 2000);
`;

/** Does the work while another process burns a core in bursts. */
export async function besideNeighbour<T>(work: () => Promise<T>): Promise<T> {
  const neighbour = spawn(process.execPath, ['-e', NEIGHBOUR], { stdio: 'ignore' });
  try {
    return await work();
  } finally {
    neighbour.kill('SIGKILL');
  }
}
