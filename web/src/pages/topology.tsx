// The mesh as this node sees it: how far everybody is, by which way, with which keys, and who attacks. The same as a
// table, for who does not see the picture.

import { useMemo } from 'react';
import type { Peer } from '../api/shapes';
import * as sources from '../api/sources';
import { matches } from '../lib/search';
import { MapView } from '../map/map_view';
import { mapOf, searchFields, type MapNode } from '../map/mesh_map';
import { useData, useParam } from '../ui/context';
import { Badge, Choice, Empty, Loaded, Page, Risk, Search } from '../ui/parts';
import { Table, type Column } from '../ui/table';
import { kPeerColumns } from './peers';

export default function Topology() {
  const view = useData(sources.peers);
  return (
    <Page
      title="Topology"
      actions={
        <>
          <Search label="Search the mesh" />
          <Choice name="as" label="Shown as" otherwise="picture" options={[['picture', 'Picture'], ['table', 'Table']]} />
        </>
      }
    >
      <Loaded view={view} what="the mesh">
        {({ peers }) => (peers.length === 0 ? <Empty title="This node is alone." /> : <Mesh peers={peers} />)}
      </Loaded>
    </Page>
  );
}

function Mesh({ peers }: { peers: Peer[] }) {
  const self = useData(sources.node).value;
  const alerts = useData(sources.alerts).value?.alerts;
  const actions = useData(sources.actions).value?.actions;
  const [as] = useParam('as', 'picture');
  const map = useMemo(() => mapOf(peers, alerts ?? [], actions ?? []), [peers, alerts, actions]);
  if (as === 'table') return <AsTable nodes={map.nodes} />;
  return <MapView map={map} selfName={self?.name ?? 'this node'} />;
}

const kHere = ['name', 'path', 'rtt', 'loss', 'keys'];

const kColumns: Column<MapNode>[] = [
  ...kPeerColumns.filter(({ key }) => kHere.includes(key)).map(({ cell, by, ...rest }): Column<MapNode> => ({ ...rest, cell: ({ peer }) => cell(peer), by: by && (({ peer }) => by(peer)) })),
  { key: 'risk', title: 'Risk', cell: ({ risk }) => (risk > 0 ? <Risk tenths={risk} /> : <span className="faint">–</span>), by: ({ risk }) => risk || null, isNumber: true, width: 10 },
  { key: 'reach', title: 'Blast radius', cell: ({ risk, reach }) => (risk > 0 ? `${Math.round(100 * reach)} %` : '–'), by: ({ risk, reach }) => (risk > 0 ? reach : null), isNumber: true, isMinor: true, width: 12 },
  { key: 'blocked', title: 'Blocked', cell: ({ isBlocked }) => (isBlocked ? <Badge tone="good">blocked</Badge> : <span className="faint">no</span>), by: ({ isBlocked }) => Number(isBlocked), width: 10 },
];

function AsTable({ nodes }: { nodes: MapNode[] }) {
  const [query] = useParam('q');
  const rows = useMemo(() => nodes.filter((each) => matches(query, searchFields(each))), [nodes, query]);
  return <Table caption="The mesh, as this node sees it" rows={rows} columns={kColumns} rowKey={({ peer }) => peer.name} order="rtt" empty={<Empty title="No peer is like that." />} />;
}
