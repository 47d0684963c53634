/** Pictures that a library draws. */
export interface Pictures extends FlamegraphRenderer, PngRenderer {}

export interface FlamegraphRenderer {
  /** Interactive HTML of one .cpuprofile. */
  html(
    cpuProfile: string,
    options: { readonly title: string; readonly signal: AbortSignal },
  ): Promise<string>;
}

export interface PngRenderer {
  /** The same picture in pixels, with its texts in fonts of our own. `widthPx`: up to 8192, default 1520. */
  png(svg: string, options: { readonly signal: AbortSignal; readonly widthPx?: number }): Promise<Uint8Array>;
}
