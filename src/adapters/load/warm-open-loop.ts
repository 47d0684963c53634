import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OpenLoopChildPlan } from './child-plan.ts';
import { runOpenLoop } from './open-loop.ts';

const WARM_UP = { ratePerS: 1_000, durationMs: 250 };

/**
 * Lets the generator's own code be compiled against a server in this process: the first requests of a fresh process take
 * tens of ms, which would be the p99 of a short window. The measured program is not touched by it.
 */
export async function warmOpenLoop(plan: OpenLoopChildPlan): Promise<void> {
  const server = createServer((request, response) => {
    request.resume();
    response.end('{"warm":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await runOpenLoop({
    ...plan,
    ...WARM_UP,
    maxInFlight: 64,
    destination: {
      protocol: 'http:',
      addresses: ['127.0.0.1'],
      port,
      host: `127.0.0.1:${port}`,
      loopback: true,
    },
  });
  server.closeAllConnections();
  server.close();
}
