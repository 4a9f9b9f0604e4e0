import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory of the repository. */
export const root: string = fileURLToPath(new URL('../../../', import.meta.url));

const skipped = new Set(['node_modules', 'dist', 'coverage', '.git', '.turbo', '.changeset']);

/** All files of the repository, by their paths from its root. */
export const files: readonly string[] = filesBelow(root);

/** The Markdown files that somebody wrote. */
export const pages: readonly string[] = files.filter(
  (file) => file.endsWith('.md') && basename(file) !== 'CHANGELOG.md',
);

/** A fenced block of a page, from the line behind its fence. */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly label: string;
  readonly text: string;
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [relative(root, path)];
  });
}

export function blocksOf(page: string): readonly Block[] {
  const found: Block[] = [];
  let open: { label: string; line: number; text: string } | undefined;
  for (const [index, line] of read(page).split('\n').entries()) {
    const fence = /^\s*```(.*)$/.exec(line);
    if (fence === null) {
      if (open !== undefined) open.text += `${line}\n`;
    } else if (open === undefined) {
      open = { label: fence[1] ?? '', line: index + 2, text: '' };
    } else {
      found.push({ page, ...open });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${page}: a block that begins at line ${open.line} never ends`);
  return found;
}

/** What a page says outside of its blocks. */
function proseOf(page: string): string {
  return read(page).replace(/^\s*```[\s\S]*?^\s*```$/gm, '');
}

export function linksOf(page: string): readonly string[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
}

/** Whether a relative link leads to a file, and to a heading of it if it names one. */
export function resolves(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#', 2);
  const file = path === '' ? page : relative(root, resolve(root, dirname(page), path));
  if (!existsSync(join(root, file))) return false;
  return heading === undefined || headingsOf(file).includes(heading);
}

/** The headings of a page as the fragments that GitHub makes of them. */
function headingsOf(page: string): readonly string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** What stands between backticks and looks like a file or a folder of this repository. */
export function fileNamesOf(page: string): readonly string[] {
  if (page.startsWith('packages/testing/data/')) return []; // names the files of others
  return [...proseOf(page).matchAll(/`([\w.@/-]+)`/g)]
    .map(([, name = '']) => name)
    .filter((name) => /\.(?:ts|js|md|json|yaml)$|^(?:docs|examples|packages)\//.test(name));
}

/** Whether a path leads to a file, from the root or from its page. */
export function isFile(page: string, name: string): boolean {
  return [root, join(root, dirname(page))].some((from) => existsSync(join(from, name)));
}

/** The rows of a page that begin with a code. */
export function rowsOf(page: string): readonly { code: string; where: string; cells: readonly string[] }[] {
  return [...proseOf(page).matchAll(/^\| `(\w+)` \|.*$/gm)].map(([row, code = '']) => {
    const cells = row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
    return { code, where: cells[1] ?? '', cells };
  });
}
