// The mesh as this node sees it: how far everybody is, by which way, with which keys, and who attacks. The same as a
// table, for who does not see the picture and for meshes that are too large for it.

import type { ReactNode } from 'react';
import type { Peer } from '../api/shapes';
import * as sources from '../api/sources';
import { countText, riskText, rttText } from '../lib/format';
import { kCircles, kRim, placeAll, radiusOf, type Placed } from '../lib/layout';
import { linkTo } from '../lib/route';
import { isImported } from '../lib/state';
import { useData, useParam } from '../ui/context';
import { Choice, Empty, Loaded, Page } from '../ui/parts';
import { Table } from '../ui/table';
import { kPeerColumns } from './peers';

// More than these cannot be told apart in the picture.
const kDrawnMax = 120;
const kNamedMax = 48;

export function Topology() {
  const view = useData(sources.peers);
  const [as] = useParam('as', 'picture');
  return (
    <Page title="Topology" actions={<Choice name="as" label="Shown as" otherwise="picture" options={[['picture', 'Picture'], ['table', 'Table']]} />}>
      <Loaded view={view} what="the mesh">
        {({ peers }) => {
          if (peers.length === 0) return <Empty title="This node is alone." />;
          if (as === 'table') return <AsTable peers={peers} />;
          return <Picture peers={peers} />;
        }}
      </Loaded>
    </Page>
  );
}

function AsTable({ peers }: { peers: Peer[] }) {
  return <Table caption="The mesh, as this node sees it" rows={peers} columns={kPeerColumns} rowKey={(each) => each.name} order="rtt" empty={null} />;
}

function Picture({ peers }: { peers: Peer[] }) {
  const self = useData(sources.node).value;
  const alerts = useData(sources.alerts).value?.alerts ?? [];
  const actions = useData(sources.actions).value?.actions ?? [];
  // Those that attack first, so that none of them is left out.
  const riskOf = (peer: Peer) =>
    Math.max(0, ...alerts.filter((each) => each.state !== 'resolved' && (each.subject_name === peer.name || peer.addresses.includes(each.subject))).map((each) => each.risk_tenths));
  const drawn = [...peers].sort((a, b) => riskOf(b) - riskOf(a)).slice(0, kDrawnMax);
  const places = new Map(placeAll(drawn.map((each) => ({ name: each.name, rtt_ms: each.rtt_ms, isReached: each.path !== 'none' }))).map((each) => [each.name, each]));
  const isBlocked = (peer: Peer) => actions.some((each) => each.executor === 'firewall' && each.state === 'active' && peer.addresses.includes(each.address));
  return (
    <>
      <div className="picture">
        <svg viewBox={`${-kRim - 130} ${-kRim - 40} ${2 * kRim + 260} ${2 * kRim + 80}`} role="group" aria-label={`The mesh around ${self?.name ?? 'this node'}. As a table: choose Table.`}>
          <Circles />
          {drawn.map((each) => (
            <Line key={each.name} peer={each} at={places.get(each.name)!} by={each.relays?.[0] ? places.get(each.relays[0]) : undefined} />
          ))}
          <g className="self">
            <circle r="20" />
            <text y="38">{self?.name ?? ''}</text>
          </g>
          {drawn.map((each) => (
            <Point key={each.name} peer={each} at={places.get(each.name)!} risk={riskOf(each)} isBlocked={isBlocked(each)} isNamed={drawn.length <= kNamedMax || riskOf(each) > 0} />
          ))}
        </svg>
        <Legend />
      </div>
      {drawn.length < peers.length && (
        <p className="faint">
          {kDrawnMax} of {countText(peers.length, 'peer')} are drawn; <a href="#/topology?as=table">the table</a> has all.
        </p>
      )}
    </>
  );
}

function Circles() {
  return (
    <g className="circles" aria-hidden="true">
      {kCircles.map((ms) => (
        <g key={ms}>
          <circle r={radiusOf(ms)} />
          <text x="0" y={-radiusOf(ms) - 3}>
            {ms} ms
          </text>
        </g>
      ))}
    </g>
  );
}

