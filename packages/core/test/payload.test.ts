import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEvent, readEntries } from '../src/payload.js';
import { capturedDeliveries } from './captured-deliveries.js';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('readEntries', () => {
  it.each(capturedDeliveries)('reads the entries of $title', ({ body, names }) => {
    expect(readEntries(bytesOf(body))).toHaveLength(names.length);
  });

  it.each<[string, unknown[]]>([
    ['{"events":[]}', []],
    [' \n{ "events" : [ ] }\t', []],
    ['{"events":[null,"x",1,[],{}]}', [null, 'x', 1, [], {}]],
    ['{"more":1,"events":[1],"and":{}}', [1]],
    ['{"events":1,"events":[2]}', [2]],
    ['{"events":["\\/\\u00e4\\ud83d\\udca5"]}', ['/ä💥']],
    ['{"events":["ä💥"]}', ['ä💥']],
    ['{"events":[1.0,1e2]}', [1, 100]],
  ])('reads %s', (text, entries) => expect(readEntries(bytesOf(text))).toEqual(entries));

  it.each([
    '',
    ' ',
    'null',
    '1',
    '"events"',
    '[]',
    '[{"events":[]}]',
    '{}',
    '{"events":null}',
    '{"events":{}}',
    '{"events":{"length":0}}',
    '{"events":"[]"}',
    '{"Events":[]}',
    '{"events":[]',
    '{"events":[]}x',
    '{"events":[],}',
    "{'events':[]}",
    'events=[]',
    '\ufeff{"events":[]}',
  ])('finds %j unreadable', (text) => expect(readEntries(bytesOf(text))).toBeUndefined());

  it('finds invalid UTF-8 unreadable, inside a text as well', () => {
    const [before, behind] = [bytesOf('{"events":["'), bytesOf('"]}')];
    for (const invalid of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf5, 0x80, 0x80, 0x80]]) {
      expect(readEntries(Buffer.concat([before, Uint8Array.from(invalid), behind]))).toBeUndefined();
    }
  });

  it('finds whatever is no UTF-8 unreadable, and reads all that is', () => {
    const [before, behind] = [bytesOf('{"events":["'), bytesOf('"]}')];
    // Above what JSON escapes, so that only the encoding decides.
    const bytes = fc.uint8Array({ min: 0x80, minLength: 1, maxLength: 8 });
    const letters = fc.string({
      unit: fc.integer({ min: 0x80, max: 0xffff }).map((at) => String.fromCharCode(at)),
    });
    fc.assert(
      fc.property(fc.oneof(bytes, letters.map(bytesOf)), (inside) => {
        const entries = readEntries(Buffer.concat([before, inside, behind]));
        expect(entries).toEqual(isUtf8(inside) ? [Buffer.from(inside).toString()] : undefined);
      }),
    );
  });

  it('reads a replacement character that was sent as one', () => {
    expect(readEntries(bytesOf('{"events":["\uFFFD"]}'))).toEqual(['\uFFFD']);
  });

  it('reads a view into a larger buffer by its own bytes', () => {
    const larger = Buffer.from('xx{"events":[1]}yy');
    expect(readEntries(larger.subarray(2, -2))).toEqual([1]);
    expect(readEntries(new Uint8Array(larger).subarray(2, -2))).toEqual([1]);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytesOf)), (bytes) => {
        const entries = readEntries(bytes);
        expect(entries === undefined || Array.isArray(entries)).toBe(true);
      }),
    );
  });
});

describe('isEvent', () => {
  it.each([{ action: 'changed' }, { action: '', resource: null }, { action: 'nobody_knows', more: 1 }])(
    'takes %j',
    (entry) => expect(isEvent(entry)).toBe(true),
  );

  it.each([
    null,
    undefined,
    'changed',
    1,
    true,
    [],
    {},
    { action: null },
    { action: 1 },
    [{ action: 'changed' }],
  ])('refuses %j', (entry) => expect(isEvent(entry)).toBe(false));
});
