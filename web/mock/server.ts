import type { IncomingMessage, ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import type { Connect, Plugin } from 'vite';
import type { FacetCount, ImageSummary, MachineSummary, ObjectName, Plan, PlanMember, Task } from '../src/api/types.ts';
import { browse, differences, makeDrift, makeFleet, type Fleet } from './fleet.ts';
import { makeLine, makeTask } from './tasks.ts';

/**
 * An invented server for looking at pages, never shipped. MOCK_SIZE says how many machines there are, MOCK_SLOW delays
 * each answer by so many milliseconds, MOCK_FAIL answers 503 to addresses that contain it.
 */
export function mockServer(): Plugin {
  return {
    name: 'muster-mock',
    configureServer: (server) => attach(server.middlewares),
    configurePreviewServer: (server) => {
      // As strict as the real server (SecurityHeaders.cs).
      server.middlewares.use((_, response, next) => (response.setHeader('Content-Security-Policy', "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"), next()));
      attach(server.middlewares);
    },
  };
}

function attach(middlewares: Connect.Server): void {
  const world = new World(makeFleet(Number(process.env.MOCK_SIZE ?? 1000)));
  middlewares.use('/api/v1', (request: IncomingMessage, response: ServerResponse) => void world.answer(request, response));
}

type Body = Record<string, unknown>;
const text = (value: unknown) => (typeof value === 'string' ? value : '');

// What is answered only once.
const secrets: Record<string, Body> = {
  'machines/invite': { id: 'inv_1', line: `curl -fsSk --pinnedpubkey 'sha256//3sC1Zk2yq4vYtq8m2iXo3uKcL0bq9m0w4o1S8W0V2aE=' https://muster.example.net:8443/join | MUSTER_JOIN=mjt_9vJ2wq8pQ3xkTz7Lr5Nc1Bf6Hd0Gs4Ya sh`, token: 'mjt_9vJ2wq8pQ3xkTz7Lr5Nc1Bf6Hd0Gs4Ya', script: 'https://muster.example.net:8443/join', pins: [], expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
  'tokens/add': { name: 'new', token: 'mst_7Jq2w9vPx3kTz5Lr8Nc1Bf6Hd0Gs4YaQe' },
};

class World {
  private user: string | null = process.env.MOCK_LOGIN ? null : 'admin';
  private mustChange = process.env.MOCK_LOGIN !== undefined;
  private number = 100;
  private readonly streams = new Set<ServerResponse>();
  private readonly plans = new Map<string, { plan: Plan; apply: () => unknown; stale: boolean }>();

  constructor(private readonly fleet: Fleet) {
    if (process.env.MOCK_LIVE) setInterval(() => this.live(), Number(process.env.MOCK_LIVE));
    if (process.env.MOCK_LIVE) setInterval(() => this.work(), 1000);
    setInterval(() => this.streams.forEach((s) => s.write(': here\n\n')), 20_000);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://mock');
    const route = url.pathname.slice(1);
    const query = Object.fromEntries(url.searchParams);
    const send = (status: number, value: unknown) => {
      response.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' });
      response.end(JSON.stringify(value));
    };
    const problem = (status: number, code: string, detail: string) => send(status, { title: code, status, code, detail });

    if (route !== 'me' && process.env.MOCK_SLOW) await new Promise((done) => setTimeout(done, Number(process.env.MOCK_SLOW)));
    if (process.env.MOCK_FAIL && route.includes(process.env.MOCK_FAIL)) return problem(503, 'database.unavailable', 'The database does not answer; the server tries again.');
    if (request.method === 'POST') return this.post(route, query, JSON.parse((await body(request)) || '{}') as Body, send, problem);
    if (!this.user) return problem(401, 'session.none', 'Nobody is signed in.');

    if (route === 'me') return send(200, this.me());
    if (route === 'events/stream') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write(': hello\n\n');
      this.streams.add(response);
      request.on('close', () => this.streams.delete(response));
      return;
    }
    if (route === 'machines/list') return send(200, page(this.machines(query), query));
    if (route === 'images/list') return send(200, page(sorted(this.fleet.images.map((i) => i.summary), query), query));
    if (route === 'machines/drift') return send(200, page(this.fleet.drift.filter((d) => (!query.machine || query.machine.split(',').some((m) => m === d.machineName || m === d.machine)) && (!query.outcome || query.outcome.split(',').includes(d.outcome))), query));
    if (route === 'conditions/list') return send(200, page(this.fleet.conditions, query));
    if (route === 'tasks/list') return send(200, page(this.tasks(query), query));
    if (route === 'tasks/log') {
      const known = this.fleet.tasks.find((t) => t.summary.id === query.task)?.logLines ?? 0;
      const from = Number(query.after ?? 0);
      return send(200, { items: Array.from({ length: Math.min(known - from, Number(query.limit ?? 1000)) }, (_, i) => makeLine(from + i + 1)), total: known });
    }
    if (route === 'tokens/list') return send(200, page(this.fleet.tokens, query));
    if (route === 'machines/differences' || route === 'images/diff') return send(200, page(route === 'images/diff' || query.image || this.machine(query.machine)?.summary.differences ? differences().filter((d) => !query.kind || query.kind.split(',').includes(d.kind)) : [], query));
    if (route === 'events/list') return send(200, page(this.fleet.drift.filter((d) => !query.subject || d.machine === query.subject).map((d, i) => ({ number: 1000 - i, time: d.at, kind: 'machine.drifted', subject: d.machine, data: { sentence: d.sentence, count: 1 } })), query));
    if (route === 'images/browse') return send(200, page(browse(query.path ?? '/').filter((e) => !query.kind || query.kind.split(',').includes(e.kind)), query));
    if (route === 'images/file') {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
      response.end(text(query.path).endsWith('ping') ? Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3, ...Array.from({ length: 90 }, (_, i) => i * 2)]) : `# ${query.image}\n127.0.0.1 localhost\n${query.image === this.fleet.images[0]?.summary.name ? '10.0.0.1 db\n' : '10.0.0.2 db\n10.0.0.3 cache\n'}# The following lines are desirable for IPv6 capable hosts\n::1 localhost ip6-localhost ip6-loopback\nff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n`);
      return;
    }
    const found = route === 'machines/show' ? this.machine(query.machine) : route === 'images/show' ? this.fleet.images.find((i) => i.summary.name === query.image || i.summary.id === query.image) : route === 'tasks/show' ? this.fleet.tasks.find((t) => t.summary.id === query.task) : undefined;
    return found ? send(200, found) : problem(404, `${route.split('/')[0]}.unknown`, `There is no '${query.machine ?? query.image ?? route}'.`);
  }

  private post(route: string, query: Record<string, string>, args: Body, send: (status: number, value: unknown) => void, problem: (status: number, code: string, detail: string) => void): void {
    if (route === 'login') {
      if (args.password !== 'mock' && args.password !== 'a-better-password') return problem(401, 'login.wrong', 'User name or password is wrong.');
      this.user = text(args.name);
      return send(200, this.me());
    }
    if (route === 'logout') return void (this.user = null, send(200, {}));
    if (route === 'users/change-password') return void (this.mustChange = false, send(200, {}));
    const applied = /^plans\/([0-9a-f]+)\/apply$/.exec(route);
    if (applied) {
      const stored = this.plans.get(applied[1] as string);
      if (!stored) return problem(404, 'plan.unknown', 'There is no such plan.');
      if (stored.stale) return send(409, { title: 'Conflict', status: 409, code: 'plan.stale', detail: 'The plan no longer fits.', moved: [{ what: `machine ${stored.plan.changes[0]?.object.name} requiredImage`, planned: 'web/1', now: 'web/2' }] });
      const answer = stored.apply();
      return send(200, answer ?? secrets[stored.plan.operation] ?? {});
    }
    if (query.plan) {
      const made = this.plan(route, args);
      if (!made) return problem(404, 'machine.unknown', `There is no machine '${text(args.machine)}'.`);
      this.plans.set(made.plan.hash, made);
      return send(200, made.plan);
    }
    return problem(404, 'route.unknown', `No ${route} here.`);
  }

  private plan(route: string, args: Body): { plan: Plan; apply: () => unknown; stale: boolean } | null {
    const machine = this.machine(text(args.machine));
    const image = this.fleet.images.find((i) => i.summary.name === args.image);
    const task = this.fleet.tasks.find((t) => t.summary.id === args.task)?.summary;
    const object: ObjectName | null = task ? { kind: 'task', id: task.id, name: task.title } : route.startsWith('images') && image ? { kind: 'image', id: image.summary.id, name: image.summary.name } : machine ? { kind: 'machine', id: machine.summary.id, name: machine.summary.name } : route.startsWith('tokens') ? { kind: 'token', id: text(args.token), name: text(args.token ?? args.name) } : route === 'machines/invite' ? { kind: 'invitation', id: '', name: text(args.name) } : null;
    if (!object) return null;
    const members: PlanMember[] = task
      ? [{ name: route.endsWith('cancel') ? 'cancelled' : 'state', before: route.endsWith('cancel') ? 'no' : task.state, after: route.endsWith('cancel') ? 'yes' : 'queued' }]
      : route === 'machines/require-image'
      ? [{ name: 'required image', ...(machine?.summary.requiredImage ? { before: machine.summary.requiredImage.name } : {}), ...(image ? { after: image.summary.name } : {}) }]
      : Object.entries(args).filter(([k]) => k !== 'machine' && k !== 'image' && k !== 'token').map(([name, value]) => ({ name, before: text((machine?.summary as unknown as Body)?.[name]), after: typeof value === 'string' ? value : JSON.stringify(value) }));
    const hash = createHash('sha256').update(route + JSON.stringify(args) + this.number).digest('hex');
    const action = route.endsWith('delete') ? 'delete' : 'change';
    const plan: Plan = {
      hash, operation: route, arguments: args,
      sentence: action === 'delete' ? `Delete ${object.kind} ${object.name}` : route === 'images/verify' ? `Verify image ${object.name}` : task ? `${route.endsWith('cancel') ? 'Stop' : 'Try again:'} ${task.title}` : image ? `Require image ${image.summary.name} on machine ${object.name}` : `Change ${object.kind} ${object.name}`,
      changes: route === 'images/verify' ? [] : [{ action, object, members }],
      effects: route === 'images/verify' ? [{ name: 'bytes', label: 'To read', value: image?.summary.bytes ?? 0, unit: 'bytes', forecast: true }] : route === 'machines/require-image' ? [{ name: 'machines', label: 'Machines touched', value: 1, forecast: false }, { name: 'files', label: 'Files to change', value: 271, forecast: true }, { name: 'bytes', label: 'To move', value: 12_400_000, unit: 'bytes', forecast: true }, { name: 'restarts', label: 'Services restarted', value: 2, forecast: false }, { name: 'reboots', label: 'Reboots', value: 0, forecast: false }] : [],
      warnings: route === 'machines/require-image' ? ['Restarts ssh.service and nginx.service.'] : action === 'delete' ? ['This cannot be undone.'] : [],
      basis: [{ object, fact: 'version', value: '12' }, ...(image ? [{ object: { kind: 'image', id: image.summary.id, name: image.summary.name }, fact: 'digest', value: image.summary.image }] : [])],
      createdAt: new Date().toISOString(), expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    };
    const stale = machine?.summary.id === 'mch_0' && ![...this.plans.values()].some((p) => p.stale);
    return { plan, stale, apply: () => this.apply(route, args) };
  }

  private apply(route: string, args: Body): unknown {
    const machine = this.machine(text(args.machine));
    const image = this.fleet.images.find((i) => i.summary.name === args.image);
    if (route.startsWith('tasks') || route === 'images/verify') return this.applyTask(route, args);
    if (route === 'machines/delete') this.fleet.machines = this.fleet.machines.filter((m) => m !== machine);
    else if (route === 'images/delete') this.fleet.images = this.fleet.images.filter((i) => i !== image);
    else if (machine && image) {
      machine.summary.requiredImage = { kind: 'image', id: image.summary.id, name: image.summary.name };
      ['planned', 'fetching', 'updating', 'inSync'].forEach((state, i) => setTimeout(() => {
        Object.assign(machine.summary, { state, why: { planned: 'Told just now, has not begun.', fetching: 'Fetches 271 objects.', updating: 'Puts 271 files in place.', inSync: 'Its managed tree is exactly the image.' }[state] });
        this.tell('machine.changed', machine.summary);
      }, i * 1200));
      return undefined;
    }
    this.tell(`${route.split('/')[0]?.slice(0, -1)}.changed`, machine?.summary ?? { id: '', name: '' });
  }

  private applyTask(route: string, args: Body): Task | undefined {
    const image = this.fleet.images.find((i) => i.summary.name === args.image);
    const found = image ? makeTask(this.fleet.tasks.length, image, 'running') : this.fleet.tasks.find((t) => t.summary.id === args.task);
    if (!found) return undefined;
    const { summary } = found;
    if (image) {
      this.fleet.tasks.unshift(found);
      Object.assign(summary, { createdAt: new Date().toISOString(), startedAt: new Date().toISOString() });
    } else Object.assign(summary, route.endsWith('cancel') ? { state: 'cancelled', why: 'stopped by admin', endedAt: new Date().toISOString() } : { state: 'queued', why: undefined, endedAt: undefined });
    this.tell('task.changed', { id: summary.id, name: summary.title });
    return summary;
  }

  private tasks(query: Record<string, string>): Task[] {
    const fits = (facet: 'state' | 'kind' | 'createdBy', task: Task) => !query[facet] || query[facet].split(',').includes(task[facet]);
    const rows = this.fleet.tasks.map((t) => t.summary).filter((t) => fits('state', t) && fits('kind', t) && fits('createdBy', t) && (!query.search || t.title.toLowerCase().includes(query.search.toLowerCase())));
    return query.subject ? rows.filter((t) => t.subject?.id === query.subject) : rows;
  }

  /** A task that runs goes on by a piece each second. */
  private work(): void {
    for (const task of this.fleet.tasks.filter((t) => t.summary.state === 'running')) {
      const { summary, summary: { progress } } = task;
      progress.done = Math.min(progress.total, progress.done + 8_000_000);
      task.logLines += 1;
      this.tell('task.progress', { id: summary.id, name: summary.title }, { ...progress, lines: task.logLines });
    }
  }

  private machine(name: string | undefined) {
    return this.fleet.machines.find((m) => m.summary.name === name || m.summary.id === name);
  }

  private machines(query: Record<string, string>): MachineSummary[] {
    const states = query.state?.split(',');
    const links = query.link?.split(',');
    return sorted(this.fleet.machines.map((m) => m.summary).filter((m) => (!states || states.includes(m.link === 'unreachable' ? m.link : m.state)) && (!links || links.includes(m.link)) && (!query.image || query.image.split(',').includes(m.requiredImage?.name ?? ''))), query);
  }

  private me() {
    return { kind: 'user', id: 'usr_1', name: this.user, organisation: 'org_1', organisationName: 'example', mustChangePassword: this.mustChange, csrf: 'c', grants: ['*.*'] };
  }

  private live(): void {
    const machine = this.fleet.machines[Math.floor(Math.random() * Math.min(30, this.fleet.machines.length))]?.summary;
    if (!machine) return;
    this.fleet.drift.unshift(makeDrift(machine, this.number, 0));
    machine.state = machine.state === 'inSync' ? 'drifted' : 'inSync';
    machine.seenAt = new Date().toISOString();
    this.tell('machine.drifted', machine);
  }

  private tell(kind: string, object: { id: string; name: string }, data: Body = {}): void {
    this.number += 1;
    const event = { number: this.number, kind, subject: object.id, data: { name: object.name, ...data }, time: new Date().toISOString() };
    for (const stream of this.streams) stream.write(`id: ${this.number}\ndata: ${JSON.stringify(event)}\n\n`);
  }
}

