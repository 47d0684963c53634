export interface AddedLine {
  /** Relative to the project. */
  readonly file: string;
  /** 1-based, in the candidate. */
  readonly line: number;
  readonly text: string;
}

/** What a unified diff adds, with its place in the new file (format: git-diff(1), "Generating patch text with -p"). */
export function findAddedLines(patch: string): readonly AddedLine[] {
  const added: AddedLine[] = [];
  let file: string | undefined;
  let line = 0;
  // Within a hunk every line is content, even one that begins with "++ b/": the header says how many there are.
  let left = 0;
  for (const text of patch.split('\n')) {
    if (left > 0) {
      if (text.startsWith('-') || text.startsWith('\\')) continue;
      if (text.startsWith('+') && file !== undefined) added.push({ file, line, text: text.slice(1) });
      line += 1;
      left -= 1;
      continue;
    }
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(text);
    if (hunk) {
      line = Number(hunk[1]);
      left = Number(hunk[2] ?? 1);
    } else if (text.startsWith('+++ ')) {
      file = nameOf(text.slice(4));
    }
  }
  return added;
}

/** "b/src/a.js", quoted with C escapes where it holds unusual characters; /dev/null for a file that is gone. */
function nameOf(header: string): string | undefined {
  const quoted = /^"b\/(.*)"$/.exec(header.trim());
  if (quoted) return unquote(quoted[1] ?? '');
  const plain = header.replace(/\t$/, '');
  return plain.startsWith('b/') ? plain.slice(2) : undefined;
}

function unquote(text: string): string {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const octal = /^\\([0-7]{3})/.exec(text.slice(index, index + 4));
    if (octal) {
      bytes.push(Number.parseInt(octal[1] ?? '0', 8));
      index += 3;
    } else {
      if (text[index] === '\\') index += 1;
      bytes.push(...new TextEncoder().encode(text[index] ?? ''));
    }
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
