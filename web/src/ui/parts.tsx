// Small parts of which pages are made.

import { useId, useState, type ReactNode } from 'react';
import type { Problem } from '../api/client';
import type { View } from '../api/store';
import { riskText, riskTone, riskWord, type Tone } from '../lib/format';
import { agoText, clockText, exactText, parseTime } from '../lib/time';
import { useMay, useNow, useParam, useSession } from './context';
import { Icon, type IconName } from './icon';

const kToneIcon: Record<Tone, IconName> = {
  critical: 'critical', serious: 'warning', warning: 'warning', good: 'good', info: 'info', quiet: 'quiet',
};

export function ToneIcon({ tone }: { tone: Tone }) {
  return (
    <span className={`tone ${tone}`}>
      <Icon name={kToneIcon[tone]} />
    </span>
  );
}

/** A word with a shape of its own: colour only repeats what it says. */
export function Badge({ tone = 'quiet', icon, children }: { tone?: Tone; icon?: IconName; children: ReactNode }) {
  return (
    <span className={`badge ${tone}`}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}

export function Risk({ tenths }: { tenths: number }) {
  return (
    <span className={`risk ${riskTone(tenths)}`} title={`risk ${riskText(tenths)} of 10`}>
      <b>{riskText(tenths)}</b> <span>{riskWord(tenths)}</span>
    </span>
  );
}

/** Relative, with the exact value on hover and for screen readers. */
export function Time({ at, never = '–' }: { at: string | null | undefined; never?: string }) {
  const now = useNow();
  const ms = parseTime(at);
  if (ms === null || !at) return <span className="faint">{never}</span>;
  return (
    <time dateTime={at} title={exactText(at)}>
      {agoText(ms, Math.max(now, Date.now()))}
    </time>
  );
}

/** The time of day with milliseconds. */
export function Clock({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exactText(at)} className="mono">
      {clockText(at)}
    </time>
  );
}

export function Mono({ children }: { children: ReactNode }) {
  return <span className="mono">{children}</span>;
}

export function Page({ title, kicker, actions, children }: { title: string; kicker?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <>
      <header className="page-head">
        <div>
          {kicker && <p className="kicker">{kicker}</p>}
          <h1 tabIndex={-1}>{title}</h1>
        </div>
        {actions && <div className="row">{actions}</div>}
      </header>
      {children}
    </>
  );
}

export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="section">
      <div className="section-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children && <div>{children}</div>}
    </div>
  );
}

export function ProblemNote({ problem, what }: { problem: Problem; what: string }) {
  const { store } = useSession();
  return (
    <div className="note serious" role="alert">
      <ToneIcon tone="serious" />
      <div>
        <p>
          <b>{problem.status === 403 ? `This token may not read ${what}.` : `${what.charAt(0).toUpperCase()}${what.slice(1)} cannot be shown.`}</b>
        </p>
        <p>{problem.message}</p>
        {problem.status !== 403 && problem.status !== 404 && (
          <button type="button" onClick={() => store.refresh()}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div className="loading" role="status">
      <span className="sr-only">Loading {what}</span>
      <span className="bar" />
      <span className="bar" />
      <span className="bar" />
    </div>
  );
}

/** The four states of something that is read: loading, there, there but old, a refusal. */
export function Loaded<T>({ view, what, children }: { view: View<T>; what: string; children: (value: T) => ReactNode }) {
  if (view.value === undefined) {
    if (view.problem) return <ProblemNote problem={view.problem} what={what} />;
    return <Loading what={what} />;
  }
  return (
    <>
      {view.problem && (
        <p className="note warning" role="status">
          <ToneIcon tone="warning" />
          <span>
            As of <Time at={new Date(view.at).toISOString()} />: {view.problem.message}
          </span>
        </p>
      )}
      {children(view.value)}
    </>
  );
}

export function Search({ label }: { label: string }) {
  const [query, setQuery] = useParam('q');
  return (
    <input
      type="search"
      className="search"
      aria-label={label}
      aria-keyshortcuts="/"
      placeholder={`${label}  ( / )`}
      value={query}
      onChange={(event) => setQuery(event.target.value)}
    />
  );
}

/** One of a few, kept in the place. */
export function Choice({ name, label, options, otherwise = '' }: { name: string; label: string; options: [value: string, text: string][]; otherwise?: string }) {
  const [value, setValue] = useParam(name, otherwise);
  return (
    <fieldset className="choice">
      <legend className="sr-only">{label}</legend>
      {options.map(([each, text]) => (
        <label key={each} className={each === value ? 'chosen' : ''}>
          <input type="radio" name={name} checked={each === value} onChange={() => setValue(each)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

/** Does something, once at a time, and says how it went. */
export function Do({ label, done, scope, tone, action, disabled }: {
  label: string;
  done?: string;
  scope: string;
  tone?: 'primary' | 'danger' | 'plain';
  action: () => Promise<unknown>;
  disabled?: boolean;
}) {
  const session = useSession();
  const [isBusy, setBusy] = useState(false);
  const allowed = useMay(scope);
  const run = async () => {
    setBusy(true);
    try {
      await action();
      if (done) session.say(done);
    } catch (error) {
      session.say(error instanceof Error ? error.message : String(error), 'serious');
    }
    setBusy(false);
  };
  return (
    <button
      type="button"
      className={tone ?? 'plain'}
      disabled={isBusy || disabled || !allowed}
      title={allowed ? undefined : `This token has not the scope ${scope}.`}
      onClick={() => void run()}
    >
      {label}
    </button>
  );
}
