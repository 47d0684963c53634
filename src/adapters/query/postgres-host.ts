import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { EnvironmentError, InputError } from '../../core/errors.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Executions by the thousand are load, and load goes to this machine or to a host that was named when the server was
 * registered. The address found here is the one that is used. A path is a Unix socket.
 */
export async function allowedAddress(host: string, allowHosts: readonly string[]): Promise<string> {
  if (host.startsWith('/')) return host;
  const addresses = await findAddresses(host);
  const [first] = addresses;
  if (first === undefined) {
    throw new EnvironmentError('database_unreachable', `The host "${host}" of the URL has no address.`, {
      fix: 'Correct the host in the URL, or the name service of this machine.',
    });
  }
  if (addresses.every(isLoopback) || allowHosts.some((allowed) => allowed.toLowerCase() === host)) {
    return first;
  }
  throw new InputError('host_not_allowed', `The database host "${host}" is not this machine's loopback.`, {
    fix: 'Use a copy of the database on this machine, or register the server with --allow-host for a host that you may load.',
  });
}

async function findAddresses(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    // IPv4 first: most servers that listen on one family of localhost listen on that one.
    const found = await lookup(host, { all: true, order: 'ipv4first' });
    return found.map(({ address }) => address);
  } catch {
    return [];
  }
}

function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
