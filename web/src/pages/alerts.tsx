// What was found, how bad it is, and who was told.

import type { ReactNode } from 'react';
import type { Alert, AlertInFull, Delivery } from '../api/shapes';
import * as sources from '../api/sources';
import { ruleText, subjectText } from '../lib/format';
import { linkTo } from '../lib/route';
import { matches } from '../lib/search';
import { levelText } from '../lib/telling';
import { useData, useParam } from '../ui/context';
import { Badge, Choice, Empty, Fact, Facts, Loaded, Mono, Page, Risk, Search, Section, Time, ToneIcon } from '../ui/parts';
import { Table, type Column } from '../ui/table';
import { AcknowledgeButton, ActionButtons, BlockButton } from './act';
import { Explanation } from './explanation';
import { AlertState, AlertTabs, Techniques, Who } from './shared';

const kColumns: Column<Alert>[] = [
  { key: 'what', title: 'What', cell: (each) => <a href={linkTo('alerts', each.number)}>{ruleText(each.rule)}</a>, by: (each) => ruleText(each.rule) },
  { key: 'risk', title: 'Risk', cell: (each) => <Risk tenths={each.risk_tenths} />, by: (each) => each.risk_tenths, isNumber: true },
  { key: 'who', title: 'By', cell: (each) => <Who of={each} />, by: subjectText },
  { key: 'state', title: 'State', cell: (each) => <AlertState alert={each} />, by: (each) => each.state },
  { key: 'priority', title: 'Priority', cell: (each) => each.priority, by: (each) => each.priority, isMinor: true },
  { key: 'object', title: 'Against', cell: (each) => <Mono>{each.object || '–'}</Mono>, by: (each) => each.object, isMinor: true },
  { key: 'count', title: 'Times', cell: (each) => each.count, by: (each) => each.count, isNumber: true, isMinor: true },
  { key: 'last', title: 'Last seen', cell: (each) => <Time at={each.last} />, by: (each) => each.last },
  { key: 'do', title: '', cell: (each) => each.state === 'firing' && <AcknowledgeButton number={each.number} /> },
];

export function AlertTable({ alerts, empty }: { alerts: Alert[]; empty: ReactNode }) {
  return <Table caption="Alerts" rows={alerts} columns={kColumns} rowKey={(each) => each.number} order="-last" empty={empty} />;
}

export function Alerts() {
  const view = useData(sources.alerts);
  const [query] = useParam('q');
  const [state] = useParam('state');
  const [priority] = useParam('priority');
  return (
    <Page
      title="Alerts"
      actions={
        <>
          <AlertTabs />
          <Search label="Search alerts" />
        </>
      }
    >
      <div className="row filters">
        <Choice name="state" label="State" options={[['', 'All'], ['firing', 'Firing'], ['acknowledged', 'Acknowledged'], ['resolved', 'Resolved']]} />
        <Choice name="priority" label="Priority" options={[['', 'Any'], ['P1', 'P1'], ['P2', 'P2'], ['P3', 'P3'], ['P4', 'P4'], ['P5', 'P5']]} />
      </div>
      <Loaded view={view} what="the alerts">
        {({ alerts, dropped }) => (
          <>
            <AlertTable
              alerts={alerts.filter(
                (each) =>
                  (state === '' || each.state === state) &&
                  (priority === '' || each.priority === priority) &&
                  matches(query, [each.rule, ruleText(each.rule), each.text, each.subject, each.subject_name, each.object, each.technique]),
              )}
              empty={<Empty title={alerts.length === 0 ? 'Nothing was found.' : 'No alert is like that.'} />}
            />
            {dropped > 0 && <p className="faint">{dropped} older ones were let go.</p>}
          </>
        )}
      </Loaded>
    </Page>
  );
}

export function AlertPage({ number }: { number: number }) {
  const view = useData(sources.alert(number));
  return (
    <Loaded view={view} what={`alert ${number}`}>
      {(alert) => <KnownAlert alert={alert} />}
    </Loaded>
  );
}

