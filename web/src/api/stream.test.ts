import { describe, expect, it } from 'vitest';
import { MessageReader } from './sse';
import { follow, wake, type News } from './stream';

describe('server-sent events', () => {
  it('are whole, however the network cuts them', () => {
    const text = ': hello\r\nid: 7\r\nevent: change\r\ndata: {"a":\r\ndata: 1}\r\n\r\nid: 8\ndata: x\n\n';
    const whole = new MessageReader().read(text);
    expect(whole).toEqual([
      { id: '7', event: 'change', data: '{"a":\n1}' },
      { id: '8', event: 'message', data: 'x' },
    ]);
    const reader = new MessageReader();
    expect([...text].flatMap((c) => reader.read(c))).toEqual(whole);
  });

  it('keep silent about comments', () => expect(new MessageReader().read(': still here\n\n')).toEqual([]));
});

function stream(...texts: string[]): Response {
  return new Response(new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  }), { headers: { 'Content-Type': 'text/event-stream' } });
}

async function run(answers: (() => Response | Promise<Response>)[], random = () => 1) {
  const stop = new AbortController();
  const news: News[] = [];
  const asked: (string | null)[] = [];
  const waits: number[] = [];
  await follow({
    url: '/stream',
    tell: (n) => news.push(n),
    now: () => 1000 + waits.length,
    random,
    fetch: async (_url, init) => {
      asked.push(new Headers(init?.headers).get('Last-Event-ID'));
      const next = answers.shift();
      if (!next) {
        stop.abort();
        throw new Error('stopped');
      }
      return next();
    },
    wait: async (milliseconds) => void waits.push(milliseconds),
  }, stop.signal);
  return { news, asked, waits };
}

const event = (number: number) => `id: ${number}\ndata: {"number":${number},"kind":"machine.drifted","subject":"mch_1","time":"2026-01-01T00:00:00Z","data":{}}\n\n`;

describe('the event stream', () => {
  it('resumes after the last event it saw', async () => {
    const { asked, news } = await run([() => stream(event(4), event(5)), () => stream(event(6))]);
    expect(asked).toEqual([null, '5', '6']);
    expect(news.filter((n) => n.type === 'event').map((n) => n.event.number)).toEqual([4, 5, 6]);
  });

  it('says since when it is lost, and when it is back', async () => {
    const { news } = await run([() => stream(event(1)), () => { throw new Error('refused'); }, () => stream()]);
    expect(news.filter((n) => n.type === 'connection').map((n) => [n.connection, n.since])).toEqual([
      ['live', 1000], ['lost', 1000], ['lost', 1000], ['live', 1002], ['lost', 1002],
    ]);
  });

  it('waits longer after each failure, but never longer than fifteen seconds', async () => {
    const refused = () => { throw new Error('refused'); };
    const { waits } = await run(Array.from({ length: 8 }, () => refused));
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  });

  it('comes back at different moments in different pages', async () => {
    const { waits } = await run([() => stream()], () => 0);
    expect(waits).toEqual([250]);
  });

  it('tells the pages to read everything again when its number has expired', async () => {
    const { news } = await run([() => stream('event: reset\ndata: {}\n\n')]);
    expect(news.some((n) => n.type === 'reset')).toBe(true);
  });

  it('lets the pages read again when it begins, since they may have read before it', async () => {
    const { news } = await run([() => stream('id: 3\nevent: ready\ndata: {}\n\n'), () => stream('id: 3\nevent: ready\ndata: {}\n\n')]);
    expect(news.filter((n) => n.type === 'reset')).toHaveLength(1);
  });

  it('stops when the session has ended', async () => {
    const { asked, news } = await run([() => new Response(null, { status: 401 }), () => stream()]);
    expect(asked).toHaveLength(1);
    expect(news).toEqual([{ type: 'connection', connection: 'signedOut', since: 1000 }]);
  });

  it('says so, and asks no more, where it is not allowed', async () => {
    const { asked, news } = await run([() => new Response(null, { status: 403 }), () => stream()]);
    expect(asked).toHaveLength(1);
    expect(news).toEqual([{ type: 'connection', connection: 'refused', since: 1000 }]);
  });

  it('comes back at once when a person asks for it', async () => {
    const stop = new AbortController();
    let asked = 0;
    const followed = follow({
      url: '/stream',
      tell: (n) => n.type === 'connection' && n.connection === 'lost' && queueMicrotask(() => queueMicrotask(wake)),
      // So far off that only the wake ends the wait.
      random: () => 1000,
      fetch: async () => {
        asked += 1;
        if (asked === 2) stop.abort();
        throw new Error('refused');
      },
    }, stop.signal);
    await followed;
    expect(asked).toBe(2);
  });

  it('survives an event that it does not understand', async () => {
    const { news } = await run([() => stream('id: 1\ndata: nonsense\n\n', event(2))]);
    expect(news.filter((n) => n.type === 'event')).toHaveLength(1);
  });
});
