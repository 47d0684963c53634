import { describe, expect, it } from 'vitest';
import { toFailure } from '../../../src/adapters/query/failure.ts';
import { createRedaction } from '../../../src/adapters/query/redact.ts';
import { EnvironmentError } from '../../../src/core/errors.ts';

describe('texts without secrets', () => {
  const url = 'postgres://ann:p%40ss%2Fword@127.0.0.1:5432/shop';
  const clean = createRedaction(url);

  it.each([
    [`cannot open ${url}: refused`, 'cannot open [hidden]: refused'],
    ['password is p%40ss%2Fword', 'password is [hidden]'],
    ['password is p@ss/word, really p@ss/word', 'password is [hidden], really [hidden]'],
    ['user ann at 127.0.0.1', 'user ann at 127.0.0.1'],
  ])('%s', (text, expected) => expect(clean(text)).toBe(expected));

  it('takes a password out of a parameter, and leaves words alone when it is very short', () => {
    expect(createRedaction('postgres:///shop?password=longer')('is longer')).toBe('is [hidden]');
    expect(createRedaction('postgres://a:e@h/d')('the end')).toBe('the end');
    expect(createRedaction('not a URL: secret')('what of not a URL: secret')).toBe('what of [hidden]');
  });

  it('holds for an error with all its texts, and for one that nobody thought of', () => {
    const known = new EnvironmentError('database_unreachable', `no ${url}`, {
      fix: '…',
      output: 'p@ss/word',
    });
    const unknown = new TypeError(`bad ${url}`);
    for (const error of [known, unknown]) {
      const text = JSON.stringify(toFailure(error, clean));
      expect(text).toContain('[hidden]');
      expect(text).not.toMatch(/p@ss|p%40ss/);
    }
  });
});
