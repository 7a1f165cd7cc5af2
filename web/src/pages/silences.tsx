// Alerts of which nobody is told for a while: those that there are, and a form that shows what a new one would be about.

import { useState, type FormEvent } from 'react';
import type { Alert, NewSilence, Silence } from '../api/shapes';
import * as sources from '../api/sources';
import { countText, ruleText, subjectText } from '../lib/format';
import { faultOf, kKinds, kKindWords, kLabels, labelsOf, matchAll, matchersText, readMatchers, saysNothing, type Kind, type Matcher } from '../lib/matchers';
import { linkTo } from '../lib/route';
import { useData, useMay, useParam, useSession } from '../ui/context';
import { Do, Empty, Loaded, Mono, Page, Risk, Section, Time } from '../ui/parts';
import { Table, type Column } from '../ui/table';
import { useChange } from './act';
import { AlertTabs } from './shared';

export default function Silences() {
  const alerts = useData(sources.alerts).value?.alerts ?? [];
  const [number] = useParam('alert');
  const mayWrite = useMay('silences:write');
  const about = alerts.find((each) => String(each.number) === number);
  return (
    <Page title="Silences" actions={<AlertTabs />}>
      <p>The defence goes on: only people are not told.</p>
      {mayWrite && (
        <Section title="A new one">
          <SilenceForm key={about?.number ?? ''} alerts={alerts} about={about} />
        </Section>
      )}
      <Section title="In force">
        <SilenceTable alerts={alerts} />
      </Section>
    </Page>
  );
}

function useNodeName(): string {
  return useData(sources.node).value?.name ?? '';
}

function SilenceTable({ alerts }: { alerts: Alert[] }) {
  const view = useData(sources.silences);
  const change = useChange();
  const node = useNodeName();
  const matched = (silence: Silence) => {
    const matchers = readMatchers(silence.matchers);
    return matchers && matchers.every((each) => faultOf(each) === '') ? openOf(alerts).filter((each) => matchAll(matchers, labelsOf(each, node))).length : null;
  };
  const columns: Column<Silence>[] = [
    { key: 'matchers', title: 'Alerts', cell: (each) => <span className="mono wrap">{each.matchers}</span> },
    { key: 'now', title: 'Open now', cell: (each) => matched(each) ?? '–', by: matched, isNumber: true },
    { key: 'until', title: 'Ends', cell: (each) => <Time at={each.until} />, by: (each) => each.until },
    { key: 'author', title: 'By', cell: (each) => each.author || '–', isMinor: true },
    { key: 'comment', title: 'Why', cell: (each) => each.comment || '–', isMinor: true },
    { key: 'do', title: '', cell: (each) => <Do label="End" scope="silences:write" done="It has ended." action={() => change('DELETE', `/silences/${each.number}`, undefined, 'silence', 'alert')} /> },
  ];
  return (
    <Loaded view={view} what="the silences">
      {({ silences }) => (
        <Table caption="Silences" param="silences" rows={silences} columns={columns} rowKey={(each) => each.number} order="until" empty={<Empty title="None: whoever has to be told is told." />} />
      )}
    </Loaded>
  );
}

function openOf(alerts: Alert[]): Alert[] {
  return alerts.filter((each) => each.state !== 'resolved');
}

const kLengths: [number, string][] = [[3600, 'an hour'], [14_400, '4 hours'], [86_400, 'a day'], [604_800, 'a week'], [2_592_000, '30 days']];
const kMatchersMax = 8;
const kBlank: Matcher = { label: 'peer', kind: '=', value: '' };

function firstMatchers(about: Alert | undefined): Matcher[] {
  if (!about) return [kBlank];
  const who: Matcher = about.subject_name ? { label: 'peer', kind: '=', value: about.subject_name } : { label: 'subject', kind: '=', value: about.subject };
  return [{ label: 'rule', kind: '=', value: about.rule }, who];
}

