export function inputs() {
  const schema = {
    type: 'object',
    required: ['name', 'address', 'lines'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 80 },
      age: { type: 'integer', minimum: 18, maximum: 120 },
      address: {
        type: 'object',
        required: ['street', 'city'],
        properties: {
          street: { type: 'string', minLength: 3 },
          city: { type: 'string', pattern: '^[A-Z]' },
          zip: { type: 'string', pattern: '^[0-9]{5}$' },
        },
      },
      lines: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['article'],
          properties: { article: { type: 'string' }, quantity: { type: 'integer', minimum: 1 } },
        },
      },
    },
  };
  const form = {
    name: 'Kim',
    age: 33,
    address: { street: 'Long Road 1', city: 'Berlin', zip: '10115' },
    lines: [{ article: 'lamp', quantity: 2 }],
  };
  return [[schema, form]];
}
