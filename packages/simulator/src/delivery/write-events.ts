import type { Random } from '../create-random.js';
import type { AsanaEvent } from '../world/asana-event.js';

/** A delivery's body: compact, each event's keys in an order of its own, as captured from Asana. */
export function writeEvents(events: readonly AsanaEvent[], random: Random): string {
  const written = events.map((event) =>
    JSON.stringify(Object.fromEntries(random.shuffle(Object.entries(event)))),
  );
  return `{"events":[${written.join(',')}]}`;
}

/** The same, legal but as no serialiser writes it: white space, `\/`, `\u` escapes. Re-serialising changes it. */
export function writeOddly(events: readonly AsanaEvent[], random: Random): string {
  return writeOddValue({ events }, random);
}

function writeOddValue(value: unknown, random: Random): string {
  const space = () => random.pick(['', ' ', '\n', '\t', ' \r\n']);
  if (typeof value === 'string') return writeOddText(value, random);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => `${space()}${writeOddValue(item, random)}${space()}`);
    return `[ ${items.join(',')}]`;
  }
  const members = random
    .shuffle(Object.entries(value).filter(([, member]) => member !== undefined))
    .map(([key, member]) => {
      return `${space()}${writeOddText(key, random)}${space()}:${space()}${writeOddValue(member, random)}${space()}`;
    });
  return `{ ${members.join(',')}}`;
}

function writeOddText(text: string, random: Random): string {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  const written = units.map((unit) => {
    const character = String.fromCharCode(unit);
    if (character === '/') return '\\/';
    // Whatever must be escaped is, and now and then a character that need not be.
    if (unit < 0x20 || unit > 0x7e || '"\\'.includes(character) || random.below(8) === 0) {
      return `\\u${unit.toString(16).padStart(4, '0')}`;
    }
    return character;
  });
  return `"${written.join('')}"`;
}
