// Who attacks: detections by whom they are about, each with the explanation of its score.

import type { Alert, Lookup } from '../api/shapes';
import * as sources from '../api/sources';
import { countText, ruleText } from '../lib/format';
import { linkTo } from '../lib/route';
import { matches } from '../lib/search';
import { threatsOf, type Threat } from '../lib/threats';
import { useData, useMay, useParam } from '../ui/context';
import { Badge, Choice, Empty, Fact, Facts, Loaded, Mono, Page, Risk, Search, Section, Time } from '../ui/parts';
import { Table, type Column } from '../ui/table';
import { AcknowledgeButton, ActionButtons, BlockButton } from './act';
import { DetectionTable } from './detections';
import { Explanation } from './explanation';
import { LookupResult } from './lookup';
import { AlertState, Blocked, Techniques, ThreatTabs } from './shared';
import { RiskTrend } from './trends';

const kDayMs = 24 * 3_600_000;

const kColumns: Column<Threat>[] = [
  { key: 'who', title: 'Who', cell: (each) => <a href={linkTo('threats', each.subject)}>{each.name || each.subject}</a>, by: (each) => each.name || each.subject },
  { key: 'risk', title: 'Risk now', cell: (each) => (each.open ? <Risk tenths={each.risk} /> : <span className="faint">over</span>), by: (each) => each.risk, isNumber: true },
  { key: 'did', title: 'Did', cell: (each) => [...new Set(each.alerts.map((alert) => ruleText(alert.rule)))].join(', ') },
  { key: 'alerts', title: 'Open', cell: (each) => `${each.open} of ${each.alerts.length}`, by: (each) => each.open, isNumber: true },
  { key: 'techniques', title: 'Techniques', cell: (each) => <Techniques of={each.techniques} />, isMinor: true },
  { key: 'done', title: 'Done', cell: (each) => (each.actions.length ? <Blocked action={each.actions.at(-1)!} measure={each.alerts.find((alert) => alert.action !== 0)?.measure ?? null} /> : <span className="faint">nothing</span>) },
  { key: 'address', title: 'Address', cell: (each) => <Mono>{each.subject}</Mono>, by: (each) => each.subject, isMinor: true },
  { key: 'last', title: 'Last seen', cell: (each) => <Time at={each.last} />, by: (each) => each.last },
];

export function Threats() {
  const view = useData(sources.alerts);
  const [query] = useParam('q');
  const [which] = useParam('which');
  return (
    <Page
      title="Threats"
      actions={
        <>
          <ThreatTabs />
          <Search label="Search threats" />
        </>
      }
    >
      <Choice name="which" label="Which" options={[['', 'All'], ['open', 'Open'], ['over', 'Over']]} />
      <Loaded view={view} what="the threats">
        {({ alerts }) => (
          <Table
            caption="Threats"
            rows={threatsOf(alerts).filter(
              (each) =>
                (which === '' || (which === 'open') === each.open > 0) &&
                matches(query, [each.subject, each.name, ...each.techniques, ...each.feeds, ...each.alerts.map((alert) => ruleText(alert.rule))]),
            )}
            columns={kColumns}
            rowKey={(each) => each.subject}
            order="-risk"
            empty={<Empty title={alerts.length === 0 ? 'Nobody was seen to attack.' : 'Nobody is like that.'} />}
          />
        )}
      </Loaded>
    </Page>
  );
}

export function ThreatPage({ subject }: { subject: string }) {
  const view = useData(sources.alerts);
  return (
    <Loaded view={view} what="the threat">
      {({ alerts }) => {
        const threat = threatsOf(alerts).find((each) => each.subject === subject);
        if (!threat) {
          return (
            <Page title={subject} kicker={<a href={linkTo('threats')}>Threats</a>}>
              <Empty title="Nothing is known against it." />
            </Page>
          );
        }
        return <KnownThreat threat={threat} />;
      }}
    </Loaded>
  );
}

function KnownThreat({ threat }: { threat: Threat }) {
  const actions = useData(sources.actions).value?.actions ?? [];
  const inForce = actions.filter((each) => each.number !== null && (threat.actions.includes(each.number) || each.address === threat.subject || each.target === threat.name));
  const mayLook = useMay('feeds:read');
  return (
    <Page
      title={threat.name || threat.subject}
      kicker={<a href={linkTo('threats')}>Threats</a>}
      actions={inForce.length === 0 ? <BlockButton address={threat.subject} reason={`alert ${threat.alerts[0]!.number}`} /> : undefined}
    >
      <Facts>
        <Fact name="Risk now">{threat.open ? <Risk tenths={threat.risk} /> : 'over'}</Fact>
        <Fact name="Address">
          <Mono>{threat.subject}</Mono> {threat.name && <a href={linkTo('peers', threat.name)}>member {threat.name}</a>}
        </Fact>
        <Fact name="Techniques">
          <Techniques of={threat.techniques} />
        </Fact>
        <Fact name="Incidents">
          {threat.incidents.length === 0
            ? 'none'
            : threat.incidents.map((each) => (
                <a key={each} href={linkTo('incidents', each)}>
                  Incident {each}
                </a>
              ))}
        </Fact>
        <Fact name="In force">
          {inForce.length === 0
            ? 'nothing'
            : inForce.map((each) => (
                <span key={each.number} className="row">
                  <Badge tone="good" icon="good">
                    {each.executor}
                  </Badge>
                  <ActionButtons action={each} />
                </span>
              ))}
        </Fact>
      </Facts>
      {mayLook && (
        <Section title="Seen elsewhere">
          <Elsewhere what={threat.subject} />
        </Section>
      )}
      <RiskTrend title="Risk in the last day" alerts={threat.alerts} spanMs={kDayMs} />
      <Section title={countText(threat.alerts.length, 'alert')}>
        {threat.alerts.map((each, index) => (
          <Told key={each.number} alert={each} isOpen={index === 0} />
        ))}
      </Section>
      <Section title="Detections">
        <DetectionsOf subject={threat.subject} />
      </Section>
    </Page>
  );
}

function DetectionsOf({ subject }: { subject: string }) {
  const view = useData(sources.detections(subject));
  return (
    <Loaded view={view} what="the detections">
      {({ detections }) => <DetectionTable of={detections} isOfOne empty={<Empty title="None is kept any more." />} />}
    </Loaded>
  );
}

function Told({ alert, isOpen }: { alert: Alert; isOpen: boolean }) {
  return (
    <article className="detection">
      <header>
        <h3>
          <a href={linkTo('alerts', alert.number)}>{ruleText(alert.rule)}</a>
        </h3>
        <Risk tenths={alert.risk_tenths} />
        <AlertState alert={alert} />
        <span className="faint">
          <Time at={alert.last} />
        </span>
        {alert.state === 'firing' && <AcknowledgeButton number={alert.number} />}
      </header>
      <p>{alert.text}</p>
      <details open={isOpen}>
        <summary>Why this risk</summary>
        <Explanation assessment={alert.assessment} />
      </details>
    </article>
  );
}

function Elsewhere({ what }: { what: string }) {
  const path = `/feeds/lookup?what=${encodeURIComponent(what)}`;
  const view = useData<Lookup>({ key: path, topics: ['feed'], everyMs: 0, load: (client, etag) => client.get(path, { etag }) });
  return (
    <Loaded view={view} what="what feeds say">
      {(value) => <LookupResult of={value} />}
    </Loaded>
  );
}
