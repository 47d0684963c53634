import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';

/**
 * Draws the SVG file that the first argument names into the PNG file that the second names, at the width in px of the
 * third. A process of its own, because a fault in native code ends the process that it is in.
 */
const [, , svgFile, pngFile, width] = process.argv;
if (svgFile === undefined || pngFile === undefined || width === undefined) {
  process.stderr.write('usage: child-svg-to-png <svg> <png> <width>\n');
  process.exit(2);
}

/**
 * Our own fonts, and those alone: resvg draws no text at all, and says nothing, where it finds no font, and a picture
 * should look the same on every machine.
 */
const fonts = join(dirname(fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/package.json'))), 'ttf');
const picture = new Resvg(await readFile(svgFile, 'utf8'), {
  font: {
    loadSystemFonts: false,
    fontFiles: [join(fonts, 'DejaVuSans.ttf'), join(fonts, 'DejaVuSansMono.ttf')],
    defaultFontFamily: 'DejaVu Sans',
    sansSerifFamily: 'DejaVu Sans',
    monospaceFamily: 'DejaVu Sans Mono',
  },
  fitTo: { mode: 'width', value: Number(width) },
});
await writeFile(pngFile, picture.render().asPng());
