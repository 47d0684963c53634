import { describe, expect, it } from 'vitest';
import { resolveDestination } from '../../../src/adapters/load/resolve-destination.ts';

describe('where load may go', () => {
  it.each([
    'http://127.0.0.1:3000',
    'http://127.8.9.1:3000',
    'http://[::1]:3000',
    'http://[::ffff:127.0.0.1]:3000',
    'http://localhost:3000',
  ])('takes %s', async (origin) => {
    const destination = await resolveDestination(origin, []);
    expect(destination).toMatchObject({ port: 3000, protocol: 'http:', loopback: true });
    expect(destination.addresses.length).toBeGreaterThan(0);
  });

  it.each([
    'http://192.0.2.7:80',
    'http://0.0.0.0:3000',
    'http://[2001:db8::1]',
    'http://[::ffff:192.0.2.7]',
    'http://127.0.0.1.invalid:3000',
    'http://localhost@192.0.2.7/',
  ])('refuses %s', async (origin) => {
    await expect(resolveDestination(origin, [])).rejects.toMatchObject({
      kind: 'input',
      code: 'host_not_allowed',
    });
  });

  it('takes a host that was allowed by name, and no other', async () => {
    const allowed = await resolveDestination('https://192.0.2.7', ['192.0.2.7']);
    expect(allowed).toMatchObject({ addresses: ['192.0.2.7'], port: 443, loopback: false });
    await expect(resolveDestination('https://192.0.2.8', ['192.0.2.7'])).rejects.toMatchObject({
      code: 'host_not_allowed',
    });
  });

  it('refuses what is no origin', async () => {
    await expect(resolveDestination('ftp://127.0.0.1', [])).rejects.toMatchObject({
      code: 'invalid_arguments',
    });
    await expect(resolveDestination('127.0.0.1:80', [])).rejects.toMatchObject({ code: 'invalid_arguments' });
  });
});
