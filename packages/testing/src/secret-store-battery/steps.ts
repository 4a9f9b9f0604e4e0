import { deepEqual, equal, notEqual } from 'node:assert/strict';
import type { SecretStore, StoredSecret, WindowOptions } from '@hookshake/core';

/** Two minutes, as a receiver asks for. */
export const WITHIN_MS = 120_000;

const WINDOW: WindowOptions = { withinMs: WITHIN_MS, confirm: false };
const CONFIRMING: WindowOptions = { withinMs: WITHIN_MS, confirm: true };

/** Opens a window that must open, and returns its id. */
export async function openWindow(
  store: SecretStore,
  hookId: string,
  options: WindowOptions = WINDOW,
): Promise<string> {
  const windowId = await store.open(hookId, options);
  equal(typeof windowId, 'string', 'a window opens while none is open');
  notEqual(windowId, '', 'a window has an id');
  return windowId ?? '';
}

/** Opens a window whose secret has to be confirmed. */
export function openConfirming(store: SecretStore, hookId: string): Promise<string> {
  return openWindow(store, hookId, CONFIRMING);
}

/** Takes a secret through a window that has to confirm it, and returns the window's id. */
export async function takePending(store: SecretStore, hookId: string, secret: string): Promise<string> {
  const windowId = await openConfirming(store, hookId);
  equal(await store.accept(hookId, secret, 'window'), 'stored');
  return windowId;
}

/** Stores and confirms a secret, labelled with its webhook. */
export async function confirmSecret(
  store: SecretStore,
  hookId: string,
  secret: string,
  webhook: string,
): Promise<void> {
  const windowId = await takePending(store, hookId, secret);
  equal(await store.settle(hookId, windowId, secret, { webhook }), 'confirmed');
}

/** Stores `count` secrets: `secret-1` and so on. */
export async function fill(store: SecretStore, hookId: string, count: number): Promise<void> {
  for (let number = 1; number <= count; number++) {
    equal(await store.accept(hookId, `secret-${number}`, 'always'), 'stored');
  }
}

/** The hook's secrets with just what the interface promises, in the order of their text. */
export async function held(store: SecretStore, hookId: string): Promise<readonly StoredSecret[]> {
  const all = await store.find(hookId);
  return all
    .map(({ secret, webhook, pending }) => ({
      secret,
      ...(webhook !== undefined && { webhook }),
      ...(pending !== undefined && { pending }),
    }))
    .sort((a, b) => (a.secret < b.secret ? -1 : 1));
}

/** Asserts which secrets a hook holds, whatever their order. */
export async function holds(
  store: SecretStore,
  hookId: string,
  expected: readonly StoredSecret[],
): Promise<void> {
  const sorted = [...expected].sort((a, b) => (a.secret < b.secret ? -1 : 1));
  deepEqual(await held(store, hookId), sorted);
}

/** How often each value occurs. */
export function tally(values: readonly (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}
