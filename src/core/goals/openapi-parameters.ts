import { isRecord } from './imported-requests.ts';
import { showValue, type Fields } from './openapi-values.ts';
import type { References } from './resolve-reference.ts';
import { exampleOfSchema } from './schema-example.ts';
import type { ExampleValue } from './schema-example.ts';

/** Path parameters always, others where they are required or the document shows a value. */
export function isWanted(parameter: Fields, references: References): boolean {
  if (parameter['in'] === 'path' || parameter['required'] === true) return true;
  return parameter['deprecated'] !== true && !parameterExample(parameter, references).guessed;
}

export function parameterExample(parameter: Fields, references: References): ExampleValue {
  const own = exampleOfMedia(parameter, references);
  if (own !== undefined) return { value: own, guessed: false };
  const content = Object.values(isRecord(parameter['content']) ? parameter['content'] : {})[0];
  // Swagger 2 has the schema's keywords in the parameter itself.
  return exampleOfSchema(
    parameter['schema'] ?? references.follow(content)['schema'] ?? parameter,
    references,
  );
}

/** `example`, or the first of the named `examples`. */
export function exampleOfMedia(media: Fields, references: References): unknown {
  const { example, examples } = media;
  if (example !== undefined) return example;
  if (!isRecord(examples)) return undefined;
  return references.follow(Object.values(examples)[0])['value'];
}

/** Styles of OpenAPI 3 (form, exploded unless said otherwise) and `collectionFormat` of Swagger 2 (csv). */
export function queryPairs(parameter: Fields, value: unknown): readonly string[] {
  const name = encodeURIComponent(String(parameter['name']));
  const pair = (key: string, item: unknown): string => `${key}=${encodeURIComponent(showValue(item))}`;
  if (Array.isArray(value)) {
    const isExploded =
      parameter['schema'] === undefined
        ? parameter['collectionFormat'] === 'multi'
        : parameter['explode'] !== false;
    // Commas between values stay as they are; inside of values they are encoded.
    const joined = value.map((item) => encodeURIComponent(showValue(item))).join(',');
    return isExploded ? value.map((item) => pair(name, item)) : [`${name}=${joined}`];
  }
  if (isRecord(value)) {
    const isDeep = parameter['style'] === 'deepObject';
    return Object.entries(value).map(([key, item]) =>
      pair(isDeep ? `${name}[${encodeURIComponent(key)}]` : encodeURIComponent(key), item),
    );
  }
  return [pair(name, value)];
}
