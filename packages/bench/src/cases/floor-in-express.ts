import express from 'express';
import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';
import { MOUNT } from '../schemes.js';
import { handleByHand } from './floor.js';

/** The floor below a mount of Express, without a body parser: what Express itself adds to it. */
export async function startFloorInExpress(context: CaseContext): Promise<RunningCase> {
  const app = express();
  app.use(MOUNT, handleByHand(context));
  return { server: await listening(app) };
}
