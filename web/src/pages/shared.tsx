// What several pages show of the same things.

import type { Action, Alert, Peer } from '../api/shapes';
import * as sources from '../api/sources';
import { rttText, subjectText } from '../lib/format';
import { linkTo } from '../lib/route';
import { doneWord, isAway, isImported } from '../lib/state';
import { useData, useRoute } from '../ui/context';
import { Badge, Time } from '../ui/parts';

/** Who it is about: a member's page, and beside it all that is known against him. */
export function Who({ of }: { of: { subject: string; subject_name: string } }) {
  return (
    <a href={linkTo('threats', of.subject)} title={of.subject}>
      {subjectText(of)}
    </a>
  );
}

type TabPlaces = readonly (readonly [place: string, title: string])[];
const kAlertTabs: TabPlaces = [['', 'Alerts'], ['silences', 'Silences'], ['told', 'Who is told']];
const kThreatTabs: TabPlaces = [['', 'By attacker'], ['detections', 'Detections']];

/** Between the pages about alerts. */
export function AlertTabs() {
  return <Tabs label="About alerts" of="alerts" places={kAlertTabs} />;
}

export function ThreatTabs() {
  return <Tabs label="About threats" of="threats" places={kThreatTabs} />;
}

function Tabs({ label, of, places }: { label: string; of: string; places: TabPlaces }) {
  const { path } = useRoute();
  return (
    <nav className="tabs" aria-label={label}>
      {places.map(([place, title]) => (
        <a key={place} href={linkTo(of, ...(place ? [place] : []))} aria-current={(path[1] ?? '') === place ? 'page' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  );
}

const kStates: Record<Alert['state'], 'serious' | 'info' | 'good'> = { firing: 'serious', acknowledged: 'info', resolved: 'good' };

export function AlertState({ alert }: { alert: Alert }) {
  return (
    <span className="states">
      <Badge tone={kStates[alert.state]}>{alert.state}</Badge>
      {alert.action !== 0 && <Blocked action={alert.action} measure={alert.measure} />}
    </span>
  );
}

export function Blocked({ action, measure }: { action: number; measure: string | null }) {
  const inForce = useData(sources.actions).value?.actions.some((each) => each.number === action);
  if (!inForce) return <Badge>{doneWord(measure)} before</Badge>;
  return (
    <Badge tone="good" icon="good">
      {doneWord(measure)}
    </Badge>
  );
}

export function PathBadge({ peer }: { peer: Peer }) {
  switch (peer.path) {
    case 'direct':
      return <Badge tone="good">direct</Badge>;
    case 'relay':
      return <Badge tone="info">relayed{peer.relays?.length ? ` by ${peer.relays.join(', ')}` : ''}</Badge>;
    case 'tcp':
      return <Badge tone="info">over TCP</Badge>;
    case 'none':
      return isAway(peer) ? <Badge tone="serious">no path</Badge> : <Badge>no link open</Badge>;
  }
}

export function Keys({ peer }: { peer: Peer }) {
  if (isImported(peer)) return <Badge>stock WireGuard</Badge>;
  if (peer.path === 'none' && !isAway(peer)) return <span className="faint">–</span>;
  if (!peer.post_quantum.established) {
    return (
      <Badge tone="warning" icon="unlock">
        not yet
      </Badge>
    );
  }
  return (
    <Badge tone="good" icon="lock">
      post-quantum
    </Badge>
  );
}

export function Rtt({ peer }: { peer: Peer }) {
  return <>{rttText(peer.rtt_ms)}</>;
}

export function Until({ action }: { action: Action }) {
  if (action.state === 'proposed') return <span className="faint">waits for a word</span>;
  return <Time at={action.until} never="until it is undone" />;
}

/** "T1046": what ATT&CK calls it, without a link, for the page asks nobody else. */
export function Techniques({ of }: { of: string[] }) {
  if (of.length === 0) return <span className="faint">–</span>;
  return (
    <span className="states">
      {of.map((each) => (
        <Badge key={each}>{each}</Badge>
      ))}
    </span>
  );
}
