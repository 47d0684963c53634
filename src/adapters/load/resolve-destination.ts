import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { InputError } from '../../core/errors.ts';
import type { Destination } from './child-plan.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Where the load may go: to a host all of whose addresses are loopback, or to one that was allowed by name when the
 * server was registered. The addresses found here are the ones that are used, so a name that changes its mind between
 * the check and the load gains nothing.
 */
export async function resolveDestination(
  origin: string,
  allowHosts: readonly string[],
): Promise<Destination> {
  const url = parseOrigin(origin);
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await findAddresses(hostname);
  const loopback = addresses.length > 0 && addresses.every(isLoopback);
  const allowed = allowHosts.some((host) => host.toLowerCase() === hostname);
  if (!loopback && !allowed) {
    const found = addresses.length === 0 ? 'no address' : addresses.join(', ');
    throw new InputError('host_not_allowed', `"${hostname}" (${found}) is not this machine's loopback.`, {
      fix: 'Let the program listen on 127.0.0.1, or register the server with --allow-host for a host that you may load.',
    });
  }
  const protocol = url.protocol === 'https:' ? 'https:' : 'http:';
  return {
    protocol,
    addresses,
    port: url.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(url.port),
    host: url.host,
    loopback,
    ...(protocol === 'https:' && isIP(hostname) === 0 ? { servername: hostname } : {}),
  };
}

function parseOrigin(origin: string): URL {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new InputError('invalid_arguments', `"${origin}" is not an http or https origin.`, {
      fix: 'Give an origin such as http://127.0.0.1:3000.',
    });
  }
  return url;
}

async function findAddresses(hostname: string): Promise<readonly string[]> {
  if (isIP(hostname) !== 0) return [hostname];
  try {
    // IPv4 first: most servers that listen on one family of localhost listen on that one.
    const found = await lookup(hostname, { all: true, order: 'ipv4first' });
    return [...new Set(found.map(({ address }) => address))];
  } catch {
    return [];
  }
}

function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
