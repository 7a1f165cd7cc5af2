// The picture of the mesh on the page: the canvas, buttons for what keys and wheels do, and what is said of the one that
// is selected.

import { useEffect, useMemo, useRef, type RefObject } from 'react';
import { rttText } from '../lib/format';
import { linkTo } from '../lib/route';
import { matches } from '../lib/search';
import { Keys, PathBadge } from '../pages/shared';
import { useParam } from '../ui/context';
import { Badge, Fact, Facts, Risk } from '../ui/parts';
import { cameraText, readCamera } from './camera';
import { Legend } from './legend';
import { lossPercent, sayNode, searchFields, type MapNode, type MeshMap } from './mesh_map';
import { Stage } from './stage';
import '../style/map.css';

const kZoomStep = 1.6;

export function MapView({ map, selfName }: { map: MeshMap; selfName: string }) {
  const [name, setName] = useParam('peer');
  const [query] = useParam('q');
  const selected = map.indexOf.get(name) ?? -1;
  const node = map.nodes[selected];
  const found = useMemo(() => foundIn(map, query), [map, query]);
  const [canvas, stage] = useStage(map, selfName, selected, found);
  const goTo = (index: number) => {
    setName(map.nodes[index]?.peer.name ?? '');
    stage.current?.centreOn(index);
  };
  return (
    <>
      <div className="map-room">
        <div className="map">
          <canvas
            ref={canvas}
            tabIndex={0}
            role="application"
            aria-roledescription="map"
            aria-label={`The mesh around ${selfName}`}
            aria-describedby="map-keys"
          />
          <p id="map-keys" className="sr-only">
            Arrow keys go from peer to peer, with Shift they move the map. Plus and minus zoom, 0 shows all, Enter opens the peer. The same as a table: choose Table.
          </p>
          <Buttons stage={stage} />
          {found && <Found found={found} selected={selected} onGo={goTo} />}
        </div>
        {node && <Card node={node} onClose={() => setName('')} />}
      </div>
      <p className="sr-only" role="status">
        {node ? sayNode(node) : ''}
      </p>
      <Legend />
    </>
  );
}

// The camera of the link is where it begins; from then on the stage says where it is.
function useStage(map: MeshMap, selfName: string, selected: number, found: Uint8Array | null) {
  const [, setName] = useParam('peer');
  const [at, setAt] = useParam('at');
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useRef<Stage | null>(null);
  const latest = useRef({ map, setName, setAt });
  latest.current = { map, setName, setAt };
  useEffect(() => {
    const nameOf = (index: number) => latest.current.map.nodes[index]?.peer.name ?? '';
    const made = new Stage(canvas.current!, readCamera(at), {
      selected: (index) => latest.current.setName(nameOf(index)),
      opened: (index) => (location.hash = linkTo('peers', nameOf(index))),
      moved: (camera) => latest.current.setAt(cameraText(camera)),
    });
    stage.current = made;
    return () => made.close();
  }, []);
  useEffect(() => stage.current?.show(map, selfName, { selected, found }), [map, selfName, selected, found]);
  return [canvas, stage] as const;
}

function Buttons({ stage }: { stage: RefObject<Stage | null> }) {
  return (
    <div className="map-buttons" role="group" aria-label="The map">
      <button type="button" aria-label="Nearer" onClick={() => stage.current?.zoom(kZoomStep)}>
        +
      </button>
      <button type="button" aria-label="Farther" onClick={() => stage.current?.zoom(1 / kZoomStep)}>
        −
      </button>
      <button type="button" onClick={() => stage.current?.fit()}>
        All
      </button>
    </div>
  );
}

function Found({ found, selected, onGo }: { found: Uint8Array; selected: number; onGo: (index: number) => void }) {
  const count = found.reduce((sum, each) => sum + each, 0);
  return (
    <p className="map-found" role="status">
      {count.toLocaleString('en')} found{' '}
      {count > 0 && (
        <button type="button" onClick={() => onGo(nextFound(found, selected))}>
          Go to {found[selected] === 1 ? 'the next' : 'the first'}
        </button>
      )}
    </p>
  );
}

function foundIn(map: MeshMap, query: string): Uint8Array | null {
  if (query.trim() === '') return null;
  return Uint8Array.from(map.nodes, (node) => Number(matches(query, searchFields(node))));
}

function nextFound(found: Uint8Array, from: number): number {
  const next = found.indexOf(1, from + 1);
  return next >= 0 ? next : found.indexOf(1);
}

function Card({ node, onClose }: { node: MapNode; onClose: () => void }) {
  const { peer } = node;
  return (
    <section className="map-card" aria-label={`Selected: ${peer.name}`}>
      <header>
        <h2>
          <a href={linkTo('peers', peer.name)}>{peer.name}</a>
        </h2>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      <Facts>
        <Fact name="Path">
          <PathBadge peer={peer} />
        </Fact>
        <Fact name="Round trip">{rttText(peer.rtt_ms)}</Fact>
        <Fact name="Loss">{peer.path === 'none' ? '–' : lossPercent(node.loss)}</Fact>
        <Fact name="Keys">
          <Keys peer={peer} />
        </Fact>
        {node.risk > 0 && (
          <>
            <Fact name="Risk">
              <a href={linkTo('threats', node.subject)}>
                <Risk tenths={node.risk} />
              </a>
            </Fact>
            <Fact name="Blast radius">
              {Math.round(100 * node.reach)} % of what matters
              {node.within && <span className="faint under">{node.within}</span>}
            </Fact>
          </>
        )}
        {node.isBlocked && (
          <Fact name="In force">
            <Badge tone="good" icon="good">
              blocked
            </Badge>
          </Fact>
        )}
      </Facts>
    </section>
  );
}
