// Attacks as stories.

import { useState, type FormEvent } from 'react';
import type { EvidenceFolder, EvidenceItem, Incident, IncidentInFull, IncidentTimes } from '../api/shapes';
import * as sources from '../api/sources';
import { bytesText, sentence, subjectText, type Tone } from '../lib/format';
import { readMarkdown, type Block } from '../lib/markdown';
import { linkTo } from '../lib/route';
import { matches } from '../lib/search';
import { actionText } from '../lib/state';
import { parseTime } from '../lib/time';
import { useData, useMay, useParam, useSession } from '../ui/context';
import { Badge, Choice, Clock, Do, Empty, Fact, Facts, Loaded, Mono, Page, Risk, Search, Section, Time } from '../ui/parts';
import { Table, type Column } from '../ui/table';
import { ActionButtons, useChange } from './act';
import { PlaybooksOf } from './playbooks';
import { Techniques, Who } from './shared';

const kEnded: Incident['state'][] = ['closed', 'false_positive', 'merged'];
const isEnded = (incident: Incident) => kEnded.includes(incident.state);

function toneOf(state: Incident['state']): Tone {
  if (state === 'new' || state === 'reopened') return 'serious';
  if (state === 'triage' || state === 'analysis') return 'warning';
  return kEnded.includes(state) ? 'quiet' : 'info';
}

function State({ of }: { of: Incident }) {
  return <Badge tone={toneOf(of.state)}>{sentence(of.state)}</Badge>;
}

const kColumns: Column<Incident>[] = [
  { key: 'number', title: 'Incident', cell: (each) => <a href={linkTo('incidents', each.number)}>Incident {each.number}</a>, by: (each) => each.number },
  { key: 'state', title: 'State', cell: (each) => <State of={each} />, by: (each) => each.state },
  { key: 'risk', title: 'Risk', cell: (each) => <Risk tenths={each.risk_tenths} />, by: (each) => each.risk_tenths, isNumber: true },
  { key: 'who', title: 'By', cell: (each) => <Who of={each} />, by: subjectText },
  { key: 'what', title: 'What', cell: (each) => <span className="clip">{each.title}</span>, isMinor: true },
  { key: 'contained', title: 'Contained in', cell: (each) => spanText(each.times.opened, each.times.contained), by: (each) => span(each.times.opened, each.times.contained), isNumber: true, isMinor: true },
  { key: 'opened', title: 'Opened', cell: (each) => <Time at={each.times.opened} />, by: (each) => each.times.opened },
];

function span(from: string, to: string): number | null {
  const begin = parseTime(from);
  const end = parseTime(to);
  return begin === null || end === null ? null : end - begin;
}

