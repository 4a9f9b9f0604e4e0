import { onTestFinished } from 'vitest';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/index.js';
import { checkAnswer } from './check-answer.js';

/** What a webhook looks like over the API, as far as tests read it. */
interface WebhookRecord {
  readonly gid: string;
  readonly active: boolean;
  readonly target: string;
  readonly resource: { readonly gid: string; readonly resource_type: string; readonly name: string };
  readonly created_at: string;
  readonly last_success_at: string | null;
  readonly last_failure_at: string | null;
  readonly last_failure_content: string;
  readonly delivery_retry_count: number;
  readonly next_attempt_after: string | null;
  readonly failure_deletion_timestamp: string | null;
  readonly filters: readonly object[];
}

interface ApiError {
  readonly message: string;
  readonly help?: string;
  readonly phrase?: string;
  readonly error?: string;
  readonly user_message?: string;
}

interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    readonly data: WebhookRecord;
    readonly 'X-Hook-Secret'?: string;
    readonly next_page: { readonly offset: string; readonly path: string; readonly uri: string } | null;
    readonly errors: readonly [ApiError];
  };
}

interface CallOptions {
  readonly token?: string | null;
  readonly data?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

export interface StartedAsana {
  readonly simulator: Simulator;
  /** One call of the API; its answer is checked against Asana's description. */
  call(method: string, path: string, options?: CallOptions): Promise<ApiResponse>;
  /** Creates a webhook that must come to be, and gives its gid. */
  subscribe(resource: string, target: string, filters?: readonly object[]): Promise<string>;
  read(webhook: string): Promise<WebhookRecord>;
  /** A project with a task in it. */
  readonly project: string;
  readonly task: string;
}

/** A simulator with local targets allowed and no stories, unless told otherwise. */
export async function startAsana(options: SimulatorOptions = {}): Promise<StartedAsana> {
  const simulator = createSimulator({ allowLocalTargets: true, systemStories: false, seed: 7, ...options });
  await simulator.listen(0);
  onTestFinished(() => simulator.close());
  const ownToken = simulator.token();
  const project = simulator.resource({ resource_type: 'project', name: 'Bugs' });
  const task = simulator.resource({ resource_type: 'task', parent: project });

  async function call(method: string, path: string, given: CallOptions = {}): Promise<ApiResponse> {
    const { token = ownToken, data, form } = given;
    const response = await fetch(`${simulator.apiUrl}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(data === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(data === undefined ? {} : { body: JSON.stringify({ data }) }),
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
    const text = await response.text();
    const body = JSON.parse(text);
    await checkAnswer(method, path, response.status, body);
    return { status: response.status, headers: response.headers, text, body };
  }

  async function subscribe(resource: string, target: string, filters?: readonly object[]): Promise<string> {
    const { status, body, text } = await call('POST', '/webhooks', {
      data: { resource, target, ...(filters === undefined ? {} : { filters }) },
    });
    if (status !== 201) throw new Error(text);
    return body.data.gid;
  }

  async function read(webhook: string): Promise<WebhookRecord> {
    return (await call('GET', `/webhooks/${webhook}`)).body.data;
  }

  return { simulator, call, subscribe, read, project, task };
}
