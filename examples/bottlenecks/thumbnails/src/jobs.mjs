import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** Between two looks at a job, in ms. */
const PAUSE_MS = 20;

const worker = new Worker(new URL('./worker.mjs', import.meta.url));
worker.unref();

const jobs = new Map();
let last = 0;

worker.on('message', ({ id, pixels }) => {
  const job = jobs.get(id);
  job.pixels = pixels;
  job.finished();
});

/** The worker makes one after the other; the answer is given when the thumbnail is there. */
export async function makeThumbnail(picture, width) {
  const id = ++last;
  const job = { pixels: undefined };
  job.done = new Promise((resolve) => (job.finished = resolve));
  jobs.set(id, job);
  worker.postMessage({ id, picture, width });
  await waitFor(job);
  jobs.delete(id);
  return { picture, width, pixels: Buffer.from(job.pixels).toString('base64') };
}

async function waitFor(job) {
  while (job.pixels === undefined) await sleep(PAUSE_MS);
}
