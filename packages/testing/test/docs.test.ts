import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requestOutcomes } from '../../core/src/outcome.js';
import { compile, compiledAs, membersOf, modulesOf, noticeCodes, problemsOf } from './compiled-documents.js';
import { blocksOf, fileNamesOf, files, isFile, linksOf, pages, read, resolves, rowsOf } from './documents.js';

/** Labels of blocks that are not compiled. */
const proseLabels = ['sh', 'json', 'text', 'mermaid'];

const blocks = pages.flatMap(blocksOf);
const modules = modulesOf(blocks);
const program = compile(modules);

describe('the documents', () => {
  it('label every block with a language that is compiled or is known not to be code', () => {
    const labels = [...Object.keys(compiledAs), ...proseLabels];
    const odd = blocks.filter(({ label }) => !labels.includes(label));
    expect(odd.map(({ page, line, label }) => `${page}:${line} ${label}`)).toEqual([]);
  });

  it('show code that compiles, strictly, against the sources', () => {
    expect(modules.size).toBeGreaterThan(20);
    expect(problemsOf(program, modules)).toEqual([]);
  }, 30_000);

  it('link to files and headings that exist', () => {
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter((link) => !/^[a-z]+:/.test(link) && !resolves(page, link))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it('name files that exist', () => {
    const names = new Set(files.map((file) => basename(file)));
    const missing = pages.flatMap((page) =>
      fileNamesOf(page)
        .filter((name) => !(name.includes('/') ? isFile(page, name) : names.has(name)))
        .map((name) => `${page}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('give every file of core its place in the architecture', () => {
    const architecture = read('ARCHITECTURE.md');
    const left = files
      .filter((file) => file.startsWith('packages/core/src/'))
      .filter((file) => !architecture.includes(`\`${basename(file)}\``));
    expect(left).toEqual([]);
  });

  it('that the sources refer to exist', () => {
    const sources = files.filter((file) => /^packages\/[^/]+\/src\//.test(file));
    const mentions = sources.flatMap((file) => read(file).match(/\bdocs\/[\w-]+\.md\b/g) ?? []);
    expect(mentions.length).toBeGreaterThan(3);
    expect(mentions.filter((page) => !pages.includes(page))).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  const rows = rowsOf('docs/errors.md');
  const thrownCodes = [
    ...membersOf(program, 'packages/core/src/hookshake-error.ts', 'ThrownCode'),
    ...membersOf(program, 'packages/asana/src/asana-error.ts', 'AsanaErrorCode'),
  ].filter((code) => !(code in requestOutcomes));

  it('has exactly one row for each code of the source, and no other', () => {
    const codes = [
      ...membersOf(program, 'packages/core/src/outcome.ts', 'RequestCode'),
      ...membersOf(program, 'packages/core/src/outcome.ts', 'EventCode'),
      ...thrownCodes,
      ...noticeCodes(program),
    ];
    expect(codes.length).toBeGreaterThan(40);
    expect(rows.map(({ code }) => code).sort()).toEqual([...new Set(codes)].sort());
  });

  it('tells the status of each request code, and where the other codes show', () => {
    const events = membersOf(program, 'packages/core/src/outcome.ts', 'EventCode');
    const wrong = rows.filter(({ code, where }) => {
      if (code in requestOutcomes) return where !== String(requestOutcomes[code as 'heartbeat'].status);
      if (thrownCodes.includes(code)) return !where.startsWith('thrown by ');
      return events.includes(code) ? where !== 'event' : where !== 'terminal';
    });
    expect(wrong).toEqual([]);
  });

  it('leaves no cell empty', () => {
    expect(rows.filter(({ cells }) => cells.length !== 4 || cells.includes(''))).toEqual([]);
  });
});
