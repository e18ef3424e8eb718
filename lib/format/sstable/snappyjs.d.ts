declare module 'snappyjs' {
  interface Snappy {
    /** A plain array for a plain array. Stays within no bounds on hostile input: see uncompress-snappy.ts. */
    uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array<ArrayBuffer>;
    compress(uncompressed: Uint8Array): Uint8Array<ArrayBuffer>;
  }
  const snappy: Snappy;
  // A CommonJS package: its whole `exports` is the default.
  // biome-ignore lint/style/noDefaultExport: describes a package of others
  export default snappy;
}
