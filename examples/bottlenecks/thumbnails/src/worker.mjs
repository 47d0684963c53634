import { parentPort } from 'node:worker_threads';

const SIDE = 256;

/** A picture that stands for one read from a disk: the same for the same number. */
function paint(picture) {
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let at = 0; at < pixels.length; at++) {
    const x = at % SIDE;
    const y = Math.floor(at / SIDE);
    pixels[at] = (x * (picture + 3) + y * 7 + ((x * y) >> 5)) & 255;
  }
  return pixels;
}

/** Each pixel is the mean of those that it stands for. */
function shrink(pixels, width) {
  const step = SIDE / width;
  const small = new Uint8Array(width * width);
  for (let row = 0; row < width; row++) {
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let y = row * step; y < (row + 1) * step; y++) {
        for (let x = column * step; x < (column + 1) * step; x++) sum += pixels[y * SIDE + x];
      }
      small[row * width + column] = Math.round(sum / step ** 2);
    }
  }
  return small;
}

parentPort.on('message', ({ id, picture, width }) => {
  parentPort.postMessage({ id, pixels: shrink(paint(picture), width) });
});
