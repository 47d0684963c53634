import type { Ports } from '../../core/ports/index.ts';
import type { Checkout } from '../../core/ports/snapshots.ts';

/** The same surroundings for programs of one checkout: they start with its variables too. */
export function portsOfCheckout(ports: Ports, { env }: Pick<Checkout, 'env'>): Ports {
  return { ...ports, baseEnv: { ...ports.baseEnv, ...env } };
}
