import { BlockList, isIP } from 'node:net';
import type { Knobs } from '../resolve-options.js';
import { refusals } from './refusal.js';

const privateNetworks = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateNetworks.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  privateNetworks.addSubnet(network, prefix, 'ipv6');
}

const localNames = /(^|\.)(localhost|local|internal|test|invalid)$/;

/**
 * Asana cannot reach a laptop, and says so before it tries. Names are judged as written, without a look-up.
 * @throws Refusal 403
 */
export function checkTarget(target: string, knobs: Knobs): void {
  const url = URL.canParse(target) ? new URL(target) : undefined;
  const isAllowed =
    url !== undefined &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && knobs.allowHttpTargets)) &&
    (knobs.allowLocalTargets || isPublicHost(url.hostname));
  if (!isAllowed) throw refusals.localTarget(knobs.localTargetMessage);
}

function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const family = isIP(host);
  if (family === 4) return !privateNetworks.check(host, 'ipv4');
  if (family === 6) return !privateNetworks.check(host, 'ipv6');
  return host.includes('.') && !localNames.test(host);
}
