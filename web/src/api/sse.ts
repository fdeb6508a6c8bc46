/** One message of a server-sent-event stream. */
export interface Message {
  id: string | null;
  event: string;
  data: string;
}

/** Takes text as it arrives, cut anywhere, and gives whole messages (the WHATWG rules, minus a byte-order mark). */
export class MessageReader {
  private rest = '';
  private id: string | null = null;
  private event = '';
  private data: string[] = [];
  /** What the server asks us to wait before we come back, in milliseconds. */
  retry: number | null = null;

  read(text: string): Message[] {
    const messages: Message[] = [];
    this.rest += text;
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.rest);
      if (!end) return messages;
      const line = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      const message = this.line(line);
      if (message) messages.push(message);
    }
  }

  private line(line: string): Message | null {
    if (line === '') {
      const message = this.data.length > 0 || this.event ? { id: this.id, event: this.event || 'message', data: this.data.join('\n') } : null;
      this.event = '';
      this.data = [];
      return message;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.data.push(value);
    else if (field === 'event') this.event = value;
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
    return null;
  }
}
