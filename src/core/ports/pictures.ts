/** Pictures of a profile that a library draws. */
export interface FlamegraphRenderer {
  /** Interactive HTML of one .cpuprofile. */
  html(
    cpuProfile: string,
    options: { readonly title: string; readonly signal: AbortSignal },
  ): Promise<string>;
}
