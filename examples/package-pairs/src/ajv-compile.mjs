import Ajv from 'ajv-compile-before';

/** A form whose schema is known only when it is sent: compiled, used once. */
export function run(schema, form) {
  const ajv = new Ajv({ meta: false, validateSchema: false });
  return ajv.compile(schema)(form);
}
