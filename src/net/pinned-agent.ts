import { lookup } from 'node:dns/promises';
import { Agent } from 'undici';
import { hostAddress, isPublicAddress } from './address.ts';

/**
 * An agent whose connections go to the addresses that were resolved, and checked, here and now: a
 * second resolution cannot give another one.
 *
 * @returns undefined where any of them is not public and that is not allowed.
 */
export async function createPinnedAgent(
  url: URL,
  mayBePrivate: boolean,
): Promise<Agent | undefined> {
  const addresses = await lookup(hostAddress(url), { all: true, verbatim: true });
  if (!mayBePrivate && !addresses.every((entry) => isPublicAddress(entry.address))) {
    return undefined;
  }
  return new Agent({
    connect: {
      lookup: (_hostname, options, callback) => {
        const first = addresses[0];
        if (options.all === true) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family);
      },
    },
    pipelining: 0,
  });
}
