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

/** "#sign-in=denied": why somebody who was at an issuer is not signed in. */
export function signInProblemIn(hash: string): string {
  const code = /^#sign-in=([a-z-]+)$/.exec(hash)?.[1];
  return code ? (kSignInProblems[code] ?? 'That did not work. Try again.') : '';
}

const kSignInProblems: Record<string, string> = {
  denied: 'The issuer did not let you in.',
  expired: 'That took too long, or was begun in another browser. Try again.',
  unreachable: 'The node cannot reach the issuer. Its log says why.',
  refused: 'The node does not believe what the issuer says. Its log says why.',
  'not-allowed': 'You are known, but may do nothing here. Ask who runs this mesh.',
  busy: 'Too many sign in at once. Try again in a minute.',
  off: 'Nobody signs in at an issuer here.',
};

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
