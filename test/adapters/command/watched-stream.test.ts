import { expect, test } from 'vitest';
import { watchStream } from '../../../src/adapters/command/watched-stream.ts';

const push = (stream: ReturnType<typeof watchStream>, ...chunks: readonly string[]): void =>
  chunks.forEach((chunk) => stream.push(Buffer.from(chunk)));

test('finds a text across chunks, however small these are', () => {
  const stream = watchStream('needle');
  push(stream, 'hay nee', 'd');
  expect(stream.found()).toBe(false);
  push(stream, 'le hay');
  expect(stream.found()).toBe(true);
  const letters = watchStream('äb');
  for (const byte of Buffer.from('xäb')) letters.push(Buffer.from([byte]));
  expect(letters.found()).toBe(true);
});

test('finds what is long out of the tail', () => {
  const stream = watchStream('x');
  push(stream, 'x', ...Array<string>(100).fill('-'.repeat(1000)));
  expect(stream.found()).toBe(true);
  expect(stream.tail()).toMatch(/^-+$/);
  expect(stream.tail().length).toBeLessThan(20_000);
});

test('says nothing about what nobody looks for', () => {
  const stream = watchStream();
  push(stream, 'a', 'b');
  expect(stream.found()).toBeNull();
  expect(stream.tail()).toBe('ab');
});
