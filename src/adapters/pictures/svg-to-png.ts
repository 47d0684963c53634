import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../core/errors.ts';
import type { PngRenderer } from '../../core/ports/pictures.ts';
import { runPictureChild, type PictureChild } from './run-picture-child.ts';

/** A plot takes 0.3 s, most of it the start of the process. */
const TIMEOUT_MS = 30_000;
/** Twice the width of a plot: sharp on dense displays, and about 60 KB. Unit: px. */
const DEFAULT_WIDTH = 1520;
/** A square of that size takes 256 MB while it is drawn. */
const LARGEST_WIDTH = 8192;

/** resvg as the renderer of SVG that we made: pictures for clients that show PNG only. */
export function createPngRenderer(child: PictureChild): PngRenderer {
  return {
    async png(svg, { signal, widthPx = DEFAULT_WIDTH }) {
      requireWidth(widthPx);
      const directory = await mkdtemp(join(tmpdir(), 'deep-optimize-png-'));
      try {
        const [svgFile, pngFile] = [join(directory, 'picture.svg'), join(directory, 'picture.png')];
        await writeFile(svgFile, svg);
        await runPictureChild(child, {
          what: 'the picture as PNG',
          parameters: [svgFile, pngFile, String(widthPx)],
          directory,
          timeoutMs: TIMEOUT_MS,
          instead: 'Look at the SVG instead.',
          signal,
        });
        return new Uint8Array(await readFile(pngFile));
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

function requireWidth(widthPx: number): void {
  if (Number.isInteger(widthPx) && widthPx >= 1 && widthPx <= LARGEST_WIDTH) return;
  throw new InputError('invalid_arguments', `A picture of ${widthPx} px width cannot be drawn.`, {
    fix: `Give a whole number from 1 to ${LARGEST_WIDTH}.`,
  });
}
