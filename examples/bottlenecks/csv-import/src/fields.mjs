class FieldError extends Error {
  constructor(text, wanted) {
    super(`"${text}" is not ${wanted}`);
    this.name = 'FieldError';
  }
}

/** Readers of a field, the strictest first. The last one takes everything. */
const READERS = [readNumber, readDay, readFlag, (text) => text];

/** The value of a field: a number, a day, a flag, else its text. */
export function readField(text) {
  for (const read of READERS) {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
    }
  }
  return text;
}

function readNumber(text) {
  if (!/^-?\d{1,15}(\.\d{1,6})?$/.test(text)) throw new FieldError(text, 'a number');
  return Number(text);
}

function readDay(text) {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) throw new FieldError(text, 'a day');
  return { day: text };
}

function readFlag(text) {
  if (text !== 'yes' && text !== 'no') throw new FieldError(text, 'yes or no');
  return text === 'yes';
}
