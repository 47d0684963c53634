import { pbkdf2Sync, timingSafeEqual } from 'node:crypto';

const ITERATIONS = 20_000;
const BYTES = 32;

/** Who holds which key, as the sign-up service stores it: salted and hashed. The keys themselves are known to nobody. */
const holders = new Map(
  ['north', 'south', 'east', 'west'].map((account, index) => {
    const salt = Buffer.from(`salt of ${account}`);
    return [account, { account, credit: 100 * (index + 1), salt, hash: derive(`key-of-${account}`, salt) }];
  }),
);

/** The holder of a key such as "north:secret"; undefined when it is not valid. */
export function findHolder(key) {
  const [account, secret] = split(key);
  const holder = holders.get(account);
  if (holder === undefined || secret === undefined) return undefined;
  return isSecretOf(holder, secret) ? holder : undefined;
}

function isSecretOf(holder, secret) {
  return timingSafeEqual(derive(secret, holder.salt), holder.hash);
}

function derive(secret, salt) {
  return pbkdf2Sync(secret, salt, ITERATIONS, BYTES, 'sha256');
}

function split(key) {
  const at = key.indexOf(':');
  return at < 0 ? [key] : [key.slice(0, at), key.slice(at + 1)];
}
