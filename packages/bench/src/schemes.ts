import { createHmac } from 'node:crypto';

/** How a service signs: the headers of a delivery with this body. */
export type Scheme = (body: Buffer, secret: string) => Readonly<Record<string, string>>;

export const MOUNT = '/webhooks/asana';

/** The secret of all cases; that of Svix' scheme is the same in Base64. */
export const SECRET = 'b537207f20cbfa02357cf448134da559';

const hex = (secret: string, ...parts: readonly (string | Buffer)[]) => hmac(secret, parts).digest('hex');
const base64 = (secret: string, ...parts: readonly (string | Buffer)[]) =>
  hmac(secret, parts).digest('base64');
const nowSeconds = () => String(Math.floor(Date.now() / 1000));

export const asana: Scheme = (body, secret) => ({ 'x-hook-signature': hex(secret, body) });

export const github: Scheme = (body, secret) => ({
  'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
  'x-github-event': 'push',
  'x-hub-signature-256': `sha256=${hex(secret, body)}`,
});

export const slack: Scheme = (body, secret) => {
  const at = nowSeconds();
  return {
    'x-slack-request-timestamp': at,
    'x-slack-signature': `v0=${hex(secret, `v0:${at}:`, body)}`,
  };
};

export const standardWebhooks: Scheme = (body, secret) => {
  const [id, at] = ['msg_2KWPBgLlAfxdpx2AI54pPJ85f4W', nowSeconds()];
  return {
    'webhook-id': id,
    'webhook-timestamp': at,
    'webhook-signature': `v1,${base64(secret, `${id}.${at}.`, body)}`,
  };
};

export const line: Scheme = (body, secret) => ({ 'x-line-signature': base64(secret, body) });

export const stripe: Scheme = (body, secret) => {
  const at = nowSeconds();
  return { 'stripe-signature': `t=${at},v1=${hex(secret, `${at}.`, body)}` };
};

function hmac(secret: string, parts: readonly (string | Buffer)[]): ReturnType<typeof createHmac> {
  const hash = createHmac('sha256', secret);
  for (const part of parts) hash.update(part);
  return hash;
}
