// Who was seen to attack elsewhere: the lists, and what of them holds. Beside them the logs that are read here.

import { useState, type FormEvent } from 'react';
import type { Feed, Input, Lookup, RuleFile } from '../api/shapes';
import * as sources from '../api/sources';
import { bytesText } from '../lib/format';
import { lengthText } from '../lib/time';
import { useData, useMay, useParam, useSession } from '../ui/context';
import { Badge, Do, Empty, Loaded, Mono, Page, Section, Time } from '../ui/parts';
import { Table, type Column } from '../ui/table';
import { useChange } from './act';
import { LookupResult } from './lookup';

const kColumns: Column<Feed>[] = [
  { key: 'name', title: 'Feed', cell: (each) => each.name, by: (each) => each.name },
  { key: 'state', title: 'State', cell: (each) => <FeedState of={each} />, by: (each) => each.problem },
  { key: 'kind', title: 'Names', cell: (each) => each.kind, by: (each) => each.kind },
  { key: 'entries', title: 'Entries', cell: (each) => each.entries.toLocaleString('en'), by: (each) => each.entries, isNumber: true },
  { key: 'hits', title: 'Hits', cell: (each) => each.hits.toLocaleString('en'), by: (each) => each.hits, isNumber: true },
  { key: 'confidence', title: 'Confidence', cell: (each) => each.confidence.toFixed(2), by: (each) => each.confidence, isNumber: true, isMinor: true },
  { key: 'half', title: 'Halves in', cell: (each) => lengthText(each.half_life_s), by: (each) => each.half_life_s, isNumber: true, isMinor: true },
  { key: 'left', title: 'Left out', cell: (each) => leftOut(each), isMinor: true },
  { key: 'next', title: 'Fetched', cell: (each) => <Fetch of={each} />, by: (each) => each.fetch?.checked ?? null, isMinor: true },
  { key: 'published', title: 'Published', cell: (each) => <Time at={each.published} />, by: (each) => each.published },
];

function FeedState({ of }: { of: Feed }) {
  const problem = of.problem || of.fetch?.problem;
  if (problem) return <Badge tone="serious">{problem}</Badge>;
  return <Badge tone="good">{of.fetch ? 'fetched' : 'read'}</Badge>;
}

function Fetch({ of }: { of: Feed }) {
  const change = useChange();
  if (!of.fetch) return <span className="faint">a file</span>;
  return (
    <span className="row">
      <span>
        <Time at={of.fetch.checked} never="not yet" />
        <span className="faint under">next in {lengthText(of.fetch.next_in_s)}{of.fetch.failures > 0 && `, failed ${of.fetch.failures} times`}</span>
      </span>
      <Do label="Fetch" scope="feeds:write" done={`${of.name} is being fetched.`} action={() => change('POST', '/feeds/fetch', { name: of.name }, 'feed')} />
    </span>
  );
}

function leftOut(feed: Feed): string {
  const parts = [[feed.refused, 'not read'], [feed.outdated, 'too old'], [feed.guarded, 'guarded']] as const;
  return parts.filter(([count]) => count > 0).map(([count, why]) => `${count} ${why}`).join(', ') || '–';
}

const kInputColumns: Column<Input>[] = [
  { key: 'name', title: 'Log', cell: (each) => each.name, by: (each) => each.name },
  { key: 'type', title: 'Type', cell: (each) => each.type, by: (each) => each.type },
  { key: 'lines', title: 'Lines', cell: (each) => each.lines.toLocaleString('en'), by: (each) => each.lines, isNumber: true },
  { key: 'sightings', title: 'Sightings', cell: (each) => each.sightings.toLocaleString('en'), by: (each) => each.sightings, isNumber: true },
  { key: 'behind', title: 'Behind', cell: (each) => `${bytesText(each.bytes_behind)}, ${each.behind_ms} ms`, by: (each) => each.bytes_behind, isNumber: true, isMinor: true },
  { key: 'error', title: 'State', cell: (each) => (each.error ? <Badge tone="serious">{each.error}</Badge> : <Badge tone="good">read</Badge>) },
];

