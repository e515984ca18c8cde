import ipaddr from 'ipaddr.js';

/**
 * Whether an IP address lies in the public internet: not private, loopback, link-local, carrier
 * NAT, multicast, reserved, nor an IPv6 form that wraps such an IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` turns ::ffff:127.0.0.1 into 127.0.0.1. Other wrappings (6to4, Teredo, NAT64) have
  // ranges of their own and are thereby not `unicast`.
  return ipaddr.process(address).range() === 'unicast';
}

/** The host of a URL as an address: without the brackets of IPv6. */
export function hostAddress(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
