/** Statements are shown in full by inspect_evidence; a title has this many characters for one. */
const SHOWN_CHARACTERS = 100;

export function shortenStatement(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
