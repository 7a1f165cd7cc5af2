// What is around every page: where one is, whether it is live, who is signed in.

import { useEffect, useState, type ReactNode } from 'react';
import * as sources from '../api/sources';
import { firing, needsYou } from '../lib/state';
import { linkTo } from '../lib/route';
import { kPlaces } from '../pages';
import { useData, useLink, useRoute, useSession, useTheme, type Theme } from './context';
import { Icon } from './icon';

export function Frame({ children }: { children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const { path } = useRoute();
  useEffect(() => setOpen(false), [path.join('/')]);
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <div className="frame">
      <a className="skip" href="#main" onClick={skip}>
        Skip to the page
      </a>
      <header className="top">
        <a className="brand" href={linkTo()}>
          <Mark />
          <NodeName />
        </a>
        <button type="button" className="menu" aria-expanded={isOpen} aria-controls="places" onClick={() => setOpen(!isOpen)}>
          <Icon name="menu" /> Menu
        </button>
      </header>
      <div className={`side ${isOpen ? 'open' : ''}`} id="places">
        <Places current={path[0] ?? ''} />
        <Foot />
      </div>
      <Away />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function skip(event: { preventDefault(): void }): void {
  event.preventDefault(); // "#" is where the place stands
  document.querySelector<HTMLElement>('main')?.focus();
}

// "/" goes to the search of the page, as people know it.
function onKey(event: KeyboardEvent): void {
  const at = event.target as HTMLElement;
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) return;
  const search = document.querySelector<HTMLElement>('main input[type=search]');
  if (search) {
    event.preventDefault();
    search.focus();
  }
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M9 10 23 10 16 23Z" />
      <circle cx="9" cy="10" r="3" />
      <circle cx="23" cy="10" r="3" />
      <circle cx="16" cy="23" r="3" />
    </svg>
  );
}

function NodeName() {
  const { value } = useData(sources.node);
  return (
    <span className="names">
      <span className="product">PhantomMesh</span>
      <span className="faint">{value ? `${value.name} in ${value.mesh.slice(0, 8)}` : '…'}</span>
    </span>
  );
}

function Places({ current }: { current: string }) {
  const alerts = useData(sources.alerts).value?.alerts;
  const actions = useData(sources.actions).value?.actions;
  const counts: Record<string, number> = {
    alerts: firing(alerts).length,
    actions: needsYou({ actions }).length,
  };
  return (
    <nav aria-label="Pages">
      <ul className="places">
        {kPlaces.map(({ place, title, icon }) => (
          <li key={place}>
            <a href={linkTo(...(place ? [place] : []))} aria-current={place === current ? 'page' : undefined}>
              <Icon name={icon} />
              <span>{title}</span>
              {counts[place] ? (
                <span className="count">
                  {counts[place]}
                  <span className="sr-only"> {place === 'alerts' ? 'firing' : 'wait for you'}</span>
                </span>
              ) : null}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Foot() {
  const { who, signOut } = useSession();
  const [theme, setTheme] = useTheme();
  return (
    <section className="foot" aria-label="This page">
      <Live />
      <label className="row">
        <Icon name="theme" />
        <span className="sr-only">Light or dark</span>
        <select value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
          <option value="auto">As the system</option>
          <option value="light">Light</option>
          <option value="dark">Dark</option>
        </select>
      </label>
      <button type="button" onClick={signOut} title={`${who.name}, ${who.role}`}>
        <Icon name="out" /> Sign out {who.name}
      </button>
    </section>
  );
}

const kLinkWords = { live: 'Live', connecting: 'Connecting', offline: 'Offline' };

function Live() {
  const link = useLink();
  return (
    <p className={`live ${link}`} role="status">
      <span className="dot" aria-hidden="true" />
      {kLinkWords[link]}
    </p>
  );
}

function Away() {
  if (useLink() !== 'offline') return null;
  return (
    <p className="away" role="alert">
      The node does not answer. What is shown may be old; it is tried again.
    </p>
  );
}
