import { isRecord } from './imported-requests.ts';

/**
 * Follows the local references (`{"$ref": "#/components/schemas/Post"}`) of one document, as RFC 6901 pointers. The
 * libraries that do this also fetch files and addresses, which a look at a project must not, and the kept ones need a
 * newer Node.js than ours (docs/adr/0012).
 */
export interface References {
  /** The object that stands there in the end; an empty one when nothing does. */
  follow(value: unknown): Readonly<Record<string, unknown>>;
  /** References that lead out of the document, to nothing or in a circle. */
  readonly broken: ReadonlySet<string>;
}

/** A reference to a reference to a reference is written by nobody; a circle is. */
const MAX_HOPS = 20;

export function createReferences(document: unknown): References {
  const broken = new Set<string>();
  return {
    broken,
    follow: (value) => {
      let current = value;
      for (let hop = 0; isRecord(current) && typeof current['$ref'] === 'string'; hop++) {
        const pointer = current['$ref'];
        const next = hop < MAX_HOPS ? at(document, pointer) : undefined;
        if (next === undefined) {
          broken.add(pointer);
          return {};
        }
        current = next;
      }
      return isRecord(current) ? current : {};
    },
  };
}

function at(document: unknown, pointer: string): unknown {
  if (!pointer.startsWith('#')) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .slice(1)
    .map((part) => decode(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, part) => {
      if (typeof value !== 'object' || value === null) return undefined;
      const member: unknown = Object.getOwnPropertyDescriptor(value, part)?.value;
      return member;
    }, document);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
