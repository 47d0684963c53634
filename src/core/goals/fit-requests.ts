/** As many requests, in their order, as an answer has room for; the first one always. */
export function fitRequests<Request extends object>(
  requests: readonly Request[],
  maxCharacters: number,
): { readonly kept: readonly Request[]; readonly dropped: number } {
  let used = 0;
  const kept = requests.filter((request, index) => {
    const length = JSON.stringify(request).length;
    const fits = index === 0 || used + length <= maxCharacters;
    if (fits) used += length;
    return fits;
  });
  return { kept, dropped: requests.length - kept.length };
}
