import type { CaseContext, RunningCase } from '../case.js';
import { listening } from '../listening.js';

/** What `node:http` itself costs: every delivery is read and answered, and nobody looks at it. */
export async function startNodeHttpAlone(_context: CaseContext): Promise<RunningCase> {
  let answered = 0;
  const server = await listening((request, response) => {
    request.resume();
    request.on('end', () => {
      answered++;
      response.writeHead(204).end();
    });
  });
  return { server, kept: async () => answered };
}
