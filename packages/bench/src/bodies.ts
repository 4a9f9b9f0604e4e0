const FIRST_EVENT_AT = Date.UTC(2026, 10, 1);
const CREATED_AT = '2026-11-01T00:00:00.000Z';

/**
 * Bodies of deliveries, each with newer events than the one before. A receiver skips events it has handled, so none may
 * come twice. All share one buffer: use it before you take the next.
 */
export function* newBodies(events: number): Generator<Buffer, never> {
  const body = bodyOf(events);
  const places = placesOf(body, CREATED_AT);
  const times = timesFrom(FIRST_EVENT_AT);
  while (true) {
    for (const place of places) body.write(times.next().value, place, 'latin1');
    yield body;
  }
}

/** Each millisecond as text; to write each of them whole would take as long as all the rest of a body. */
function* timesFrom(start: number): Generator<string, never> {
  for (let second = start; ; second += 1_000) {
    const text = new Date(second).toISOString();
    for (let ms = 0; ms < 1_000; ms++) yield `${text.slice(0, -4)}${String(ms).padStart(3, '0')}Z`;
  }
}

/** Events as Asana sends them: three of four are changes, every fourth is a task added to a project. */
function bodyOf(events: number): Buffer {
  const entries = Array.from({ length: events }, (_, index) => {
    const common = {
      user: { gid: '1198829643564474', resource_type: 'user' },
      created_at: CREATED_AT,
    };
    const resource = {
      gid: String(1_199_170_056_173_519 + index),
      resource_type: 'task',
      resource_subtype: 'default_task',
    };
    if (index % 4 === 3) {
      const parent = { gid: '1199170056173001', resource_type: 'project' };
      return { ...common, action: 'added', resource, parent };
    }
    const assignee = { gid: String(1_198_829_643_564_000 + index), resource_type: 'user' };
    const change = { field: 'assignee', action: 'changed', new_value: assignee };
    return { ...common, action: 'changed', resource, parent: null, change };
  });
  return Buffer.from(JSON.stringify({ events: entries }));
}

function placesOf(body: Buffer, text: string): readonly number[] {
  const places: number[] = [];
  for (let at = body.indexOf(text); at !== -1; at = body.indexOf(text, at + text.length)) places.push(at);
  return places;
}
