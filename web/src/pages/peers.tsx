// The other members: how they are reached, and since when with post-quantum keys.

import type { Peer, Ping } from '../api/shapes';
import * as sources from '../api/sources';
import { bytesText, rttText } from '../lib/format';
import { linkTo } from '../lib/route';
import { matches } from '../lib/search';
import { useData, useParam, useSession } from '../ui/context';
import { Choice, Do, Empty, Fact, Facts, Loaded, Mono, Page, Search, Section, Time } from '../ui/parts';
import { Table, type Column } from '../ui/table';
import { BlockButton, useChange } from './act';
import { AlertTable } from './alerts';
import { Keys, PathBadge } from './shared';
import { PeerTrends } from './trends';

export const kPeerColumns: Column<Peer>[] = [
  { key: 'name', title: 'Name', cell: (each) => <a href={linkTo('peers', each.name)}>{each.name}</a>, by: (each) => each.name, width: 16 },
  { key: 'path', title: 'Path', cell: (each) => <PathBadge peer={each} />, by: (each) => each.path, width: 22 },
  { key: 'rtt', title: 'Round trip', cell: (each) => rttText(each.rtt_ms), by: (each) => each.rtt_ms, isNumber: true, width: 12 },
  { key: 'loss', title: 'Loss', cell: lossText, by: (each) => each.loss ?? null, isNumber: true, isMinor: true, width: 9 },
  { key: 'keys', title: 'Keys', cell: (each) => <Keys peer={each} />, by: (each) => Number(each.post_quantum.established), width: 17 },
  { key: 'since', title: 'Since', cell: (each) => <Time at={each.post_quantum.since} />, by: (each) => each.post_quantum.since, isMinor: true, width: 14 },
  { key: 'received', title: 'Received', cell: (each) => bytesText(each.received_bytes), by: (each) => each.received_bytes, isNumber: true, isMinor: true },
  { key: 'sent', title: 'Sent', cell: (each) => bytesText(each.sent_bytes), by: (each) => each.sent_bytes, isNumber: true, isMinor: true },
  { key: 'address', title: 'Address', cell: (each) => <Mono>{each.addresses[0] ?? ''}</Mono>, by: (each) => each.addresses[0] ?? null, isMinor: true, width: 17 },
];

function lossText(peer: Peer): string {
  return peer.loss === undefined ? '–' : `${(100 * peer.loss).toFixed(peer.loss > 0 && peer.loss < 0.1 ? 1 : 0)} %`;
}

export function Peers() {
  const view = useData(sources.peers);
  const [query] = useParam('q');
  const [path] = useParam('path');
  return (
    <Page title="Peers" actions={<Search label="Search peers" />}>
      <Choice name="path" label="Path" options={[['', 'All'], ['direct', 'Direct'], ['relay', 'Relayed'], ['tcp', 'Over TCP'], ['none', 'No path']]} />
      <Loaded view={view} what="the peers">
        {({ peers }) => (
          <Table
            caption="Peers"
            rows={peers.filter((each) => (path === '' || each.path === path) && matches(query, [each.name, each.id, each.endpoint, ...each.addresses]))}
            columns={kPeerColumns}
            rowKey={(each) => each.name}
            order="name"
            empty={
              peers.length === 0 ? (
                <Empty title="This node is alone.">
                  <p>Make an invitation, and use it on the next machine:</p>
                  <pre>phantom token create{'\n'}phantom join TOKEN</pre>
                </Empty>
              ) : (
                <Empty title="No peer is like that." />
              )
            }
          />
        )}
      </Loaded>
    </Page>
  );
}

export function PeerPage({ name }: { name: string }) {
  const view = useData(sources.peers);
  return (
    <Loaded view={view} what="the peer">
      {({ peers }) => {
        const peer = peers.find((each) => each.name === name);
        if (!peer) {
          return (
            <Page title={name} kicker={<a href={linkTo('peers')}>Peers</a>}>
              <Empty title="There is no such peer, or it was put out." />
            </Page>
          );
        }
        return <KnownPeer peer={peer} />;
      }}
    </Loaded>
  );
}

function KnownPeer({ peer }: { peer: Peer }) {
  return (
    <Page
      title={peer.name}
      kicker={<a href={linkTo('peers')}>Peers</a>}
      actions={
        <>
          <a className="button" href={`${linkTo('flows')}?q=${encodeURIComponent(peer.name)}`}>
            Flows
          </a>
          <PingButton name={peer.name} />
          {peer.addresses[0] && <BlockButton address={peer.addresses[0]} reason={`by hand, of ${peer.name}`} />}
        </>
      }
    >
      <Facts>
        <Fact name="Path">
          <PathBadge peer={peer} /> {peer.endpoint && <Mono>{peer.endpoint}</Mono>}
        </Fact>
        <Fact name="Round trip">{rttText(peer.rtt_ms)}</Fact>
        <Fact name="Loss">{lossText(peer)}</Fact>
        <Fact name="Keys">
          <Keys peer={peer} /> since <Time at={peer.post_quantum.since} />
          {peer.post_quantum.kept && <span className="faint">, kept over a restart</span>}
        </Fact>
        <Fact name="Received">{bytesText(peer.received_bytes)}</Fact>
        <Fact name="Sent">{bytesText(peer.sent_bytes)}</Fact>
        <Fact name="Addresses">
          {peer.addresses.map((each) => (
            <div key={each}>
              <Mono>{each}</Mono>
            </div>
          ))}
        </Fact>
        {peer.keys_since && (
          <Fact name="Its keys">
            since <Time at={peer.keys_since} />, membership ends <Time at={peer.expires} never="never" />
          </Fact>
        )}
        {peer.id && (
          <Fact name="Identity">
            <Mono>{peer.id}</Mono>
          </Fact>
        )}
      </Facts>
      <PeerTrends name={peer.name} />
      <Section title="Alerts about it">
        <AlertsOf peer={peer} />
      </Section>
    </Page>
  );
}

function PingButton({ name }: { name: string }) {
  const change = useChange();
  const { say } = useSession();
  return (
    <Do
      label="Measure"
      scope="peers:write"
      action={async () => {
        const answer = await change<Ping>('POST', `/peers/${encodeURIComponent(name)}/ping`, undefined, 'peer');
        say(`Asked. The last round trip was ${rttText(answer.rtt_ms)}.`);
      }}
    />
  );
}

function AlertsOf({ peer }: { peer: Peer }) {
  const view = useData(sources.alerts);
  return (
    <Loaded view={view} what="the alerts">
      {({ alerts }) => <AlertTable alerts={alerts.filter((each) => each.subject_name === peer.name || peer.addresses.includes(each.subject))} empty={<Empty title="None." />} />}
    </Loaded>
  );
}
