export interface FileSizesRequest {
  /** Absolute path of the checkout. */
  readonly directory: string;
  /** Relative to it; "*" stands for any part of a name. A directory counts with everything below it. */
  readonly paths: readonly string[];
}

/** What a program weighs on disk: a bundle, an image that was saved, generated code. */
export interface FileSizes {
  /** Bytes of the files together, each counted once; links are not followed. Rejects with TargetError expectation_failed when a path finds no file. */
  total(request: FileSizesRequest): Promise<number>;
}
