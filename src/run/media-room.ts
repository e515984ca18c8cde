import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobStore, createBlobStore } from '../store/blobs.ts';

/** Where the media of a trial is kept, and for how long. */
export interface MediaRoom {
  of(trialId: string): BlobStore;
  /** The trial's media has been looked at by every detector. */
  done(trialId: string): Promise<void>;
}

/** `retention: media`: one store for all runs of a folder; nothing is deleted. */
export function keepMedia(blobs: BlobStore): MediaRoom {
  return { of: () => blobs, done: async () => undefined };
}

/**
 * `retention: hash`: media stands in a folder of its trial until it was looked at. Trials share no
 * file, so that no deletion can take another trial's equal bytes.
 */
export function discardMedia(runFolder: string): MediaRoom {
  const folderOf = (trialId: string): string => join(runFolder, 'pending-media', trialId);
  return {
    of: (trialId) => createBlobStore(folderOf(trialId)),
    done: (trialId) => rm(folderOf(trialId), { recursive: true, force: true }),
  };
}
