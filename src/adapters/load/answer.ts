/** A complete answer, as far as expectations and extractions look at it. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** Complete where something is expected of it; else its start. */
  readonly body: string | Buffer;
}

export interface AnswerHeaders {
  /** Values of one name are joined by ", "; undefined when there is none. The name is lower-case. */
  get(name: string): string | undefined;
  /** Set-Cookie lines, one for each cookie. */
  cookies(): readonly string[];
}

/** Node.js' and undici's form: by lower-case name. */
export function headersOf(
  fields: Readonly<Record<string, string | readonly string[] | undefined>>,
): AnswerHeaders {
  return {
    get: (name) => {
      const value = fields[name];
      return typeof value === 'string' || value === undefined ? value : value.join(', ');
    },
    cookies: () => {
      const lines = fields['set-cookie'];
      return lines === undefined ? [] : typeof lines === 'string' ? [lines] : lines;
    },
  };
}

/** The parser's form: names and values in turn, as they stood in the answer. */
export function rawHeadersOf(raw: readonly string[]): AnswerHeaders {
  const valuesOf = (name: string): readonly string[] =>
    raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name);
  return {
    get: (name) => {
      const values = valuesOf(name);
      return values.length === 0 ? undefined : values.join(', ');
    },
    cookies: () => valuesOf('set-cookie'),
  };
}

/** Undefined when the body is no JSON. */
export function parseBody({ body }: Pick<Answer, 'body'>): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}
