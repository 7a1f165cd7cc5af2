// This node: what it is, what it does against attacks, and who may ask it.

import { useState, type FormEvent } from 'react';
import type { ApiToken, Defence, Measure, NewApiToken } from '../api/shapes';
import * as sources from '../api/sources';
import { countText, riskText, sentence } from '../lib/format';
import { linkTo } from '../lib/route';
import { lengthText } from '../lib/time';
import { useData, useMay, useSession } from '../ui/context';
import { Dialog } from '../ui/dialog';
import { Badge, Do, Empty, Fact, Facts, Loaded, Mono, Page, Section, Time } from '../ui/parts';
import { ShownOnce } from '../ui/shown_once';
import { Table, type Column } from '../ui/table';
import { useChange } from './act';
import { Invitations } from './invitations';
import { ReceiverTable } from './receivers';

export default function Settings() {
  const maySeeTokens = useMay('api-tokens:read');
  const mayInvite = useMay('tokens:read');
  const mayRead = useMay('alerts:read');
  const mayLook = useMay('feeds:read');
  return (
    <Page title="Settings">
      <DefenceSection />
      {maySeeTokens && <Tokens />}
      {mayInvite && <Invitations />}
      {mayRead && <Channels />}
      {mayLook && <FeedsSection />}
      <NodeSection />
    </Page>
  );
}

const kModes: [Defence['mode'], string][] = [
  ['act', 'What attacks is blocked by itself, and can be undone.'],
  ['watch', 'It is watched and told of; nothing is blocked by itself.'],
  ['off', 'Nothing is looked for.'],
];

const kMeasureColumns: Column<Measure>[] = [
  { key: 'executor', title: 'Measure', cell: (each) => each.executor, by: (each) => each.executor },
  { key: 'use', title: 'Used', cell: (each) => (each.use ? <Badge tone="good">yes</Badge> : <Badge>no</Badge>) },
  { key: 'risk', title: 'From risk', cell: (each) => riskText(each.risk_tenths), by: (each) => each.risk_tenths, isNumber: true },
  { key: 'confidence', title: 'From confidence', cell: (each) => each.confidence.toFixed(2), by: (each) => each.confidence, isNumber: true },
  { key: 'approve', title: 'A person is asked', cell: (each) => each.approve },
  { key: 'for', title: 'For', cell: (each) => lengthText(each.for_s), by: (each) => each.for_s, isMinor: true },
  { key: 'bound', title: 'At most', cell: (each) => `${each.active} at a time, ${each.per_hour} in an hour`, isMinor: true },
];

