import type { Owner } from './create-accounts.js';
import type { Input } from './read-input.js';

/** A call of the API: who makes it, and with what. */
export interface ApiCall {
  readonly owner: Owner;
  readonly input: Input;
  /** Gid in the path, where there is one. */
  readonly gid: string;
  /** Where the API stands, as the caller sees it; no trailing slash. */
  readonly apiUrl: string;
  /** Parsed `opt_fields`. */
  readonly fields: readonly string[] | undefined;
}

/** What the API answers; `lost` when the caller is to learn nothing of what happened. */
export type ApiAnswer =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly body: object;
    }
  | { readonly lost: 'cut' | 'withheld' };
