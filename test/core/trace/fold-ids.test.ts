import { expect, test } from 'vitest';
import { foldUrl } from '../../../src/core/trace/fold-ids.ts';

test.each([
  ['/posts/42', '/posts/{id}'],
  ['/posts/42/comments/7?page=3', '/posts/{id}/comments/{id}'],
  ['/v1/users/6f1c2d3e-0000-4000-8000-0123456789ab', '/v1/users/{id}'],
  ['/o/507f1f77bcf86cd799439011.json', '/o/{id}.json'],
  ['/posts/:id(\\d+)/x/:slug', '/posts/{id}/x/{slug}'],
  ['http://127.0.0.1:9000/users/5#top', 'http://127.0.0.1:9000/users/{id}'],
  ['/utf8/file2/deadbeefdeadbeef', '/utf8/file2/deadbeefdeadbeef'],
  ['/', '/'],
])('%s', (url, template) => {
  expect(foldUrl(url)).toBe(template);
});
