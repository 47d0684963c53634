import { createServer } from 'node:http';
import { escape, toHtml } from './src/markdown.mjs';
import { readContents, readPage } from './src/pages.mjs';

const server = createServer((request, response) => {
  if (request.url === '/health') return response.end('ok');
  const [, slug] = /^\/help(?:\/([a-z]+))?$/.exec(request.url) ?? [];
  const page = readPage(slug ?? 'delivery');
  if (page === undefined || !request.url.startsWith('/help')) return response.writeHead(404).end('not found');
  const links = readContents().map(
    ({ slug, title }) => `<li><a href="/help/${slug}">${escape(title)}</a></li>`,
  );
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html>\n<nav><ul>${links.join('')}</ul></nav>\n<main>${toHtml(page)}</main>\n`);
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
