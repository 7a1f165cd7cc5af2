import { describe, expect, it } from 'vitest';
import { EventStreamParser } from './event_stream';

const stream = 'retry: 2000\n: listening\n\nid: a-1\nevent: alert.raised\ndata: {"n":\ndata: 1}\n\nid: a-2\nevent: reset\ndata: {}\n\n';
const wanted = [
  { id: 'a-1', type: 'alert.raised', data: '{"n":\n1}' },
  { id: 'a-2', type: 'reset', data: '{}' },
];

describe('EventStreamParser', () => {
  it('reads what the API writes', () => {
    const parser = new EventStreamParser();
    expect(parser.feed(stream)).toEqual(wanted);
    expect(parser.lastId).toBe('a-2');
    expect(parser.retryMs).toBe(2000);
  });

  it('reads the same wherever the pieces are cut, and whatever ends a line', () => {
    for (const text of [stream, stream.replaceAll('\n', '\r\n'), stream.replaceAll('\n', '\r')]) {
      for (let cut = 0; cut <= text.length; cut += 1) {
        const parser = new EventStreamParser();
        const events = [...parser.feed(text.slice(0, cut)), ...parser.feed(text.slice(cut)), ...parser.feed('\n')];
        expect(events).toEqual(wanted);
      }
    }
  });

  it('tells nothing of an event that is not whole', () => {
    const parser = new EventStreamParser();
    expect(parser.feed('id: 7\ndata: half')).toEqual([]);
    expect(parser.lastId).toBe('');
  });

  it('takes a message without a name, and a field without a value', () => {
    expect(new EventStreamParser().feed('data\n\n')).toEqual([{ id: '', type: 'message', data: '' }]);
    expect(new EventStreamParser().feed('event: x\n\ndata:y\n\n')).toEqual([{ id: '', type: 'message', data: 'y' }]);
  });

  it('passes over what is not known', () => {
    const parser = new EventStreamParser();
    expect(parser.feed('retry: soon\nid: a\0b\ncolour: red\n\n')).toEqual([]);
    expect([parser.retryMs, parser.lastId]).toEqual([null, '']);
  });

  it('refuses a line without an end', () => {
    const parser = new EventStreamParser();
    expect(() => parser.feed(`data: ${'x'.repeat(300_000)}`)).toThrow('too long');
  });
});
