// Who can be told, by which channels, and whether each of them works: a message marked as a test, and what came of it.

import { useEffect, useRef, useState } from 'react';
import type { DeliveryInFull, Receiver, Receivers, ReceiverTest } from '../api/shapes';
import { problemIn } from '../api/client';
import { useMay, useSession } from '../ui/context';
import { Badge, Empty, Mono } from '../ui/parts';
import { Table, type Column } from '../ui/table';

export function ReceiverTable({ known }: { known: Receivers }) {
  const columns: Column<Receiver>[] = [
    { key: 'name', title: 'Receiver', cell: (each) => each.name, by: (each) => each.name },
    {
      key: 'channels',
      title: 'Channels',
      cell: (each) =>
        each.channels.length === 0 ? (
          <Badge tone="warning">none: nobody is told</Badge>
        ) : (
          <span className="states">
            {each.channels.map((channel, index) => (
              <Badge key={index}>{channel}</Badge>
            ))}
          </span>
        ),
    },
    { key: 'test', title: 'Test', cell: (each) => <SelfTest receiver={each} /> },
  ];
  return (
    <Table
      caption="Receivers"
      param="receivers"
      rows={known.receivers}
      columns={columns}
      rowKey={(each) => each.name}
      order="name"
      empty={
        <Empty title="There is nobody to tell.">
          Name receivers in <Mono>{known.config}</Mono>.
        </Empty>
      }
    />
  );
}

const kAskMs = 1_000;
const kPatienceMs = 40_000;

type Outcome = { state: 'idle' } | { state: 'asked' } | { state: 'told'; deliveries: DeliveryInFull[] } | { state: 'refused'; why: string };

function SelfTest({ receiver }: { receiver: Receiver }) {
  const { store } = useSession();
  const mayWrite = useMay('alerts:write');
  const [outcome, setOutcome] = useState<Outcome>({ state: 'idle' });
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => void (isHere.current = false);
  }, []);
  const test = async () => {
    setOutcome({ state: 'asked' });
    try {
      const asked = await store.client.change<ReceiverTest>('POST', `/receivers/${encodeURIComponent(receiver.name)}/tests`);
      const until = Date.now() + kPatienceMs;
      for (;;) {
        const answers = await Promise.all(asked.value.keys.map((key) => store.client.get<DeliveryInFull>(`/deliveries/${encodeURIComponent(key)}`)));
        if (!isHere.current) return;
        const deliveries = answers.flatMap((each) => (each ? [each.value] : []));
        setOutcome({ state: 'told', deliveries });
        // "waiting" with an attempt behind it has an answer already: it is tried again.
        if (deliveries.every((each) => each.state !== 'waiting' || each.attempts > 0) || Date.now() > until) return;
        await new Promise((resolve) => setTimeout(resolve, kAskMs));
      }
    } catch (error) {
      setOutcome({ state: 'refused', why: problemIn(error).message });
    }
  };
  return (
    <div className="row">
      <button type="button" disabled={!mayWrite || receiver.channels.length === 0 || outcome.state === 'asked'} onClick={() => void test()}>
        Send a test
        <span className="sr-only"> to {receiver.name}</span>
      </button>
      <span role="status">
        <Came of={outcome} />
      </span>
    </div>
  );
}

function Came({ of }: { of: Outcome }) {
  if (of.state === 'idle') return null;
  if (of.state === 'asked') return <span className="faint">It is sent…</span>;
  if (of.state === 'refused') return <Badge tone="serious">{of.why}</Badge>;
  return (
    <span className="states">
      {of.deliveries.map((each) => {
        const isDone = each.state === 'delivered';
        const waits = each.state === 'waiting' && each.attempts === 0;
        return (
          <Badge key={each.key} tone={isDone ? 'good' : waits ? 'quiet' : 'serious'} icon={isDone ? 'good' : undefined}>
            {each.channel}: {isDone ? 'delivered' : waits ? 'on its way' : each.answer || 'not delivered'}
          </Badge>
        );
      })}
    </span>
  );
}
