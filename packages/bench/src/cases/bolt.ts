import { type App, ExpressReceiver, HTTPReceiver, LogLevel } from '@slack/bolt';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { MOUNT, SECRET } from '../schemes.js';
import type { Payload } from './checks.js';

const options = {
  signingSecret: SECRET,
  endpoints: MOUNT,
  bodyLimit: '4mb',
  logLevel: LogLevel.ERROR,
};

/** Bolt's receiver for node:http, up to where its app would begin. */
export async function startBoltHttp(context: CaseContext): Promise<RunningCase> {
  const receiver = new HTTPReceiver(options);
  receiver.init(acknowledging(context));
  return { server: await listening((request, response) => receiver.requestListener(request, response)) };
}

/** Bolt's receiver for Express, up to where its app would begin. */
export async function startBoltExpress(context: CaseContext): Promise<RunningCase> {
  const receiver = new ExpressReceiver(options);
  receiver.init(acknowledging(context));
  return { server: await listening(receiver.app) };
}

/** Takes the place of an app, which would know none of the events. */
function acknowledging({ onEvents }: CaseContext): App {
  const app: Pick<App, 'processEvent'> = {
    async processEvent({ body, ack }) {
      onEvents((body as unknown as Payload).events.length);
      await ack();
    },
  };
  return app as App;
}