function KnownAlert({ alert }: { alert: AlertInFull }) {
  const action = useData(sources.actions).value?.actions.find((each) => each.number === (alert.action || alert.proposal));
  return (
    <Page
      title={`${ruleText(alert.rule)} by ${subjectText(alert)}`}
      kicker={
        <>
          <a href={linkTo('alerts')}>Alerts</a> / {alert.number}
        </>
      }
      actions={
        <>
          {alert.state === 'firing' && <AcknowledgeButton number={alert.number} tone="primary" />}
          {action ? <ActionButtons action={action} /> : <BlockButton address={alert.subject} reason={`alert ${alert.number}`} />}
          <a className="button" href={`${linkTo('alerts', 'silences')}?alert=${alert.number}`}>
            Silence…
          </a>
        </>
      }
    >
      <p className="lead">{alert.text}</p>
      <Facts>
        <Fact name="Risk">
          <Risk tenths={alert.risk_tenths} /> <Badge>{alert.priority}</Badge>
        </Fact>
        <Fact name="State">
          <AlertState alert={alert} />
        </Fact>
        <Fact name="By">
          <Who of={alert} /> {alert.subject_name && <Mono>{alert.subject}</Mono>}
        </Fact>
        <Fact name="Against">
          <Mono>{alert.object || '–'}</Mono>
        </Fact>
        <Fact name="Seen">
          {alert.count} {alert.count === 1 ? 'time' : 'times'}, first <Time at={alert.first} />, last <Time at={alert.last} />
        </Fact>
        <Fact name="Technique">
          <Techniques of={alert.technique ? [alert.technique] : []} />
        </Fact>
        <Fact name="Rule">
          <Mono>{alert.rule}</Mono>
        </Fact>
        <Fact name="Incident">{alert.incident ? <a href={linkTo('incidents', alert.incident)}>Incident {alert.incident}</a> : 'none'}</Fact>
        {alert.feeds.length > 0 && <Fact name="Named by">{alert.feeds.join(', ')}</Fact>}
        {alert.acknowledged_by && <Fact name="Acknowledged by">{alert.acknowledged_by}</Fact>}
      </Facts>
      <Section title="Why this risk">
        <Explanation assessment={alert.assessment} />
      </Section>
      {typeof alert.history === 'string' && alert.history && (
        <Section title="Before">
          <p>{alert.history}</p>
        </Section>
      )}
      <Section title="Who was told">
        <Next number={alert.number} />
        <Deliveries of={alert.deliveries ?? []} />
      </Section>
    </Page>
  );
}

// Of the one where nobody has answered yet.
function Next({ number }: { number: number }) {
  const policies = useData(sources.receivers).value?.policies;
  const next = useData(sources.escalations).value?.escalations.filter((each) => each.alerts.includes(number)) ?? [];
  return (
    <>
      {next.map((each) => (
        <p key={each.policy} className="note warning">
          <ToneIcon tone="warning" />
          <span>
            Nobody has answered. Next told: <b>{levelText(each, policies ?? [])}</b>, <Time at={each.next} /> (step {each.next_level} of {each.levels}). <a href={linkTo('alerts', 'told')}>Who is told</a>
          </span>
        </p>
      ))}
    </>
  );
}

function Deliveries({ of }: { of: Delivery[] }) {
  const columns: Column<Delivery>[] = [
    { key: 'receiver', title: 'Receiver', cell: (each) => each.receiver },
    { key: 'channel', title: 'Channel', cell: (each) => each.channel },
    { key: 'destination', title: 'Where', cell: (each) => <Mono>{each.destination}</Mono>, isMinor: true },
    { key: 'state', title: 'State', cell: (each) => <Badge tone={each.state === 'delivered' ? 'good' : 'quiet'}>{each.state}</Badge> },
    { key: 'attempts', title: 'Attempts', cell: (each) => each.attempts, isNumber: true, isMinor: true },
    { key: 'put', title: 'When', cell: (each) => <Time at={each.put} /> },
    { key: 'answer', title: 'Answer', cell: (each) => each.answer, isMinor: true },
  ];
  return (
    <Table
      caption="Deliveries"
      param="told"
      rows={of}
      columns={columns}
      rowKey={(each) => each.key}
      empty={
        <Empty title="Nobody was told.">
          Receivers are named in <code>alerts.yml</code> of the node's state.
        </Empty>
      }
    />
  );
}
