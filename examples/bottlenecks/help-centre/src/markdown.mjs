const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escape(text) {
  return text.replace(/[&<>"]/g, (sign) => ESCAPES[sign]);
}

/** The little Markdown that the editors use: a heading, and paragraphs. */
export function toHtml(markdown) {
  return markdown
    .split(/\n{2,}/)
    .filter((block) => block.trim() !== '' && !block.startsWith('Order: '))
    .map((block) =>
      block.startsWith('# ') ? `<h1>${escape(block.slice(2))}</h1>` : `<p>${escape(block.trim())}</p>`,
    )
    .join('\n');
}