function spanText(from: string, to: string): string {
  const ms = span(from, to);
  if (ms === null) return '–';
  return ms < 1000 ? `${ms} ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

export function Incidents() {
  const view = useData(sources.incidents);
  const [query] = useParam('q');
  const [which] = useParam('which');
  return (
    <Page title="Incidents" actions={<Search label="Search incidents" />}>
      <Choice name="which" label="Which" options={[['', 'All'], ['open', 'Open'], ['ended', 'Ended']]} />
      <Loaded view={view} what="the incidents">
        {({ incidents }) => (
          <Table
            caption="Incidents"
            rows={incidents.filter((each) => (which === '' || (which === 'ended') === isEnded(each)) && matches(query, [each.number, each.title, each.state, each.subject_name, ...each.subjects, ...each.techniques]))}
            columns={kColumns}
            rowKey={(each) => each.number}
            order="-number"
            empty={<Empty title={incidents.length === 0 ? 'There were none.' : 'No incident is like that.'} />}
          />
        )}
      </Loaded>
    </Page>
  );
}

export function IncidentPage({ number }: { number: number }) {
  const view = useData(sources.incident(number));
  return (
    <Loaded view={view} what={`incident ${number}`}>
      {(incident) => <KnownIncident incident={incident} />}
    </Loaded>
  );
}

function KnownIncident({ incident }: { incident: IncidentInFull }) {
  return (
    <Page
      title={`Incident ${incident.number}: ${subjectText(incident)}`}
      kicker={<a href={linkTo('incidents')}>Incidents</a>}
      actions={<Buttons incident={incident} />}
    >
      <p className="lead">{incident.title}</p>
      <Facts>
        <Fact name="State">
          <State of={incident} />
        </Fact>
        <Fact name="Risk">
          <Risk tenths={incident.risk_tenths} /> <Badge>P{incident.priority}</Badge>
        </Fact>
        <Fact name="By">
          <Who of={incident} />
        </Fact>
        <Fact name="Techniques">
          <Techniques of={incident.techniques} />
        </Fact>
        <Fact name="Alerts">
          <span className="row">
            {incident.alerts.map((each) => (
              <a key={each} href={linkTo('alerts', each)}>
                Alert {each}
              </a>
            ))}
          </span>
        </Fact>
        {incident.merged_into !== 0 && (
          <Fact name="Part of">
            <a href={linkTo('incidents', incident.merged_into)}>Incident {incident.merged_into}</a>
          </Fact>
        )}
      </Facts>
      <Section title="How long it took">
        <Phases times={incident.times} />
      </Section>
      <Section title="Done about it">
        <DoneAbout numbers={incident.actions} />
      </Section>
      <PlaybooksOf incident={incident.number} />
      <Section title="Timeline">
        <Timeline incident={incident} />
        <NoteForm number={incident.number} />
      </Section>
      <EvidenceOf number={incident.number} />
      <PostMortemOf number={incident.number} />
    </Page>
  );
}

function Buttons({ incident }: { incident: Incident }) {
  const change = useChange();
  const post = (verb: string, body?: unknown) => () => change('POST', `/incidents/${incident.number}/${verb}`, body, 'incident', 'alert');
  if (incident.state === 'merged') return null;
  if (isEnded(incident)) return <Do label="Open again" scope="incidents:write" done="It is open again." action={post('reopen')} />;
  return (
    <>
      <Do label="Close" tone="primary" scope="incidents:write" done="It is over." action={post('close', {})} />
      <Do label="It was none" scope="incidents:write" done="The judgement will learn from it." action={post('close', { false_positive: true })} />
    </>
  );
}

const kPhases: [keyof IncidentTimes, string][] = [
  ['first_seen', 'First seen'],
  ['opened', 'Detected'],
  ['contained', 'Contained'],
  ['acknowledged', 'Acknowledged'],
  ['recovered', 'Recovered'],
  ['closed', 'Closed'],
];

function Phases({ times }: { times: IncidentTimes }) {
  return (
    <ol className="phases">
      {kPhases.map(([key, name]) => (
        <li key={key} className={times[key] ? 'reached' : ''}>
          <b>{name}</b>
          <span>{times[key] ? key === 'first_seen' ? <Clock at={times[key]} /> : `after ${spanText(times.first_seen, times[key])}` : 'not yet'}</span>
        </li>
      ))}
    </ol>
  );
}

function DoneAbout({ numbers }: { numbers: number[] }) {
  const view = useData(sources.actions);
  const peers = useData(sources.peers).value?.peers;
  if (numbers.length === 0) return <p className="calm faint">Nothing.</p>;
  return (
    <Loaded view={view} what="the actions">
      {({ actions }) => (
        <ul className="sayings">
          {numbers.map((number) => {
            const action = actions.find((each) => each.number === number);
            if (!action) return <li key={number}>Action {number} has ended, or was undone.</li>;
            return (
              <li key={number}>
                <div className="row spread">
                  <span>
                    {actionText(action, peers)} <span className="faint">ends <Time at={action.until} never="it is undone" /></span>
                  </span>
                  <ActionButtons action={action} />
                </div>
              </li>
            );
          })}
        </ul>
      )}
    </Loaded>
  );
}

function Timeline({ incident }: { incident: IncidentInFull }) {
  return (
    <>
      <ol className="timeline">
        {incident.timeline.map((each, index) => (
          <li key={`${each.at_ns} ${index}`}>
            <Clock at={each.at} />
            <Badge tone={each.source === 'action' ? 'good' : each.source === 'detection' ? 'serious' : 'quiet'}>{each.source}</Badge>
            <span>{each.text}</span>
          </li>
        ))}
      </ol>
      {incident.not_kept > 0 && <p className="faint">{incident.not_kept} lines in between were not kept.</p>}
    </>
  );
}

function NoteForm({ number }: { number: number }) {
  const [text, setText] = useState('');
  const change = useChange();
  const { say } = useSession();
  if (!useMay('incidents:write')) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change('POST', `/incidents/${number}/notes`, { text: text.trim() }, 'incident').then(
      () => setText(''),
      (error: Error) => say(error.message, 'serious'),
    );
  };
  return (
    <form className="row note-form" onSubmit={submit}>
      <label>
        <span className="sr-only">A note for the timeline</span>
        <input value={text} maxLength={2000} placeholder="A note for the timeline" onChange={(event) => setText(event.target.value)} />
      </label>
      <button type="submit" disabled={!text.trim()}>
        Add
      </button>
    </form>
  );
}

const kEvidenceColumns: Column<EvidenceItem>[] = [
  { key: 'what', title: 'What', cell: (each) => sentence(each.what), by: (each) => each.what },
  { key: 'collector', title: 'From', cell: (each) => each.collector, isMinor: true },
  { key: 'note', title: 'Note', cell: (each) => each.note || '–' },
  { key: 'size', title: 'Size', cell: (each) => bytesText(each.size), by: (each) => each.size, isNumber: true },
  { key: 'at', title: 'Taken', cell: (each) => <Clock at={each.at} />, by: (each) => each.at, isMinor: true },
  { key: 'sha', title: 'SHA-256', cell: (each) => <span className="mono" title={each.sha256}>{each.sha256.slice(0, 12)}…</span>, isMinor: true },
];

function EvidenceOf({ number }: { number: number }) {
  const isAllowed = useMay('evidence:read');
  if (!isAllowed) return null;
  return <EvidenceSection number={number} />;
}

function EvidenceSection({ number }: { number: number }) {
  const view = useData(sources.evidence(number));
  const change = useChange();
  const collect = (
    <Do label="Collect again" scope="evidence:write" done="It is collected now." action={() => change('POST', `/incidents/${number}/evidence`, undefined, 'incident')} />
  );
  return (
    <Section title="Evidence" aside={collect}>
      {view.problem?.status === 404 ? (
        <Empty title="None was collected." />
      ) : (
        <Loaded view={view} what="the evidence">
          {({ evidence }) => evidence.map((each) => <Folder key={each.folder} of={each} />)}
        </Loaded>
      )}
    </Section>
  );
}

function Folder({ of }: { of: EvidenceFolder }) {
  return (
    <>
      <p className="faint">
        Sealed <Time at={of.sealed_at} />, {Math.round(of.took_ms)} ms after it began; <Mono>{of.folder}</Mono>, to be checked with <code>phantom evidence verify</code>.
      </p>
      <Table caption="Evidence" param="evidence" rows={of.items} columns={kEvidenceColumns} rowKey={(each) => each.file} empty={<Empty title="It is empty." />} />
    </>
  );
}

function PostMortemOf({ number }: { number: number }) {
  const [isOpen, setOpen] = useParam('post-mortem');
  return (
    <Section
      title="Post-mortem"
      aside={
        <button type="button" aria-expanded={isOpen === '1'} onClick={() => setOpen(isOpen === '1' ? '' : '1')}>
          {isOpen === '1' ? 'Hide' : 'Read'}
        </button>
      }
    >
      {isOpen === '1' && <PostMortemText number={number} />}
    </Section>
  );
}

function PostMortemText({ number }: { number: number }) {
  const view = useData(sources.postMortem(number));
  return (
    <Loaded view={view} what="the post-mortem">
      {({ markdown }) => (
        <>
          <p>
            <button type="button" onClick={() => download(`incident-${number}.md`, markdown)}>
              Save as Markdown
            </button>
          </p>
          <article className="prose">
            {readMarkdown(markdown).map((block, index) => (
              <BlockOf key={index} block={block} />
            ))}
          </article>
        </>
      )}
    </Loaded>
  );
}

function BlockOf({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return block.level === 1 ? <h3>{block.text}</h3> : <h4>{block.text}</h4>;
    case 'paragraph':
      return <p>{block.text}</p>;
    case 'list':
      return (
        <ul>
          {block.items.map((item, index) => (
            <li key={index}>{item}</li>
          ))}
        </ul>
      );
    case 'table':
      return (
        <div className="table-room" role="region" aria-label={block.head.join(', ')} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {block.head.map((cell, index) => (
                  <th key={index} scope="col">
                    {cell}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((cell, at) => (
                    <td key={at}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
