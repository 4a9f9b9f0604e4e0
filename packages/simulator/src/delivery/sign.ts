import { createHmac } from 'node:crypto';

/** The key is the secret's text, not the bytes that its hex digits spell (captured deliveries verify only so). */
export function sign(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}
