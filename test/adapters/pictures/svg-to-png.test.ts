import { readdir } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPngRenderer } from '../../../src/adapters/pictures/svg-to-png.ts';
import type { PngRenderer } from '../../../src/core/ports/pictures.ts';
import { renderPlot } from '../../../src/render/plot-svg.ts';
import { bundleChildren, type BundledChildren } from '../../support/bundle-children.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';

const processes = createSimpleProcesses();
/** The system's is everybody's: other tests make such directories there at the same time. */
const temporary = createTemporaryDirectory();
let children: BundledChildren;
let pictures: PngRenderer;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/pictures', ['child-svg-to-png']);
  pictures = createPngRenderer({ processes, childFile: children.file('child-svg-to-png') });
  vi.stubEnv('TMPDIR', temporary.path);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await processes.killAll();
  await children.remove();
});

const signal = new AbortController().signal;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Pixels that are not white. */
  readonly inked: number;
}

/** Reads 8-bit RGBA PNG without interlace, which is what resvg writes (PNG specification, 3rd edition, 9 and 10). */
function readPng(png: Uint8Array): Pixels {
  const view = Buffer.from(png);
  expect(view.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const data: Buffer[] = [];
  let [width, height] = [0, 0];
  for (let at = 8; at < view.length;) {
    const length = view.readUInt32BE(at);
    const type = view.toString('latin1', at + 4, at + 8);
    const body = view.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      expect([...body.subarray(8)]).toEqual([8, 6, 0, 0, 0]);
    }
    if (type === 'IDAT') data.push(body);
    at += 12 + length;
  }
  return { width, height, inked: countInk(inflateSync(Buffer.concat(data)), width * 4) };
}

function countInk(filtered: Buffer, stride: number): number {
  let before = new Uint8Array(stride);
  let inked = 0;
  for (let at = 0; at < filtered.length; at += stride + 1) {
    const row = new Uint8Array(stride);
    for (let i = 0; i < stride; i++) {
      const [left, up, corner] = [
        i < 4 ? 0 : (row[i - 4] ?? 0),
        before[i] ?? 0,
        i < 4 ? 0 : (before[i - 4] ?? 0),
      ];
      row[i] = (filtered[at + 1 + i] ?? 0) + predictor(filtered[at] ?? 0, left, up, corner);
    }
    for (let i = 0; i < stride; i += 4) {
      if ((row[i + 3] ?? 0) > 0 && row.subarray(i, i + 3).some((channel) => channel < 250)) inked++;
    }
    before = row;
  }
  return inked;
}

function predictor(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return Math.floor((left + up) / 2);
    default: {
      const guess = left + up - corner;
      const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
      return (a ?? 0) <= (b ?? 0) && (a ?? 0) <= (c ?? 0) ? left : (b ?? 0) <= (c ?? 0) ? up : corner;
    }
  }
}

const svgOf = (body: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" width="200" height="100"><rect width="200" height="100" fill="#fff"/>${body}</svg>`;

describe('png', () => {
  it('draws shapes at the width that was asked for, and leaves nothing behind', async () => {
    const png = readPng(
      await pictures.png(svgOf('<rect x="50" y="25" width="100" height="50" fill="#000"/>'), {
        signal,
        widthPx: 400,
      }),
    );
    expect(png).toEqual({ width: 400, height: 200, inked: 200 * 100 });
    expect(await readdir(temporary.path)).toEqual([]);
  });

  it.each([
    'DejaVu Sans',
    'DejaVu Sans Mono',
    'ui-monospace, Menlo, monospace',
    'Nobody Has This, sans-serif',
  ])('draws text in our own fonts where the picture asks for %s', async (family) => {
    const drawn = await pictures.png(
      svgOf(
        `<text x="10" y="60" font-family="${family}" font-size="20" fill="#000">throughput µs ≈ κ</text>`,
      ),
      { signal, widthPx: 200 },
    );
    const { inked } = readPng(drawn);
    expect(inked).toBeGreaterThan(300);
  });

  it('draws the texts of a plot', async () => {
    const plot = (label: string) =>
      renderPlot({
        title: label,
        x: { label, scale: 'linear', ticks: [] },
        y: { label, scale: 'linear', ticks: [] },
        series: [{ name: label, draw: 'points', points: [{ x: 1, y: 1 }] }],
      });
    const [without, withTexts] = await Promise.all(
      [plot(''), plot('connections')].map(async (svg) => readPng(await pictures.png(svg, { signal }))),
    );
    expect(withTexts?.width).toBe(1520);
    expect((withTexts?.inked ?? 0) - (without?.inked ?? 0)).toBeGreaterThan(3000);
  });

  it('stops when it is aborted, and leaves nothing behind', async () => {
    const controller = new AbortController();
    const drawing = pictures.png(svgOf(''), { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(drawing).rejects.toThrow('enough');
    expect(await readdir(temporary.path)).toEqual([]);
  });

  it('says so when the picture is not SVG, and what to do instead', async () => {
    await expect(pictures.png('not a picture', { signal })).rejects.toMatchObject({
      kind: 'internal',
      code: 'command_failed',
      fix: expect.stringContaining('SVG') as string,
    });
  });

  it('refuses a width that no picture can have', async () => {
    for (const widthPx of [0, 1.5, 100_000, NaN]) {
      await expect(pictures.png(svgOf(''), { signal, widthPx })).rejects.toMatchObject({ kind: 'input' });
    }
  });
});
