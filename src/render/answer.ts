import type { Envelope } from '../core/model/result.ts';

/** No answer is longer than this, whatever a tool renders: about 8,000 tokens at 4 characters each. */
const MAX_CHARACTERS = 32_000;

/** The text of a result, derived from the data alone: verdict first, then the body, what weakens it, what next. */
export function renderAnswer(result: Envelope, body: string): string {
  const parts = [
    result.summary,
    body,
    result.warnings
      .map((w) => `! ${w.code}: ${w.message}${w.fix === undefined ? '' : ` Fix: ${w.fix}`}`)
      .join('\n'),
    result.next_steps.map((s) => `Next: ${s.tool} ${JSON.stringify(s.arguments)} (${s.why})`).join('\n'),
    result.links.map((l) => `${l.title}: ${l.uri}`).join('\n'),
  ];
  const text = parts.filter((part) => part.trim() !== '').join('\n\n');
  return text.length <= MAX_CHARACTERS
    ? text
    : `${text.slice(0, MAX_CHARACTERS)}\n… cut at ${MAX_CHARACTERS} characters.`;
}