function Line({ peer, at, by }: { peer: Peer; at: Placed; by: Placed | undefined }) {
  const way = peer.path === 'relay' && by ? `M0 0L${by.x} ${by.y}L${at.x} ${at.y}` : `M0 0L${at.x} ${at.y}`;
  return <path className={`line ${peer.path}`} d={way} aria-hidden="true" />;
}

function Point({ peer, at, risk, isBlocked, isNamed }: { peer: Peer; at: Placed; risk: number; isBlocked: boolean; isNamed: boolean }) {
  const isSafe = peer.post_quantum.established;
  const keys = isImported(peer) ? 'stock WireGuard' : isSafe ? 'post-quantum keys' : 'no post-quantum keys yet';
  const more = risk > 0 ? `risk ${riskText(risk)}${isBlocked ? ', blocked' : ''}` : `${rttText(peer.rtt_ms)}${isBlocked ? ', blocked' : ''}`;
  // What is read aloud begins with what is seen.
  const said = [`${peer.name} ${more}`, peer.path === 'none' ? 'no path' : peer.path, keys];
  const anchor = { left: 'end', right: 'start', middle: 'middle' } as const;
  const dx = { left: -16, right: 16, middle: 0 }[at.side];
  const dy = at.side === 'middle' ? (at.y < 0 ? -26 : 30) : 0;
  return (
    <a href={linkTo('peers', peer.name)} className={`point ${risk > 0 ? 'risky' : ''} ${isSafe ? 'safe' : ''}`} aria-label={said.join(', ')}>
      <title>{said.join(', ')}</title>
      <g transform={`translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`}>
        {risk > 0 && <path className="warn" d="M0 -21L21 0 0 21 -21 0Z" />}
        <circle r="9" className="body" />
        {isSafe && <circle r="12.5" className="ring" />}
        {isBlocked && <path className="bar" d="M-6 0H6" />}
        {isNamed && (
          <text x={risk > 0 ? dx * 1.5 : dx} y={dy} textAnchor={anchor[at.side]}>
            <tspan className="name">{peer.name}</tspan>{' '}
            <tspan className="more" x={risk > 0 ? dx * 1.5 : dx} dy="1.15em">
              {more}
            </tspan>
          </text>
        )}
      </g>
    </a>
  );
}

function Legend() {
  return (
    <ul className="legend">
      <li>
        <Sample>
          <path className="line direct" d="M0 8H32" />
        </Sample>
        direct
      </li>
      <li>
        <Sample>
          <path className="line relay" d="M0 8H32" />
        </Sample>
        relayed
      </li>
      <li>
        <Sample>
          <path className="line tcp" d="M0 8H32" />
        </Sample>
        over TCP
      </li>
      <li>
        <Sample>
          <path className="line none" d="M0 8H32" />
        </Sample>
        no path
      </li>
      <li>
        <Sample>
          <g className="point safe" transform="translate(16 8) scale(.55)">
            <circle r="9" className="body" />
            <circle r="12.5" className="ring" />
          </g>
        </Sample>
        ring: post-quantum keys
      </li>
      <li>
        <Sample>
          <g className="point risky" transform="translate(16 8) scale(.4)">
            <path className="warn" d="M0 -19L19 0 0 19 -19 0Z" />
            <circle r="9" className="body" />
          </g>
        </Sample>
        diamond: an open alert
      </li>
      <li>
        <Sample>
          <g className="point" transform="translate(16 8) scale(.6)">
            <circle r="9" className="body blocked" />
            <path className="bar" d="M-6 0H6" />
          </g>
        </Sample>
        bar: blocked
      </li>
      <li className="faint">Distance from the middle: the round trip.</li>
    </ul>
  );
}

function Sample({ children }: { children: ReactNode }) {
  return (
    <svg viewBox="0 0 32 16" width="32" height="16" aria-hidden="true">
      {children}
    </svg>
  );
}
