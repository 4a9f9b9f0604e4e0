/** One method and path; the path may name one thing, by a group. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
}

/** The route of a request, and what its path names, as it stands there; an empty text where it names nothing. */
export function matchRoute<R extends Route>(
  routes: readonly R[],
  method: string | undefined,
  path: string,
): { readonly route: R; readonly named: string } | undefined {
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (match !== null) return { route, named: match[1] ?? '' };
  }
  return undefined;
}
