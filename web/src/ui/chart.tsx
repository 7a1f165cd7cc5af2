// The one kind of chart: values over time, as lines or bars, with the same as a table below. The pointer or the arrow keys
// choose an instant, whose values are said above. Two lines differ by their dashes as well.

import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { areaPath, indexAt, linePath, mostOf, ticksFor, xOf, yOf, type Frame, type Values } from '../lib/chart';
import { exactText } from '../lib/time';
import { Table, type Column } from './table';

export interface Series {
  name: string;
  values: Values;
}

interface ChartOf {
  title: string;
  series: Series[];
  /** Of the last value, in ms. */
  until: number;
  stepMs: number;
  text: (value: number) => string;
  kind?: 'line' | 'bars';
  /** The axis goes up to it, where nothing is larger. */
  most?: number;
  empty: string;
}

const kHeight = 132;
const kFoot = 20;

export function Chart(of: ChartOf) {
  const id = useId();
  const [at, setAt] = useState<number | null>(null);
  const count = Math.max(0, ...of.series.map((each) => each.values.length));
  const isEmpty = of.series.every((each) => each.values.every((value) => value === null));
  const chosen = at === null ? count - 1 : Math.min(at, count - 1);
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption>
        <span id={id} className="chart-title">
          {of.title}
        </span>
        {!isEmpty && <Reading of={of} at={chosen} isLast={at === null} />}
      </figcaption>
      {isEmpty ? <p className="chart-empty">{of.empty}</p> : <Drawing of={of} count={count} at={at} onAt={setAt} labelledBy={id} />}
      {!isEmpty && <Twin of={of} count={count} />}
    </figure>
  );
}

function textAt(of: ChartOf, each: Series, at: number): string {
  const value = each.values[at];
  return value === null || value === undefined ? 'not known' : of.text(value);
}

function timeOf(of: ChartOf, at: number, count: number): number {
  return of.until - (count - 1 - at) * of.stepMs;
}

function shortTime(ms: number, stepMs: number): string {
  const precise = stepMs < 60_000 ? ({ second: '2-digit' } as const) : {};
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', ...precise }).format(ms);
}

function Reading({ of, at, isLast }: { of: ChartOf; at: number; isLast: boolean }) {
  const count = of.series[0]!.values.length;
  return (
    <span className="chart-reading">
      {of.series.map((each, index) => (
        <span key={each.name}>
          {of.series.length > 1 && (
            <svg viewBox="0 0 20 8" width="20" height="8" aria-hidden="true">
              <path className={`stroke s${index}`} d="M0 4H20" />
            </svg>
          )}
          {of.series.length > 1 && `${each.name} `}
          <b>{textAt(of, each, at)}</b>
        </span>
      ))}
      <span className="faint">{isLast ? 'now' : shortTime(timeOf(of, at, count), of.stepMs)}</span>
    </span>
  );
}

function Drawing({ of, count, at, onAt, labelledBy }: { of: ChartOf; count: number; at: number | null; onAt: (at: number | null) => void; labelledBy: string }) {
  const [room, width] = useWidth();
  const ticks = ticksFor(Math.max(of.most ?? 0, mostOf(of.series.map((each) => each.values))));
  const most = ticks.at(-1)!;
  const left = Math.max(...ticks.map((each) => of.text(each).length)) * 6.4 + 10;
  const frame = { width: Math.max(40, width - left - 4), height: kHeight };
  const now = at ?? count - 1;
  const key = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: count - 1, PageUp: now - 10, PageDown: now + 10 };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onAt(Math.min(count - 1, Math.max(0, next)));
  };
  return (
    <div
      ref={room}
      className="chart-room"
      role="slider"
      tabIndex={0}
      aria-labelledby={labelledBy}
      aria-valuemin={0}
      aria-valuemax={count - 1}
      aria-valuenow={now}
      aria-valuetext={`${shortTime(timeOf(of, now, count), of.stepMs)}: ${of.series.map((each) => `${each.name} ${textAt(of, each, now)}`).join(', ')}`}
      onKeyDown={key}
      onBlur={() => onAt(null)}
      onPointerMove={(event) => onAt(indexAt(event.clientX - event.currentTarget.getBoundingClientRect().left - left, count, frame))}
      onPointerLeave={() => onAt(null)}
    >
      <svg width={width} height={kHeight + kFoot + 8} aria-hidden="true">
        <g transform={`translate(${left} 8)`}>
          <Axes of={of} frame={frame} ticks={ticks} count={count} />
          {of.kind === 'bars' ? <Bars of={of} frame={frame} most={most} at={at} /> : <Lines of={of} frame={frame} most={most} />}
          {at !== null && of.kind !== 'bars' && <Cursor of={of} frame={frame} most={most} at={now} count={count} />}
        </g>
      </svg>
    </div>
  );
}