function SilenceForm({ alerts, about }: { alerts: Alert[]; about: Alert | undefined }) {
  const change = useChange();
  const { say, who } = useSession();
  const [matchers, setMatchers] = useState(() => firstMatchers(about));
  const [length, setLength] = useState(3600);
  const [comment, setComment] = useState(about ? `alert ${about.number}` : '');
  const isBroken = saysNothing(matchers) || matchers.some((each) => faultOf(each) !== '');
  const put = (at: number, matcher: Matcher) => setMatchers(matchers.map((each, index) => (index === at ? matcher : each)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wish = { matchers: matchersText(matchers), for_s: length, author: who.name, comment: comment.trim() };
    change<NewSilence>('POST', '/silences', wish, 'silence', 'alert').then(
      (made) => {
        say(`Silence ${made.number} begins.`);
        setMatchers([kBlank]);
        setComment('');
      },
      (error: Error) => say(error.message, 'serious'),
    );
  };
  return (
    <form className="silence" onSubmit={submit}>
      <fieldset>
        <legend>Nobody is told of alerts of which</legend>
        {matchers.map((each, index) => (
          <MatcherRow
            key={index}
            of={each}
            place={index + 1}
            alerts={alerts}
            onChange={(matcher) => put(index, matcher)}
            onRemove={matchers.length > 1 ? () => setMatchers(matchers.filter((_, at) => at !== index)) : undefined}
          />
        ))}
        <button type="button" disabled={matchers.length >= kMatchersMax} onClick={() => setMatchers([...matchers, { ...kBlank, label: 'rule' }])}>
          And…
        </button>
      </fieldset>
      <div className="row">
        <label>
          For{' '}
          <select value={length} onChange={(event) => setLength(Number(event.target.value))}>
            {kLengths.map(([each, text]) => (
              <option key={each} value={each}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label className="grow">
          <span className="sr-only">Why</span>
          <input value={comment} maxLength={200} placeholder="Why (stands in the list)" onChange={(event) => setComment(event.target.value)} />
        </label>
        <button type="submit" className="primary" disabled={isBroken}>
          Silence
        </button>
      </div>
      <Preview matchers={matchers} alerts={alerts} isBroken={isBroken} />
    </form>
  );
}

function MatcherRow({ of, place, alerts, onChange, onRemove }: {
  of: Matcher;
  place: number;
  alerts: Alert[];
  onChange: (matcher: Matcher) => void;
  onRemove: (() => void) | undefined;
}) {
  const node = useNodeName();
  const known = [...new Set(alerts.map((each) => labelsOf(each, node)[of.label] ?? ''))].filter(Boolean).slice(0, 100);
  const fault = faultOf(of);
  return (
    <div className="row">
      <select aria-label={`Condition ${place}: which label`} value={of.label} onChange={(event) => onChange({ ...of, label: event.target.value })}>
        {kLabels.map(([label, what]) => (
          <option key={label} value={label}>
            {what === label ? label : `${what} (${label})`}
          </option>
        ))}
      </select>
      <select aria-label={`Condition ${place}: how`} value={of.kind} onChange={(event) => onChange({ ...of, kind: event.target.value as Kind })}>
        {kKinds.map((kind) => (
          <option key={kind} value={kind}>
            {kKindWords[kind]}
          </option>
        ))}
      </select>
      <input
        className="grow"
        aria-label={`Condition ${place}: value`}
        aria-invalid={fault !== ''}
        list={`known-${place}`}
        value={of.value}
        spellCheck={false}
        placeholder={of.kind.endsWith('~') ? 'suricata:.*' : ''}
        onChange={(event) => onChange({ ...of, value: event.target.value })}
      />
      <datalist id={`known-${place}`}>
        {known.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      {onRemove && (
        <button type="button" onClick={onRemove}>
          Remove
        </button>
      )}
      {fault && <span className="fault">{fault}</span>}
    </div>
  );
}

const kShown = 5;

function Preview({ matchers, alerts, isBroken }: { matchers: Matcher[]; alerts: Alert[]; isBroken: boolean }) {
  const node = useNodeName();
  if (isBroken) {
    return (
      <p className="faint" role="status">
        {saysNothing(matchers) ? 'This would be about every alert; say which.' : 'It cannot begin like this.'}
      </p>
    );
  }
  const found = alerts.filter((each) => matchAll(matchers, labelsOf(each, node)));
  const open = openOf(found);
  return (
    <div className="preview">
      <p role="status">
        It is about <b>{countText(open.length, 'open alert')}</b>
        {found.length > open.length && <span className="faint"> and {found.length - open.length} that are resolved</span>}. <Mono>{matchersText(matchers)}</Mono>
      </p>
      <ul>
        {open.slice(0, kShown).map((each) => (
          <li key={each.number}>
            <a href={linkTo('alerts', each.number)}>
              {ruleText(each.rule)} by {subjectText(each)}
            </a>{' '}
            <Risk tenths={each.risk_tenths} />
          </li>
        ))}
        {open.length > kShown && <li className="faint">and {open.length - kShown} more</li>}
      </ul>
    </div>
  );
}
