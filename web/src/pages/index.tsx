// Which page is at which place.

import { lazy, type ReactNode } from 'react';
import type { IconName } from '../ui/icon';
import { Actions } from './actions';
import { AlertPage, Alerts } from './alerts';
import Detections from './detections';
import { IncidentPage, Incidents } from './incidents';
import { Missing } from './missing';
import { Overview } from './overview';
import { PeerPage, Peers } from './peers';
import { ThreatPage, Threats } from './threats';

// What not everybody looks at, and what is large, comes when it is looked at.
const Audit = lazy(() => import('./audit'));
const Flows = lazy(() => import('./flows'));
const Feeds = lazy(() => import('./feeds'));
const Policy = lazy(() => import('./policy'));
const Settings = lazy(() => import('./settings'));
const Silences = lazy(() => import('./silences'));
const Told = lazy(() => import('./told'));
const Topology = lazy(() => import('./topology'));

export const kPlaces: { place: string; title: string; icon: IconName }[] = [
  { place: '', title: 'Overview', icon: 'overview' },
  { place: 'topology', title: 'Topology', icon: 'topology' },
  { place: 'peers', title: 'Peers', icon: 'peers' },
  { place: 'flows', title: 'Flows', icon: 'flows' },
  { place: 'threats', title: 'Threats', icon: 'threats' },
  { place: 'alerts', title: 'Alerts', icon: 'alerts' },
  { place: 'incidents', title: 'Incidents', icon: 'incidents' },
  { place: 'actions', title: 'Actions', icon: 'actions' },
  { place: 'policy', title: 'Policy', icon: 'policy' },
  { place: 'feeds', title: 'Feeds', icon: 'feeds' },
  { place: 'audit', title: 'Audit', icon: 'audit' },
  { place: 'settings', title: 'Settings', icon: 'settings' },
];

export function pageOf(path: string[]): { title: string; page: ReactNode } {
  const [place = '', item] = path;
  const number = Number(item);
  if (item !== undefined && path.length === 2) {
    if (place === 'peers') return { title: item, page: <PeerPage name={item} /> };
    if (place === 'threats' && item === 'detections') return { title: 'Detections', page: <Detections /> };
    if (place === 'threats') return { title: item, page: <ThreatPage subject={item} /> };
    if (place === 'alerts' && item === 'silences') return { title: 'Silences', page: <Silences /> };
    if (place === 'alerts' && item === 'told') return { title: 'Who is told', page: <Told /> };
    if (place === 'alerts' && Number.isInteger(number)) return { title: `Alert ${item}`, page: <AlertPage number={number} /> };
    if (place === 'incidents' && Number.isInteger(number)) return { title: `Incident ${item}`, page: <IncidentPage number={number} /> };
  }
  const found = path.length < 2 ? kPlaces.find((each) => each.place === place) : undefined;
  if (!found) return { title: 'Nothing here', page: <Missing /> };
  return { title: found.title, page: pages[found.place]!() };
}

const pages: Record<string, () => ReactNode> = {
  '': () => <Overview />,
  topology: () => <Topology />,
  peers: () => <Peers />,
  flows: () => <Flows />,
  threats: () => <Threats />,
  alerts: () => <Alerts />,
  incidents: () => <Incidents />,
  actions: () => <Actions />,
  policy: () => <Policy />,
  feeds: () => <Feeds />,
  audit: () => <Audit />,
  settings: () => <Settings />,
};
