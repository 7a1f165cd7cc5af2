// What was found and judged, each with the explanation of its score: also what joined an alert that was there already.

import { useState, type ReactNode } from 'react';
import type { Detection } from '../api/shapes';
import * as sources from '../api/sources';
import { countText, ruleText, sentence, subjectText } from '../lib/format';
import { linkTo } from '../lib/route';
import { matches } from '../lib/search';
import { useData, useParam } from '../ui/context';
import { Badge, Choice, Empty, Loaded, Page, Risk, Search, Time } from '../ui/parts';
import { Table, type Column } from '../ui/table';
import { DetectionDialog } from './detection';
import { Techniques, ThreatTabs, Who } from './shared';

const kKinds: Detection['kind'][] = ['signature', 'scenario', 'anomaly', 'log', 'reputation', 'peer report'];

export default function Detections() {
  const view = useData(sources.detections(''));
  const [query] = useParam('q');
  const [kind] = useParam('kind');
  return (
    <Page
      title="Detections"
      actions={
        <>
          <ThreatTabs />
          <Search label="Search detections" />
        </>
      }
    >
      <Choice name="kind" label="Kind" options={[['', 'All'], ...kKinds.map((each): [string, string] => [each, sentence(each)])]} />
      <Loaded view={view} what="the detections">
        {({ detections, judged, kept }) => (
          <>
            <DetectionTable
              of={detections.filter((each) => (kind === '' || each.kind === kind) && matches(query, [each.rule, ruleText(each.rule), each.text, each.subject, each.subject_name, each.object, each.technique]))}
              empty={<Empty title={detections.length === 0 ? 'Nothing was found since the node started.' : 'No detection is like that.'} />}
            />
            {judged > kept && <p className="faint">{countText(judged - kept, 'older one')} were let go.</p>}
          </>
        )}
      </Loaded>
    </Page>
  );
}

export function DetectionTable({ of, empty, isOfOne }: { of: Detection[]; empty: ReactNode; isOfOne?: boolean }) {
  const [asked, setAsked] = useState<Detection | null>(null);
  const columns: Column<Detection>[] = [
    { key: 'what', title: 'What', cell: (each) => ruleText(each.rule), by: (each) => ruleText(each.rule), width: 24 },
    { key: 'kind', title: 'Kind', cell: (each) => <Badge>{each.kind}</Badge>, by: (each) => each.kind, isMinor: true, width: 14 },
    { key: 'risk', title: 'Risk', cell: (each) => <Risk tenths={each.risk_tenths} />, by: (each) => each.risk_tenths, isNumber: true, width: 14 },
    { key: 'who', title: 'By', cell: (each) => <Who of={each} />, by: subjectText, width: 17 },
    { key: 'confidence', title: 'Confidence', cell: (each) => each.confidence.toFixed(2), by: (each) => each.confidence, isNumber: true, isMinor: true, width: 13 },
    { key: 'technique', title: 'Technique', cell: (each) => <Techniques of={each.technique ? [each.technique] : []} />, by: (each) => each.technique, isMinor: true, width: 14 },
    { key: 'alert', title: 'Joined', cell: (each) => <a href={linkTo('alerts', each.alert)}>Alert {each.alert}</a>, by: (each) => each.alert, isMinor: true, width: 11 },
    { key: 'at', title: 'When', cell: (each) => <Time at={each.at} />, by: (each) => each.at, width: 13 },
    {
      key: 'why',
      title: '',
      cell: (each) => (
        <button type="button" onClick={() => setAsked(each)}>
          Why<span className="sr-only"> this risk, of detection {each.number}</span>
        </button>
      ),
      width: 9,
    },
  ];
  return (
    <>
      <Table caption="Detections" param="detections" rows={of} columns={isOfOne ? columns.filter((each) => each.key !== 'who') : columns} rowKey={(each) => each.number} order="-at" empty={empty} />
      {asked && <DetectionDialog of={asked} onClose={() => setAsked(null)} />}
    </>
  );
}
