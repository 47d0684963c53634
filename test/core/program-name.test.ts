import { expect, it } from 'vitest';
import { programName } from '../../src/core/program-name.ts';

it.each([
  [['node', 'a.js'], 'node'],
  [['/usr/local/bin/node'], 'node'],
  [['C:\\Program Files\\nodejs\\node.exe'], 'node'],
  [['./npx.cmd'], 'npx'],
  [[], ''],
])('%j starts %j', (command, name) => {
  expect(programName(command)).toBe(name);
});
