/** How much of a file detectors look at: a header, or the first stacks. */
const HEAD_BYTES = 64 * 2 ** 10;

/**
 * The content of a file in the forms that importers ask for. Bytes are decoded for each call of `text` and not kept,
 * because bytes, text and parsed JSON of a 100 MB profile at the same time are half a gigabyte; parsed JSON is kept,
 * because every format in JSON is told by its members.
 */
export interface ImportSource {
  readonly fileName?: string;
  /** For messages: `"a.pprof"`, or "the file". */
  readonly shown: string;
  /** Bytes, or characters where the content came as text. */
  readonly size: number;
  /** The beginning, decoded; a sequence at its end may be broken. */
  readonly head: string;
  bytes(): Uint8Array;
  text(): string;
  /** The whole content as JSON; undefined when it is none. */
  json(): unknown;
  /** Looks like JSON: begins with a bracket. */
  readonly startsAsJson: boolean;
}

export function createImportSource(content: string | Uint8Array, fileName?: string): ImportSource {
  const text = () => (typeof content === 'string' ? withoutMark(content) : decodeText(content));
  const head =
    typeof content === 'string'
      ? withoutMark(content.slice(0, HEAD_BYTES))
      : decodeText(content.subarray(0, HEAD_BYTES));
  const startsAsJson = /^\s*[[{]/.test(head);
  let parsed: { readonly value: unknown } | undefined;
  return {
    ...(fileName === undefined ? {} : { fileName }),
    shown: fileName === undefined ? 'The file' : `"${fileName.slice(0, 200)}"`,
    size: content.length,
    head,
    startsAsJson,
    bytes: () => (typeof content === 'string' ? new TextEncoder().encode(content) : content),
    text,
    json() {
      if (!startsAsJson) return undefined;
      parsed ??= { value: parseJson(text()) };
      return parsed.value;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Files that went through Windows tools come as UTF-16 with a byte-order mark; everything else is UTF-8. */
function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
