/** How often each reason came up, to be told at the end. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(reason: string, times = 1): void {
    if (times > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + times);
  }

  /** "static assets (3), failed calls (1)"; empty when nothing came up. */
  toString(): string {
    return [...this.#counts].map(([reason, times]) => `${reason} (${times})`).join(', ');
  }
}
