/** Where encoded media lies. A path is better: ffmpeg can seek in a file, and nothing is copied. */
export type MediaSource = { readonly path: string } | { readonly bytes: Uint8Array };

/**
 * How ffmpeg and ffprobe are told to read a source.
 *
 * Bytes go in by standard input. A pipe cannot seek, and an MP4 with its index at the end needs
 * to; ffmpeg's own `cache:` gives it that. It keeps what it has read in a nameless file of its own,
 * gone with the process, so that nothing of ours can be left lying about.
 */
export interface FfmpegInput {
  readonly url: string;
  /** Goes before `-i`. Nothing but these protocols may be opened, whatever a file asks for. */
  readonly options: readonly string[];
  readonly stdin: Uint8Array | undefined;
}

export function ffmpegInput(source: MediaSource): FfmpegInput {
  return 'path' in source
    ? // The prefix keeps a file name such as `concat:a` from being read as a protocol.
      {
        url: `file:${source.path}`,
        options: ['-protocol_whitelist', 'file'],
        stdin: undefined,
      }
    : {
        url: 'cache:pipe:0',
        // By default it seeks 64 KiB ahead at most, too little to skip a video to its index.
        options: ['-protocol_whitelist', 'cache,pipe', '-read_ahead_limit', '-1'],
        stdin: source.bytes,
      };
}
