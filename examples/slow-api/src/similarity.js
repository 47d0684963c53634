const STOP_WORDS = [
  'a',
  'and',
  'as',
  'at',
  'every',
  'for',
  'in',
  'is',
  'its',
  'no',
  'our',
  'say',
  'the',
  'with',
];

/** The different meaningful words of a text: "A Café, at home!" has "cafe" and "home". */
function significantWords(text) {
  const words = text
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9 ]/g, '')
    .split(' ')
    .filter((word) => word !== '' && !STOP_WORDS.includes(word));
  return words.filter((word, position) => words.indexOf(word) === position);
}

function countShared(left, right) {
  let shared = 0;
  for (const item of left) {
    if (right.includes(item)) shared += 1;
  }
  return shared;
}

/** How alike two products are: a shared tag is worth as much as a description that is the same word by word. */
function scoreSimilarity(words, tags, candidate) {
  const candidateWords = significantWords(`${candidate.name} ${candidate.description}`);
  const sharedWords = countShared(words, candidateWords);
  const sharedTags = countShared(tags, candidate.tags.split(', '));
  return sharedTags + sharedWords / (words.length + candidateWords.length - sharedWords);
}

/** The `limit` candidates that are most like `product`, the best one first; the lower id first among equals. */
export function similarProducts(product, candidates, limit) {
  const words = significantWords(`${product.name} ${product.description}`);
  const tags = product.tags.split(', ');
  const score = (candidate) => scoreSimilarity(words, tags, candidate);
  return candidates
    .filter((candidate) => candidate.id !== product.id)
    .sort((a, b) => score(b) - score(a) || a.id - b.id)
    .slice(0, limit)
    .map((candidate) => ({ product: candidate, score: score(candidate) }));
}