function DefenceSection() {
  const view = useData(sources.defence);
  const change = useChange();
  return (
    <Section title="Defence">
      <Loaded view={view} what="the defence">
        {(defence) => (
          <>
            <ul className="modes">
              {kModes.map(([mode, text]) => (
                <li key={mode}>
                  {defence.mode === mode ? (
                    <Badge tone={mode === 'off' ? 'serious' : 'good'}>{sentence(mode)}</Badge>
                  ) : (
                    <Do label={sentence(mode)} scope="defence:write" done={text} action={() => change('PUT', '/defence', { mode }, 'defence')} />
                  )}
                  <span>{text}</span>
                </li>
              ))}
            </ul>
            <p className="faint">
              {countText(defence.packets, 'packet')} looked at, {defence.packets_dropped.toLocaleString('en')} passed over; {countText(defence.findings, 'finding')},{' '}
              {countText(defence.rules, 'rule')}.
            </p>
            {defence.settings_problem && <p className="note serious">{defence.settings_problem}</p>}
            <Table caption="What is done" param="measures" rows={defence.measures} columns={kMeasureColumns} rowKey={(each) => each.executor} empty={null} />
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Tokens() {
  const view = useData(sources.apiTokens);
  const change = useChange();
  const { who } = useSession();
  const [isAsked, setAsked] = useState(false);
  const mayWrite = useMay('api-tokens:write');
  const columns: Column<ApiToken>[] = [
    { key: 'name', title: 'Name', cell: (each) => (each.id === who.id ? <>{each.name} <Badge>yours</Badge></> : each.name), by: (each) => each.name },
    { key: 'role', title: 'Role', cell: (each) => each.role, by: (each) => each.role },
    { key: 'scopes', title: 'Only', cell: (each) => each.scopes.join(', ') || '–', isMinor: true },
    { key: 'used', title: 'Last used', cell: (each) => <Time at={each.last_used} never="not since the start" />, by: (each) => each.last_used },
    { key: 'expires', title: 'Ends', cell: (each) => <Time at={each.expires} never="never" />, by: (each) => each.expires, isMinor: true },
    {
      key: 'do',
      title: '',
      cell: (each) =>
        each.id === who.id ? null : <Do label="Revoke" scope="api-tokens:write" done={`${each.name} is revoked.`} action={() => change('DELETE', `/api-tokens/${each.id}`, undefined, 'token')} />,
    },
  ];
  return (
    <Section
      title="API tokens"
      aside={
        <button type="button" disabled={!mayWrite} onClick={() => setAsked(true)}>
          New…
        </button>
      }
    >
      <Loaded view={view} what="the tokens">
        {({ tokens }) => <Table caption="API tokens" param="tokens" rows={tokens} columns={columns} rowKey={(each) => each.id} order="name" empty={<Empty title="There are none." />} />}
      </Loaded>
      {isAsked && <NewTokenDialog onClose={() => setAsked(false)} />}
    </Section>
  );
}

const kDays: [number, string][] = [[1, 'a day'], [30, '30 days'], [365, 'a year']];

function NewTokenDialog({ onClose }: { onClose: () => void }) {
  const change = useChange();
  const { say } = useSession();
  const [name, setName] = useState('');
  const [role, setRole] = useState<ApiToken['role']>('viewer');
  const [days, setDays] = useState(30);
  const [made, setMade] = useState<NewApiToken | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change<NewApiToken>('POST', '/api-tokens', { name: name.trim(), role, lifetime_s: days * 86_400 }, 'token').then(setMade, (error: Error) => say(error.message, 'serious'));
  };
  if (made) {
    return (
      <ShownOnce title={`The token ${made.name}`} secret={made.token} onClose={onClose}>
        It is shown this once. Whoever has it is {made.role}.
      </ShownOnce>
    );
  }
  return (
    <Dialog title="A new token" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="form">
          <label>
            Name
            <input value={name} maxLength={63} required onChange={(event) => setName(event.target.value)} />
          </label>
          <label>
            Role
            <select value={role} onChange={(event) => setRole(event.target.value as ApiToken['role'])}>
              <option value="viewer">viewer: reads</option>
              <option value="responder">responder: answers attacks</option>
              <option value="administrator">administrator: everything</option>
            </select>
          </label>
          <label>
            Ends in
            <select value={days} onChange={(event) => setDays(Number(event.target.value))}>
              {kDays.map(([each, text]) => (
                <option key={each} value={each}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        </div>
        <div className="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={!name.trim()}>
            Make it
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Channels() {
  const view = useData(sources.receivers);
  return (
    <Section title="Channels" aside={<a href={linkTo('alerts', 'told')}>Who is told</a>}>
      <Loaded view={view} what="who can be told">
        {(known) => <ReceiverTable known={known} />}
      </Loaded>
    </Section>
  );
}

function FeedsSection() {
  const view = useData(sources.feeds);
  return (
    <Section title="Feeds" aside={<a href={linkTo('feeds')}>Feeds</a>}>
      <Loaded view={view} what="the feeds">
        {({ feeds }) => {
          const broken = feeds.filter((each) => each.problem || each.fetch?.problem).length;
          const entries = feeds.reduce((sum, each) => sum + each.entries, 0);
          return (
            <p>
              {countText(feeds.length, 'feed')}, {countText(entries, 'entry', 'entries')}. {broken > 0 && <Badge tone="serious">{countText(broken, 'feed')} cannot be read</Badge>}
            </p>
          );
        }}
      </Loaded>
    </Section>
  );
}

function NodeSection() {
  const view = useData(sources.node);
  return (
    <Section title="This node">
      <Loaded view={view} what="the node">
        {(node) => (
          <Facts>
            <Fact name="Name">{node.name}</Fact>
            <Fact name="Mesh">
              <Mono>{node.mesh}</Mono>
            </Fact>
            <Fact name="Addresses">
              {node.addresses.map((each) => (
                <div key={each}>
                  <Mono>{each}</Mono>
                </div>
              ))}
            </Fact>
            <Fact name="Reached at">{node.endpoints.length ? <Mono>{node.endpoints.join(', ')}</Mono> : 'not known yet'}</Fact>
            <Fact name="Keys">
              generation {node.keys_generation}, since <Time at={node.keys_since} />
            </Fact>
            <Fact name="Root key">{node.holds_root ? 'held here' : 'not here'}</Fact>
            <Fact name="TCP for others">{node.carrier.port === null ? (node.carrier.problem ?? 'off') : `port ${node.carrier.port}`}</Fact>
            <Fact name="API">
              {node.api.place ?? node.api.problem}, {countText(node.api.connections, 'connection')}
            </Fact>
            <Fact name="Certificate">
              <span className="mono wrap">{node.api.fingerprint}</span>
            </Fact>
          </Facts>
        )}
      </Loaded>
    </Section>
  );
}