function Axes({ of, frame, ticks, count }: { of: ChartOf; frame: Frame; ticks: number[]; count: number }) {
  const most = ticks.at(-1)!;
  const marks = frame.width < 260 ? [0, 1] : [0, 1 / 3, 2 / 3, 1];
  return (
    <>
      {ticks.map((each) => (
        <g key={each}>
          <path className="grid" d={`M0 ${yOf(each, most, frame)}h${frame.width}`} />
          <text x={-8} y={yOf(each, most, frame) + 4} textAnchor="end">
            {of.text(each)}
          </text>
        </g>
      ))}
      {marks.map((share) => (
        <text key={share} x={share * frame.width} y={frame.height + kFoot - 4} textAnchor={share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}>
          {shortTime(timeOf(of, Math.round(share * (count - 1)), count), 60_000)}
        </text>
      ))}
    </>
  );
}

function Lines({ of, frame, most }: { of: ChartOf; frame: Frame; most: number }) {
  return (
    <>
      <path className="area" d={areaPath(of.series[0]!.values, most, frame)} />
      {of.series.map((each, index) => (
        <path key={each.name} className={`stroke s${index}`} d={linePath(each.values, most, frame)} />
      ))}
    </>
  );
}

function Bars({ of, frame, most, at }: { of: ChartOf; frame: Frame; most: number; at: number | null }) {
  const values = of.series[0]!.values;
  const wide = frame.width / values.length;
  return (
    <>
      {values.map((value, index) => (
        <rect
          key={index}
          className={index === at ? 'bar chosen' : 'bar'}
          x={index * wide + Math.min(2, wide * 0.1)}
          y={yOf(value ?? 0, most, frame)}
          width={Math.max(1, wide - Math.min(4, wide * 0.2))}
          height={frame.height - yOf(value ?? 0, most, frame)}
        />
      ))}
    </>
  );
}

function Cursor({ of, frame, most, at, count }: { of: ChartOf; frame: Frame; most: number; at: number; count: number }) {
  const x = xOf(at, count, frame);
  return (
    <>
      <path className="cursor" d={`M${x} 0V${frame.height}`} />
      {of.series.map((each) => {
        const value = each.values[at];
        return value === null || value === undefined ? null : <circle key={each.name} cx={x} cy={yOf(value, most, frame)} r="3.5" />;
      })}
    </>
  );
}

interface Line {
  at: number;
  ms: number;
}

// The newest first; without those of which nothing is known.
function linesOf(of: ChartOf, count: number): Line[] {
  const all = Array.from({ length: count }, (_, index) => ({ at: count - 1 - index, ms: timeOf(of, count - 1 - index, count) }));
  return all.filter(({ at }) => of.series.some((each) => (each.values[at] ?? null) !== null));
}

function Twin({ of, count }: { of: ChartOf; count: number }) {
  const [isOpen, setOpen] = useState(false);
  const columns: Column<Line>[] = [
    { key: 'time', title: 'Time', cell: ({ ms }) => <time dateTime={new Date(ms).toISOString()} title={exactText(new Date(ms).toISOString())}>{shortTime(ms, of.stepMs)}</time> },
    ...of.series.map((each): Column<Line> => ({ key: each.name, title: each.name, cell: ({ at }) => textAt(of, each, at), isNumber: true })),
  ];
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && (
        <div className="chart-twin">
          <Table
            caption={of.title}
            param="none"
            rows={linesOf(of, count)}
            columns={columns}
            rowKey={({ at }) => at}
            empty={null}
          />
        </div>
      )}
    </details>
  );
}

function useWidth() {
  const room = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(480);
  useEffect(() => {
    if (!room.current) return;
    const sizes = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    sizes.observe(room.current);
    return () => sizes.disconnect();
  }, []);
  return [room, width] as const;
}
