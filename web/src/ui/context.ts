// What every part of the page shares: the store, who is signed in, what was said to the user.

import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { TokenSelf } from '../api/shapes';
import type { Link, News, Source, Store, View } from '../api/store';
import { may } from '../lib/rights';
import { parseRoute, writeRoute, type Route } from '../lib/route';

export interface Session {
  store: Store;
  who: TokenSelf;
  signOut(): void;
  say(text: string, tone?: 'good' | 'serious'): void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('nobody is signed in');
  return session;
}

export function useMay(scope: string): boolean {
  return may(useSession().who, scope);
}

export function useData<T>(source: Source<T>): View<T> {
  const { store } = useSession();
  const watch = useCallback((listener: () => void) => store.watch(source, listener), [store, source.key]);
  return useSyncExternalStore(watch, () => store.view(source));
}

export function useLink(): Link {
  const { store } = useSession();
  const watch = useCallback((listener: () => void) => store.watchLink(listener), [store]);
  return useSyncExternalStore(watch, () => store.link);
}

export function useNews(): News[] {
  const { store } = useSession();
  const watch = useCallback((listener: () => void) => store.watchLink(listener), [store]);
  return useSyncExternalStore(watch, () => store.news);
}

// ---- The place ----

function watchPlace(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(watchPlace, () => location.hash));
}

/** A parameter of the place. Changing it replaces the place: going back leaves the page, not a letter. */
export function useParam(name: string, otherwise = ''): [string, (value: string) => void] {
  const route = useRoute();
  const set = useCallback(
    (value: string) => {
      const now = parseRoute(location.hash);
      const params = { ...now.params, [name]: value === otherwise ? '' : value };
      history.replaceState(null, '', writeRoute({ path: now.path, params }));
      dispatchEvent(new HashChangeEvent('hashchange'));
    },
    [name, otherwise],
  );
  return [route.params[name] ?? otherwise, set];
}

// ---- The clock ----

const kClockMs = 5_000;
let clock = Date.now();
const clockWatchers = new Set<() => void>();
let clockTimer: ReturnType<typeof setInterval> | undefined;

function watchClock(listener: () => void): () => void {
  clockWatchers.add(listener);
  clockTimer ??= setInterval(() => {
    clock = Date.now();
    for (const watcher of clockWatchers) watcher();
  }, kClockMs);
  return () => clockWatchers.delete(listener);
}

/** Now, to a few seconds. */
export function useNow(): number {
  return useSyncExternalStore(watchClock, () => clock);
}

// ---- Light and dark ----

export type Theme = 'auto' | 'light' | 'dark';
const kThemeKey = 'phantom.theme';

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(readTheme);
  useEffect(() => applyTheme(theme), [theme]);
  return [theme, setTheme];
}

export function readTheme(): Theme {
  const kept = localStorage.getItem(kThemeKey);
  return kept === 'light' || kept === 'dark' ? kept : 'auto';
}

export function applyTheme(theme: Theme): void {
  if (theme === 'auto') localStorage.removeItem(kThemeKey);
  else localStorage.setItem(kThemeKey, theme);
  document.documentElement.dataset.theme = theme;
}
