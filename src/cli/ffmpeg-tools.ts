import { type FfmpegTools, resolveFfmpeg } from '../media/ffmpeg.ts';
import type { Terminal } from './terminal.ts';

const warned = new WeakSet<Terminal>();

/** The ffmpeg of this machine. Where it is the bundled one, the user is told once. */
export async function ffmpegTools(terminal: Terminal): Promise<FfmpegTools> {
  const tools = await resolveFfmpeg(terminal.env);
  if (tools.warning !== undefined && !warned.has(terminal)) {
    warned.add(terminal);
    terminal.err(`warning: ${tools.warning}`);
  }
  return tools;
}
