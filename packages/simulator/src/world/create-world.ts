import type { Random } from '../create-random.js';
import { rejectUnknown } from '../reject-unknown.js';
import { SimulatorError } from '../simulator-error.js';

/** A thing in Asana's world. */
export interface Resource {
  readonly gid: string;
  readonly resource_type: string;
  readonly resource_subtype: string | undefined;
  readonly name: string;
  /** What it is in: its events bubble up to these. A task may be in several projects. */
  readonly parents: Set<Resource>;
  /** Gid of the workspace it belongs to for good. */
  readonly workspace: string;
}

export interface NewResource {
  /** Any of Asana's types: `task`, `project`, `section`, `story`, `portfolio`, `team`, … */
  readonly resource_type: string;
  /** @defaultValue drawn */
  readonly gid?: string | undefined;
  /** @defaultValue `default_task` for tasks, else none */
  readonly resource_subtype?: string | undefined;
  readonly name?: string | undefined;
  /**
   * Gid of what it is in, or several. A task in a section is in the section's project, too.
   * @defaultValue the workspace
   */
  readonly parent?: string | readonly string[] | undefined;
}

/** The resources, and what is in what. */
export interface World {
  readonly workspace: Resource;
  /** @throws SimulatorError `unknown_resource`, `duplicate_gid`, `unknown_option` or `invalid_option` */
  add(resource: NewResource): Resource;
  find(gid: string): Resource | undefined;
  /** @throws SimulatorError `unknown_resource` */
  get(gid: string): Resource;
}

export function createWorld(random: Random): World {
  const resources = new Map<string, Resource>();
  const workspace = keep({ resource_type: 'workspace', name: 'Simulated workspace' }, []);

  function keep(given: NewResource, parents: readonly Resource[]): Resource {
    const { resource_type, resource_subtype = resource_type === 'task' ? 'default_task' : undefined } = given;
    const { gid = random.gid(), name = `A ${resource_type}` } = given;
    if (resources.has(gid)) {
      throw new SimulatorError('duplicate_gid', `The gid ${gid} is taken. Leave it out, and one is drawn.`);
    }
    const within = parents[0]?.workspace ?? gid;
    const resource = {
      gid,
      resource_type,
      resource_subtype,
      name,
      parents: new Set(parents),
      workspace: within,
    };
    resources.set(gid, resource);
    return resource;
  }

  function add(given: NewResource): Resource {
    rejectUnknown('A resource', given, ['resource_type', 'gid', 'resource_subtype', 'name', 'parent']);
    if (typeof given.resource_type !== 'string' || given.resource_type === '') {
      throw new SimulatorError('invalid_option', "A resource needs a 'resource_type', such as 'task'.");
    }
    const gids = [given.gid ?? [], given.parent ?? []].flat();
    if (!gids.every((gid) => typeof gid === 'string' && gid !== '')) {
      throw new SimulatorError('invalid_option', 'A gid is a text, as in Asana.');
    }
    if (given.parent !== undefined) return keep(given, [given.parent].flat().map(get));
    return keep(given, given.resource_type === 'workspace' ? [] : [workspace]);
  }

  function get(gid: string): Resource {
    const resource = resources.get(gid);
    if (resource !== undefined) return resource;
    throw new SimulatorError(
      'unknown_resource',
      `There is no resource ${gid}. Add it first: resource({ … }).`,
    );
  }

  return { workspace, add, find: (gid) => resources.get(gid), get };
}

/** The resource itself, and everything it is in, near and far. */
export function listAncestors(resource: Resource): ReadonlySet<Resource> {
  const found = new Set([resource]);
  for (const member of found) for (const parent of member.parents) found.add(parent);
  return found;
}
