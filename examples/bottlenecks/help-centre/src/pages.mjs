import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CONTENT = fileURLToPath(new URL('../content', import.meta.url));

/** The text of a page, as Markdown; undefined when there is none. */
export function readPage(slug) {
  const file = join(CONTENT, `${slug}.md`);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Titles of all pages in the order that the editors chose. */
export function readContents() {
  return readdirSync(CONTENT)
    .filter((name) => name.endsWith('.md') && statSync(join(CONTENT, name)).isFile())
    .map((name) => describePage(basename(name, '.md')))
    .sort((a, b) => a.order - b.order)
    .map(({ slug, title }) => ({ slug, title }));
}

function describePage(slug) {
  const text = readPage(slug);
  const title = /^# (.+)$/m.exec(text)?.[1] ?? slug;
  return { slug, title, order: Number(/^Order: (\d+)$/m.exec(text)?.[1] ?? 0) };
}
