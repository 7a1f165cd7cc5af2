// What goes through the tunnel now: who talks with whom, about what, and whether the policy lets them.

import { useMemo } from 'react';
import type { Flow } from '../api/shapes';
import * as sources from '../api/sources';
import { bytesOf, endText, flowFields, serviceText, sharesOf, type Grouping } from '../lib/flows';
import { bytesText, countText } from '../lib/format';
import { linkTo } from '../lib/route';
import { matches } from '../lib/search';
import { useData, useParam } from '../ui/context';
import { Badge, Choice, Empty, Loaded, Page, Search, Section, Time } from '../ui/parts';
import { Table, type Column } from '../ui/table';

const kColumns: Column<Flow>[] = [
  { key: 'from', title: 'From', cell: (each) => <End name={each.from_name} address={each.from} />, by: (each) => endText(each.from_name, each.from), width: 17 },
  { key: 'to', title: 'To', cell: (each) => <Destination of={each} />, by: (each) => endText(each.to_name, each.to), width: 17 },
  { key: 'service', title: 'Port', cell: (each) => <span className="whole">{serviceText(each)}</span>, by: serviceText, isMinor: true, width: 11 },
  { key: 'about', title: 'About', cell: (each) => <About of={each} />, by: (each) => `${each.application} ${each.name}`, isMinor: true, width: 26 },
  { key: 'bytes', title: 'Traffic', cell: (each) => <Traffic of={each} />, by: bytesOf, isNumber: true, width: 14 },
  { key: 'state', title: 'State', cell: (each) => <Badge tone={each.state === 'open' ? 'info' : 'quiet'}>{kStates[each.state]}</Badge>, by: (each) => each.state, isMinor: true, width: 11 },
  { key: 'policy', title: 'Policy', cell: (each) => <Verdict of={each} />, by: (each) => each.policy, width: 18 },
  { key: 'last', title: 'Last packet', cell: (each) => <Time at={each.last} />, by: (each) => each.last, isMinor: true, width: 13 },
  { key: 'peer', title: 'By way of', cell: (each) => (each.peer ? <a className="whole" href={linkTo('peers', each.peer)}>{each.peer}</a> : '–'), by: (each) => each.peer, isMinor: true, width: 14 },
];

const kStates: Record<Flow['state'], string> = { asked: 'no answer', open: 'open', over: 'over' };

function End({ name, address }: { name: string; address: string }) {
  return <span className="whole" title={address}>{name || <span className="mono">{address}</span>}</span>;
}

// On a phone the columns of port and subject stand here.
function Destination({ of }: { of: Flow }) {
  return (
    <>
      <End name={of.to_name} address={of.to} />
      <span className="narrow-only faint">{[serviceText(of), of.application, of.name].filter(Boolean).join(' ')}</span>
    </>
  );
}

function About({ of }: { of: Flow }) {
  if (!of.application) return <span className="faint">–</span>;
  return (
    <>
      <Badge>{of.application}</Badge> {of.name && <span title={of.name}>{of.name}</span>}
    </>
  );
}

// What counts from the kernel's table may have begun before it was looked at.
function Traffic({ of }: { of: Flow }) {
  const least = of.counts_are_all ? '' : '≥ ';
  return (
    <span title={`there ${least}${bytesText(of.bytes_there)} in ${countText(of.packets_there, 'packet')}, back ${least}${bytesText(of.bytes_back)} in ${countText(of.packets_back, 'packet')}`}>
      {least}
      {bytesText(bytesOf(of))}
    </span>
  );
}

function Verdict({ of }: { of: Flow }) {
  if (of.policy === 'none') return <span className="faint">no policy</span>;
  if (of.policy === 'denied') return <Badge tone="serious">denied</Badge>;
  const port = of.to_port === 0 ? of.protocol : `${of.protocol}:${of.to_port}`;
  const src = endText(of.from_name, of.from);
  const dst = endText(of.to_name, of.to);
  return (
    <span className="whole">
      <Badge tone="good">allowed</Badge>{' '}
      {of.grant_line !== null && <a href={`${linkTo('policy')}?${new URLSearchParams({ dst, port, src }).toString()}`}>line {of.grant_line}</a>}
    </span>
  );
}

export default function Flows() {
  const view = useData(sources.flows);
  const [query] = useParam('q');
  const [state] = useParam('state');
  const [policy] = useParam('policy');
  return (
    <Page title="Flows" actions={<Search label="Search flows" />}>
      <div className="row filters">
        <Choice name="state" label="State" options={[['', 'All'], ['open', 'Open'], ['asked', 'No answer'], ['over', 'Over']]} />
        <Choice name="policy" label="Policy" options={[['', 'Any'], ['allowed', 'Allowed'], ['denied', 'Denied']]} />
      </div>
      <Loaded view={view} what="the flows">
        {({ flows, is_whole }) => {
          const shown = flows.filter((each) => (state === '' || each.state === state) && (policy === '' || each.policy === policy) && matches(query, flowFields(each)));
          return (
            <>
              <Shares flows={shown} />
              <Section title={countText(shown.length, 'flow')}>
                {!is_whole && <p className="faint">The kernel has more than was looked at.</p>}
                <Table
                  caption="Flows"
                  rows={shown}
                  columns={kColumns}
                  rowKey={(each) => each.number}
                  order="-last"
                  empty={<Empty title={flows.length === 0 ? 'Nothing has gone through yet.' : 'No flow is like that.'} />}
                />
              </Section>
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

const kSharesShown = 6;

function Shares({ flows }: { flows: Flow[] }) {
  const [by] = useParam('by', 'application');
  const shares = useMemo(() => sharesOf(flows, by as Grouping, kSharesShown), [flows, by]);
  if (flows.length === 0) return null;
  const most = Math.max(...shares.map((each) => each.bytes), 1);
  return (
    <Section
      title="Most traffic"
      aside={<Choice name="by" label="Added up by" otherwise="application" options={[['application', 'Application'], ['peer', 'Peer'], ['service', 'Port']]} />}
    >
      <table className="bars">
        <caption className="sr-only">Traffic by {by}</caption>
        <colgroup>
          <col className="factors" />
          <col className="drawings" />
          <col />
        </colgroup>
        <thead className="sr-only">
          <tr>
            <th scope="col">Which</th>
            <th scope="col">Drawn</th>
            <th scope="col">Traffic</th>
          </tr>
        </thead>
        <tbody>
          {shares.map((each) => (
            <tr key={each.name}>
              <th scope="row">{each.name}</th>
              <td className="drawn">
                <svg viewBox="0 0 200 12" preserveAspectRatio="none" aria-hidden="true">
                  <rect className="track" x="0" y="3" width="200" height="6" rx="3" />
                  <rect className="fill" x="0" y="3" width={(200 * each.bytes) / most} height="6" rx="3" />
                </svg>
              </td>
              <td>
                <b>{bytesText(each.bytes)}</b> <span className="faint">{countText(each.flows, 'flow')}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
