export const usage = `Usage: hookshake-simulator [options]

An Asana for webhooks on 127.0.0.1: API under /api/1.0, controls under /control.

  --port <number>          where it listens; 0 takes a free port (4000)
  --seed <number>          fixes gids, tokens and secrets (1)
  --refuse-local-targets   answers 403 to targets on localhost, as Asana does
  --knob <name>=<value>    any option of createSimulator, for example --knob deadlineMs=500; may be repeated
  -h, --help               this text`;

export interface StartFacts {
  readonly url: string;
  readonly token: string;
  readonly workspace: string;
  readonly project: string;
  readonly section: string;
  readonly task: string;
}

/** What a newcomer needs: who one is, what there is, and the commands to try. */
export function startText({ url, token, workspace, project, section, task }: StartFacts): string {
  return `A simulated Asana listens on ${url}

  token      ${token}
  workspace  ${workspace}
  project    ${project}   Bugs
  section    ${section}   To do, in Bugs
  task       ${task}   Mend the door, in To do

Create a webhook. Your receiver must be up, and expect the handshake of its hook, 'bugs' here:

  curl -X POST ${url}/api/1.0/webhooks \\
    -H "Authorization: Bearer ${token}" \\
    -d "resource=${project}" \\
    -d "target=http://localhost:3000/webhooks/asana/bugs"

Or let a program do that, with the names that docs/developing.md uses:

  export ASANA_API_URL=${url}/api/1.0 ASANA_TOKEN=${token} ASANA_PROJECT=${project} ASANA_WORKSPACE=${workspace}

Let something happen. The events are on their way a moment later:

  curl -X POST ${url}/control/resources/${task}/changes -d '{"field":"completed"}'

See what was sent and how it was answered, and your webhooks as Asana's API tells of them:

  curl ${url}/control/deliveries
  curl "${url}/api/1.0/webhooks?workspace=${workspace}&opt_pretty" -H "Authorization: Bearer ${token}"

Let eight hours pass (a heartbeat is due), make the next delivery come twice, or play the stranger:

  curl -X POST ${url}/control/advance -d '{"ms":28800000}'
  curl -X POST ${url}/control/faults -d '{"fault":"duplicate"}'
  curl -X POST ${url}/control/forgeries -d '{"forge":"handshake","target":"http://localhost:3000/webhooks/asana/bugs"}'

Deliveries are printed below. Ctrl-C ends the simulator, and it forgets everything.
`;
}
