// The place in the page: "#/alerts/7?state=firing". It stands behind "#", which a browser keeps to itself: what is looked
// at is in no log of a server, and every view has a link that restores it.

export interface Route {
  path: string[];
  params: Record<string, string>;
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  return {
    path: path.split('/').filter(Boolean).map(decode),
    params: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** Empty parameters are left out, so that two links to the same view are the same. */
export function writeRoute(route: Route): string {
  const path = route.path.map(encodeURIComponent).join('/');
  const kept = Object.entries(route.params).filter(([, value]) => value !== '');
  kept.sort(([a], [b]) => (a < b ? -1 : 1));
  return `#/${path}${kept.length ? `?${new URLSearchParams(kept)}` : ''}`;
}

export function linkTo(...path: (string | number)[]): string {
  return writeRoute({ path: path.map(String), params: {} });
}

/** "#token=pm_..." as the command prints it, once: it is taken out of the address at once. */
export function tokenIn(hash: string): string | null {
  return /^#token=(pm_[A-Za-z0-9_-]+)$/.exec(hash)?.[1] ?? null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
