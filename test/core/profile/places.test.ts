import { describe, expect, it } from 'vitest';
import { displayFile } from '../../../src/core/profile/display-file.ts';
import { labelFrame } from '../../../src/core/profile/frame-label.ts';
import { packageOf } from '../../../src/core/profile/package-of.ts';
import { nameRuntimeCall } from '../../../src/core/profile/runtime-calls.ts';
import { frame } from './tiny-profile.ts';

describe('packageOf', () => {
  it.each([
    ['/app/src/a.js', undefined],
    ['/app/node_modules/fastify/lib/x.js', 'fastify'],
    ['/app/node_modules/@fastify/cookie/x.js', '@fastify/cookie'],
    ['/app/node_modules/a/node_modules/b/x.js', 'b'],
    ['/app/node_modules/.pnpm/fastify@5.0.0/node_modules/fastify/x.js', 'fastify'],
    ['/app/node_modules/.pnpm/@a+b@1.0.0_c@2.0.0/x.js', '@a/b'],
    ['C:\\app\\node_modules\\pg\\lib\\x.js', 'pg'],
    ['/app/my_node_modules/x.js', undefined],
  ])('%s -> %s', (file, expected) => {
    expect(packageOf(file)).toBe(expected);
  });
});

describe('displayFile', () => {
  it('strips the first root that holds the file', () => {
    expect(displayFile('/tmp/checkout/src/a.js', ['/other', '/tmp/checkout/'])).toBe('src/a.js');
    expect(displayFile('/tmp/checkout-b/src/a.js', ['/tmp/checkout'])).toBe('/tmp/checkout-b/src/a.js');
  });

  it('shows packages outside of the roots from node_modules on', () => {
    expect(displayFile('/home/x/node_modules/pg/a.js', ['/app'])).toBe('node_modules/pg/a.js');
  });

  it('leaves URLs alone', () => {
    expect(displayFile('node:fs', ['/'])).toBe('node:fs');
  });
});

describe('names of runtime code', () => {
  it.each([
    ['stringify', 'JSON.stringify', 'json', true],
    ['RegExp: ^a+$', 'RegExp', 'regexp', true],
    ['pbkdf2Sync@node:internal/crypto/pbkdf2:61', 'crypto.pbkdf2Sync', 'crypto', true],
    ['syncBufferWrapper@node:zlib:765', 'zlib.*Sync', 'compression', true],
    ['readFileSync@node:fs:440', 'fs.readFileSync', 'sync-io', true],
    ['readFile@node:fs:440', 'fs.readFile', 'other', true],
    ['execFileSync@node:child_process:1', 'child_process.execFileSync', 'sync-io', true],
    ['end@node:_http_outgoing:1033', 'http.end', 'other', false],
    ['emit@node:events:470', 'events.emit', 'other', false],
    ['Socket._write@node:net:1', 'net.Socket._write', 'other', false],
    [
      'writevGeneric@node:internal/stream_base_commons:1',
      'stream_base_commons.writevGeneric',
      'other',
      false,
    ],
  ])('%s is %s', (text, name, category, charged) => {
    expect(nameRuntimeCall(frame(text))).toEqual({ name, category, charged });
  });

  it('names native code by its caller', () => {
    const native = frame('run');
    expect(labelFrame(native, frame('pbkdf2Sync@node:internal/crypto/pbkdf2:61'))).toBe(
      'native under crypto.pbkdf2Sync',
    );
    expect(labelFrame(native, frame('hash@/app/a.js:1'))).toBe('native under hash');
    expect(labelFrame(native)).toBe('native run');
  });
});
