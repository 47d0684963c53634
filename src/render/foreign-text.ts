/**
 * Text that a measured program, a file name or a symbol carries is untrusted: an agent reads it. It is stripped of what a
 * terminal or a model could take for more than text, cut, and fenced as data.
 */
const MAX_CHARACTERS = 2000;

export function quoteForeignText(text: string, maxCharacters = MAX_CHARACTERS): string {
  const clean = stripControl(text).trim().replaceAll('```', "'''");
  const cut = clean.length > maxCharacters ? `… ${clean.slice(-maxCharacters)}` : clean;
  return `\`\`\`text\n${cut}\n\`\`\``;
}

/** One line, for names inside a sentence or a table. */
export function foreignName(text: string, maxCharacters = 120): string {
  const clean = stripControl(text).replaceAll(/\s+/g, ' ').trim();
  return clean.length > maxCharacters ? `${clean.slice(0, maxCharacters - 1)}…` : clean;
}

function stripControl(text: string): string {
  return (
    text
      // ANSI escape sequences (ECMA-48 CSI and OSC), then other control characters but newline and tab.
      .replaceAll(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '')
      .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
      // What is not seen can hide or reorder text: zero-width and bidirectional marks, soft hyphens, tags (all of category
      // Cf), and the supplementary variation selectors, which can carry bytes.
      .replaceAll(/[\p{Cf}\u{e0100}-\u{e01ef}]/gu, '')
  );
}
