// Charts that pages show of what the node keeps, and of what alerts say.

import type { Alert, History } from '../api/shapes';
import * as sources from '../api/sources';
import { padded } from '../lib/chart';
import { bytesText, countText, rttText } from '../lib/format';
import { parseTime } from '../lib/time';
import { alertsPerHour, riskOverTime } from '../lib/trend';
import { useData, useNow, useParam } from '../ui/context';
import { Chart } from '../ui/chart';
import { Choice, Loaded, Section } from '../ui/parts';

const kHourMs = 3_600_000;
const kDayMs = 24 * kHourMs;

function useSpan(): 'hour' | 'day' {
  return useParam('span', 'hour')[0] === 'day' ? 'day' : 'hour';
}

function SpanChoice() {
  return <Choice name="span" label="How far back" otherwise="hour" options={[['hour', 'Last hour'], ['day', 'Last day']]} />;
}

/** Of all peers together, with what alerts say beside it. */
export function MeshTrends({ alerts }: { alerts: Alert[] }) {
  const span = useSpan();
  const view = useData(sources.history('', span));
  return (
    <Section title="Lately" aside={<SpanChoice />}>
      <div className="charts">
        <Loaded view={view} what="the traffic">
          {(history) => (
            <>
              <Traffic of={history} />
              <RoundTrip of={history} title="Round trip, median" />
            </>
          )}
        </Loaded>
        <RiskTrend title="Risk, the worst" alerts={alerts} spanMs={span === 'hour' ? kHourMs : kDayMs} />
        <AlertTrend alerts={alerts} />
      </div>
    </Section>
  );
}

export function PeerTrends({ name }: { name: string }) {
  const view = useData(sources.history(name, useSpan()));
  return (
    <Section title="Lately" aside={<SpanChoice />}>
      {view.problem?.status === 404 ? (
        <p className="faint">Nothing is known yet: there was no link with it, or too many others have one.</p>
      ) : (
        <Loaded view={view} what="the traffic">
          {(history) => (
            <div className="charts">
              <Traffic of={history} />
              <RoundTrip of={history} title="Round trip" />
              <Chart title="Loss" {...timesOf(history)} series={[{ name: 'Loss', values: whole(history.loss) }]} text={(value) => `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`} most={0.02} empty={kNothingYet} />
            </div>
          )}
        </Loaded>
      )}
    </Section>
  );
}

const kNothingYet = 'Nothing yet: the first value comes within half a minute of the start.';

// As many as the node keeps.
const kSamples = 240;
const whole = (values: (number | null)[]) => padded(values, kSamples);

function timesOf(history: History) {
  return { until: parseTime(history.until) ?? Date.now(), stepMs: history.step_s * 1000 };
}

function Traffic({ of }: { of: History }) {
  const series = [{ name: 'Received', values: whole(of.received) }, { name: 'Sent', values: whole(of.sent) }];
  return <Chart title="Traffic" {...timesOf(of)} series={series} text={(value) => `${bytesText(value)}/s`} most={1000} empty={kNothingYet} />;
}

function RoundTrip({ of, title }: { of: History; title: string }) {
  return <Chart title={title} {...timesOf(of)} series={[{ name: 'Round trip', values: whole(of.rtt_ms) }]} text={(value) => (value === 0 ? '0 ms' : rttText(value))} most={1} empty={kNothingYet} />;
}

export function RiskTrend({ alerts, spanMs, title }: { alerts: Alert[]; spanMs: number; title: string }) {
  const trend = riskOverTime(alerts, useNow(), spanMs);
  return <Chart title={title} until={trend.until} stepMs={trend.stepMs} series={[{ name: 'Risk', values: trend.values }]} text={(value) => (Number.isInteger(value) ? String(value) : value.toFixed(1))} most={10} empty="" />;
}

export function AlertTrend({ alerts }: { alerts: Alert[] }) {
  const trend = alertsPerHour(alerts, useNow());
  return <Chart title="Alerts in an hour" kind="bars" until={trend.until} stepMs={trend.stepMs} series={[{ name: 'Alerts', values: trend.values }]} text={(value) => (Number.isInteger(value) ? countText(value, 'alert') : '')} most={2} empty="" />;
}
