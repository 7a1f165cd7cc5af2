// The text of a stream of server-sent events, as it comes in pieces (HTML standard, 9.2.6). No EventSource: that one can
// send no token in a header.

export interface StreamEvent {
  id: string;
  type: string;
  data: string;
}

// A line that goes on for longer is no event of ours (the API's largest is 64 KiB).
const kLineMax = 256 * 1024;

export class EventStreamParser {
  /** Of the last event that was whole: what is sent when the stream is asked for again. */
  lastId = '';
  /** What the server says to wait before that; null until it does. */
  retryMs: number | null = null;

  private left = '';
  private id = '';
  private type = '';
  private data: string[] = [];

  /** The events that are whole by now. */
  feed(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    this.left += text;
    // A "\r" at the end may be half of "\r\n".
    const end = this.left.endsWith('\r') ? this.left.length - 1 : this.left.length;
    let begin = 0;
    for (const found of this.left.slice(0, end).matchAll(/\r\n|\n|\r/g)) {
      this.line(this.left.slice(begin, found.index), events);
      begin = found.index + found[0].length;
    }
    this.left = this.left.slice(begin);
    if (this.left.length > kLineMax) throw new Error('a line of the event stream is too long');
    return events;
  }

  private line(line: string, events: StreamEvent[]): void {
    if (line === '') {
      this.lastId = this.id;
      if (this.data.length > 0) events.push({ id: this.lastId, type: this.type || 'message', data: this.data.join('\n') });
      this.type = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment: the stream is alive
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.data.push(value);
    else if (field === 'event') this.type = value;
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }
}
