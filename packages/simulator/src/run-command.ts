import { parseArgs } from 'node:util';
import { createSimulator, type Simulator } from './create-simulator.js';
import type { Delivery } from './delivery/create-delivery-log.js';
import type { SimulatorOptions } from './simulator-options.js';
import { startText, usage } from './start-text.js';

/**
 * The command behind `npx @hookshake/simulator`: an Asana on this machine, with a few things in it.
 * Gives the simulator that now listens; none when only help was asked for.
 */
export async function runCommand(
  args: readonly string[],
  print: (text: string) => void,
): Promise<Simulator | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '4000' },
      seed: { type: 'string', default: '1' },
      'refuse-local-targets': { type: 'boolean', default: false },
      knob: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    print(usage);
    return undefined;
  }
  const simulator = createSimulator({
    allowLocalTargets: !values['refuse-local-targets'],
    clock: 'running',
    seed: Number(values.seed),
    onDelivery: (delivery) => print(describeDelivery(delivery)),
    ...Object.fromEntries(values.knob.map(readKnob)),
  } as SimulatorOptions);
  await simulator.listen(Number(values.port));

  const project = simulator.resource({ resource_type: 'project', name: 'Bugs' });
  const section = simulator.resource({ resource_type: 'section', name: 'To do', parent: project });
  const task = simulator.resource({ resource_type: 'task', name: 'Mend the door', parent: section });
  const { url, workspace } = simulator;
  print(startText({ url, token: simulator.token(), workspace, project, section, task }));
  return simulator;
}

/** `name=value`, the value as JSON where it is JSON: 5, true, [200]; else as text. */
function readKnob(text: string): [string, unknown] {
  const [name = '', ...rest] = text.split('=');
  const value = rest.join('=');
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
}

function describeDelivery({ kind, target, events, answer, retry, forged }: Delivery): string {
  const met =
    'status' in answer ? `${answer.status} ${answer.statusText}` : `${answer.failure}: ${answer.detail}`;
  const what = kind === 'events' ? `${events.length} ${events.length === 1 ? 'event' : 'events'}` : kind;
  const notes = [forged ? 'forged' : '', retry > 0 ? `retry ${retry}` : ''].filter((note) => note !== '');
  return `${what}${notes.length > 0 ? ` (${notes.join(', ')})` : ''} → ${target} → ${met}`;
}
