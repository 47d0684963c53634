import { expect, test } from 'vitest';
import { isSecretName, maskParameters, maskSecrets } from '../../../src/core/goals/secret-names.ts';

test.each([
  'password',
  'userPassword',
  'X-Api-Key',
  'apikey',
  'access_token',
  'Authorization',
  'Set-Cookie',
  'X-CSRF-Token',
  'sid',
  'PHPSESSID',
  'client_secret',
  'cvv',
])('%s names a secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each([
  'user',
  'author',
  'page',
  'tokens_used',
  'pinned',
  'side',
  'monkey',
  'keyboard',
  'X-Tenant',
  'id',
])('%s names none', (name) => {
  expect(isSecretName(name)).toBe(false);
});

test('only values are masked, at any depth, and the given value stays as it was', () => {
  const value = { user: 'ann', login: [{ password: 'p', pin: 1234, token: { kind: 'jwt' } }], secret: null };
  const copy = structuredClone(value);
  const masked = new Set<string>();
  expect(maskSecrets(value, masked)).toEqual({
    user: 'ann',
    login: [{ password: 'replace-me', pin: 'replace-me', token: { kind: 'jwt' } }],
    secret: null,
  });
  expect([...masked]).toEqual(['password', 'pin']);
  expect(value).toEqual(copy);
});

test('parameters keep the way that they were written', () => {
  const masked = new Set<string>();
  expect(maskParameters('q=a%20b&api%5Fkey=k&token=&flag&%E0%A4%A=x', masked)).toBe(
    'q=a%20b&api%5Fkey=replace-me&token=&flag&%E0%A4%A=x',
  );
  expect([...masked]).toEqual(['api_key']);
});
