import { randomUUID } from 'node:crypto';

/** Answers by idempotency key: a client that asks again with its key gets what it got. */
const answers = new Map();

export function keyOf(request) {
  return request.headers['idempotency-key'] ?? randomUUID();
}

export function recall(key) {
  return answers.get(key);
}

export function remember(key, status, body) {
  const answer = {
    status,
    text: JSON.stringify(body),
    headers: headersOf(body),
  };
  answers.set(key, answer);
  return answer;
}

function headersOf(body) {
  return { 'content-type': 'application/json', 'x-fields': Object.keys(body).join(',') };
}