export default function Feeds() {
  const view = useData(sources.feeds);
  const change = useChange();
  return (
    <Page
      title="Feeds"
      actions={
        <>
          <Do label="Read all now" scope="feeds:write" done="They are being read." action={() => change('POST', '/feeds/reload', undefined, 'feed')} />
          <Do label="Fetch all now" scope="feeds:write" done="Those with a URL are being fetched." action={() => change('POST', '/feeds/fetch', {}, 'feed')} />
        </>
      }
    >
      <LookupForm />
      <Loaded view={view} what="the feeds">
        {(feeds) => (
          <>
            {feeds.problem && <p className="note serious">{feeds.problem}</p>}
            <Table
              caption="Feeds"
              rows={feeds.feeds}
              columns={kColumns}
              rowKey={(each) => each.name}
              order="name"
              empty={
                <Empty title="There are no feeds.">
                  Name them in <Mono>{feeds.folder}/feeds.hujson</Mono>.
                </Empty>
              }
            />
            <p className="faint">
              Read <Time at={feeds.loaded} /> in {feeds.load_ms} ms; {bytesText(feeds.bytes)} of memory.
            </p>
          </>
        )}
      </Loaded>
      <RuleSection />
      <Logs />
    </Page>
  );
}

function LookupForm() {
  const { store, say } = useSession();
  const [what, setWhat] = useParam('what');
  const [result, setResult] = useState<Lookup | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    store.client.get<Lookup>(`/feeds/lookup?what=${encodeURIComponent(what.trim())}`).then(
      (answer) => setResult(answer?.value ?? null),
      (error: Error) => say(error.message, 'serious'),
    );
  };
  return (
    <Section title="Who names this?">
      <form className="row" onSubmit={submit}>
        <label className="grow lookup">
          <span className="sr-only">An address, a name, a URL, a hash or a CVE</span>
          <input value={what} spellCheck={false} placeholder="Address, name, URL, hash or CVE" onChange={(event) => setWhat(event.target.value)} />
        </label>
        <button type="submit" disabled={!what.trim()}>
          Look up
        </button>
      </form>
      <div role="status">{result && <LookupResult of={result} />}</div>
    </Section>
  );
}

const kRuleColumns: Column<RuleFile>[] = [
  { key: 'name', title: 'File', cell: (each) => each.name, by: (each) => each.name },
  { key: 'state', title: 'In force', cell: (each) => <Badge tone={each.source === 'current' ? 'good' : 'serious'}>{each.source}</Badge>, by: (each) => each.source },
  { key: 'usable', title: 'Rules', cell: (each) => each.usable.toLocaleString('en'), by: (each) => each.usable, isNumber: true },
  { key: 'unusable', title: 'Not understood', cell: (each) => each.unusable.toLocaleString('en'), by: (each) => each.unusable, isNumber: true },
  { key: 'changed', title: 'Changed', cell: (each) => <Time at={each.changed} />, by: (each) => each.changed, isMinor: true },
  { key: 'problem', title: 'Problem', cell: (each) => each.problem || '–', isMinor: true },
];

function RuleSection() {
  const view = useData(sources.rules);
  const change = useChange();
  const mayRead = useMay('rules:read');
  if (!mayRead) return null;
  return (
    <Section
      title="Rules"
      aside={<Do label="Read again" scope="rules:write" done="They are being read." action={() => change('POST', '/rules/reload', undefined, 'rule')} />}
    >
      <Loaded view={view} what="the rules">
        {(rules) => (
          <>
            {rules.problem && <p className="note serious">{rules.problem}</p>}
            <Table
              caption="Rules"
              param="rules"
              rows={rules.files}
              columns={kRuleColumns}
              rowKey={(each) => each.name}
              empty={
                <Empty title="None: behaviour is looked at all the same.">
                  Put files of them into <Mono>{rules.folder}</Mono>.
                </Empty>
              }
            />
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Logs() {
  const isAllowed = useMay('inputs:read');
  return isAllowed ? <LogTable /> : null;
}

function LogTable() {
  const view = useData(sources.inputs);
  return (
    <Section title="Logs that are read here">
      <Loaded view={view} what="the logs">
        {(inputs) => (
          <>
            {inputs.problem && <p className="note serious">{inputs.problem}</p>}
            <Table
              caption="Logs"
              param="logs"
              rows={inputs.inputs ?? []}
              columns={kInputColumns}
              rowKey={(each) => each.name}
              empty={
                <Empty title="None.">
                  Name them in <Mono>{inputs.file}</Mono>.
                </Empty>
              }
            />
          </>
        )}
      </Loaded>
    </Section>
  );
}
