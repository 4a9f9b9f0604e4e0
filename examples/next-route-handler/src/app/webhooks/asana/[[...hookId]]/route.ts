import { createFetchHandler } from '@hookshake/core/fetch';
import { receiver } from '../../../../receiver.js';

export const POST = createFetchHandler(receiver, { basePath: '/webhooks/asana' });
