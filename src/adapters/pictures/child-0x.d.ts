declare module '0x' {
  /** The options that are used here (0x 6.0.0 has no types). Resolves to the file:// URL of the HTML. */
  export default function zeroEks(options: {
    readonly visualizeCpuProfile: string;
    readonly workingDir: string;
    readonly title: string;
    readonly name: string;
  }): Promise<string>;
}
