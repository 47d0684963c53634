import { open, readFile, stat } from 'node:fs/promises';

/** Empty for what is larger than `maxBytes`, gone, or not to be read: a look at a project goes on without it. */
export async function readTextUpTo(path: string, maxBytes: number): Promise<string> {
  const { size } = await stat(path).catch(() => ({ size: Infinity }));
  return size > maxBytes ? '' : await readFile(path, 'utf8').catch(() => '');
}

/** The first bytes as Latin-1, for the marks that files of a format begin with. */
export async function readStart(path: string, bytes: number): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } catch {
    return '';
  } finally {
    await file.close();
  }
}
