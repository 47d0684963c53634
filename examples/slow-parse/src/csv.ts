/** One record of RFC 4180 from `start`; fields may be quoted, and quoted fields may hold commas, quotes and line breaks. */
export function readRecord(
  text: string,
  start: number,
): { readonly fields: string[]; readonly next: number } {
  const fields: string[] = [];
  let at = start;
  for (;;) {
    let field = '';
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        if (quote < 0) throw new SyntaxError(`a quote that opens at ${start} is never closed`);
        field += text.slice(at, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        field += '"';
        at += 1;
      }
    } else {
      const from = at;
      while (at < text.length && text[at] !== ',' && text[at] !== '\n') at += 1;
      field = text.slice(from, at);
    }
    fields.push(field);
    if (text[at] === ',') {
      at += 1;
      continue;
    }
    if (at < text.length && text[at] !== '\n')
      throw new SyntaxError(`unexpected text after a quoted field at ${at}`);
    return { fields, next: at + 1 };
  }
}
