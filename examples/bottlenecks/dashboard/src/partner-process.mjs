import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../partner/server.mjs', import.meta.url));

/**
 * The address of the partner: PARTNER_URL, else a stand-in on this machine, which ends with us. It has a plain environment,
 * because it is no part of this service.
 */
export async function findPartner() {
  if (process.env.PARTNER_URL !== undefined) return process.env.PARTNER_URL;
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'], env: {} });
  child.unref();
  child.stdin.unref();
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  child.stdout.unref();
  return line.trim();
}