function sorted<T extends MachineSummary | ImageSummary>(rows: T[], query: Record<string, string>): T[] {
  const key = (query.sort ?? 'name').replace(/^-/, '');
  const value = (row: T) => (key === 'image' ? (row as MachineSummary).requiredImage?.name : (row as unknown as Body)[key]) as string | number | undefined;
  const down = query.sort?.startsWith('-') ? -1 : 1;
  return rows.filter((r) => !query.search || r.name.toLowerCase().includes(query.search.toLowerCase())).sort((a, b) => {
    const [x, y] = [value(a) ?? '', value(b) ?? ''];
    return (x < y ? -1 : x > y ? 1 : 0) * down;
  });
}

function page<T>(rows: T[], query: Record<string, string>) {
  const from = Number(query.cursor ?? 0);
  const limit = Number(query.limit ?? 100);
  return { items: rows.slice(from, from + limit), ...(from + limit < rows.length ? { next: String(from + limit) } : {}), total: rows.length, ...(query.counts ? { counts: counted(rows, query.counts.split(',')) } : {}) };
}

// Roughly: under all filters, also the facet's own.
function counted<T>(rows: T[], facets: string[]): FacetCount[] {
  return facets.flatMap((facet) => {
    const counts = new Map<string, number>();
    for (const row of rows as Record<string, unknown>[]) {
      const value = facet === 'state' && row.link === 'unreachable' ? 'unreachable' : facet === 'image' ? (row.requiredImage as ObjectName | undefined)?.name ?? '' : facet === 'machine' ? row.machineName ?? (row.object as ObjectName | undefined)?.name : row[facet];
      if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return [...counts].map(([value, count]) => ({ facet, value, count }));
  });
}

function body(request: IncomingMessage): Promise<string> {
  return new Promise((done) => {
    let all = '';
    request.on('data', (part: Buffer) => (all += part.toString()));
    request.on('end', () => done(all));
  });
}
