import type { Condition, Drift, ImageDetails, ImageDifference, ImageEntry, MachineDetails, MachineSummary, TaskDetails, Token } from '../src/api/types';
import { makeTasks } from './tasks.ts';

// An invented fleet, the same at every start.
let seed = 1;
const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
const pick = <T>(all: readonly T[]): T => all[random(all.length)] as T;
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const hex = () => Array.from({ length: 64 }, () => random(16).toString(16)).join('');

export interface Fleet {
  machines: MachineDetails[];
  images: ImageDetails[];
  drift: Drift[];
  tasks: TaskDetails[];
  tokens: Token[];
  conditions: Condition[];
}

const why: Record<string, string> = {
  inSync: 'Its managed tree is exactly the image.',
  drifted: '3 files differ; mode monitor changes nothing.',
  planned: 'Told 2 s ago, has not begun.',
  fetching: 'Fetches 412 of 1,204 objects.',
  updating: 'Puts 57 files in place.',
  failed: 'No space left on /var: 1.2 GB are needed, 310 MB are free.',
  refused: 'The order is signed for another installation.',
  unknown: 'Nothing is required of it.',
};

const culprits = [
  { pid: 4211, process: 'vim', executable: '/usr/bin/vim.basic', commandLine: 'vim /etc/ssh/sshd_config', login: 'alice', user: 'root', unit: 'session-12.scope', parents: ['bash', 'sudo', 'bash', 'sshd'], source: 'both' },
  { pid: 991, process: 'apt-get', executable: '/usr/bin/apt-get', commandLine: 'apt-get install -y nginx', login: 'bob', user: 'root', parents: ['bash', 'sudo', 'bash', 'sshd'], source: 'audit' },
  { pid: 77, process: 'puppet', executable: '/opt/puppet/bin/puppet', commandLine: 'puppet agent --onetime', user: 'root', unit: 'puppet.service', parents: ['systemd'], source: 'proc' },
];

export function makeFleet(size: number): Fleet {
  const images: ImageDetails[] = size === 0 ? [] : Array.from({ length: 24 }, (_, i) => {
    const name = i === 23 ? 'base/debian-12/with-a-very-long-name-that-says-everything-about-what-is-in-it/and-then-some-more/2026-11-21.rebuild-7' : `${pick(['base/debian-12', 'web', 'db/postgres-16', 'build'])}/2026-${String(10 + (i % 2)).padStart(2, '0')}-${String(1 + i).padStart(2, '0')}`;
    return {
      summary: { id: `img_${i}`, name, image: hex(), tree: hex(), entries: 32_000 + random(2000), files: 27_000 + random(1000), bytes: 1_200_000_000 + random(90_000_000), machines: 0, damaged: i === 5 ? 2 : 0, createdBy: 'admin', createdAt: ago(i * 40_000 + 300) },
      filter: 'ignore /var/log/**\nignore /home/**\nmanage /home/*/.ssh/authorized_keys\nignore /tmp/**',
      triggers: '/etc/ssh/** restart ssh.service\n/etc/nginx/** reload nginx.service',
      metadata: [{ key: 'source', value: 'mmdebstrap bookworm' }, { key: 'commit', value: '4d6b98e' }],
      requiredBy: [],
    };
  });

  const machines = Array.from({ length: size }, (_, i): MachineDetails => {
    const state = i === 3 ? 'failed' : i === 7 ? 'refused' : random(30) === 0 ? pick(['drifted', 'fetching', 'updating', 'planned', 'unknown'] as const) : 'inSync';
    const link = random(60) === 0 ? 'unreachable' : random(90) === 0 ? 'reconnecting' : 'connected';
    const image = state === 'unknown' ? undefined : images[random(6)];
    if (image) image.summary.machines += 1;
    const name = i === 1 ? 'a-machine-whose-name-is-as-long-as-host-names-may-be.'.repeat(4).slice(0, 200) : i === 2 ? 'שרת-גיבוי.example' : `${pick(['web', 'db', 'build', 'cache'])}-${String(i).padStart(4, '0')}.${pick(['ams', 'fra', 'nyc'])}.example.net`;
    const conditions: Condition[] = state === 'failed' ? [{ code: 'machine.disk.full', severity: 'error', title: 'The disk is full', text: 'Fetching stopped: /var has 310 MB free, the update needs 1.2 GB.', cure: 'Make room below /var, or give the agent another cache folder. It goes on by itself.', since: ago(4000) }] : state === 'refused' ? [{ code: 'order.refused', severity: 'error', title: 'An order was refused', text: 'The order is signed for another installation.', cure: 'Join the machine again.', since: ago(90_000) }] : i % 97 === 5 ? [{ code: 'machine.events.missing', severity: 'warning', title: 'Works by scanning only', text: 'The root file system refuses event marks, so drift is found by the next scan.', cure: 'Mount it with index=on,nfs_export=on.', since: ago(900_000) }] : [];
    const summary: MachineSummary = {
      id: `mch_${i}`, name, mode: state === 'drifted' ? 'monitor' : 'image', state, link,
      why: link === 'unreachable' ? `Silent for ${3 + random(50)} min.` : why[state] as string,
      ...(image ? { requiredImage: { kind: 'image', id: image.summary.id, name: image.summary.name } } : {}),
      differences: state === 'drifted' ? 3 : state === 'updating' ? 57 : 0, conditions: conditions.length, ...(conditions[0] ? { worstSeverity: conditions[0].severity } : {}),
      labels: { role: pick(['web', 'db', 'build']), env: pick(['prod', 'test']) }, address: `10.${random(255)}.${random(255)}.${random(255)}`, agentVersion: '0.1.0', joinedAt: ago(9_000_000), seenAt: ago(link === 'unreachable' ? 900 + random(9000) : random(30)),
    };
    if (image) image.requiredBy.push({ kind: 'machine', id: summary.id, name });
    const tree = image?.summary.tree;
    return {
      summary,
      facts: { hostName: name, operatingSystem: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0-27-amd64', architecture: 'x86_64', processors: 8, memoryBytes: 16_700_000_000, rootFileSystem: 'ext4', events: i % 97 !== 5, culprits: true, features: [], cacheBytes: 700_000_000, cacheLimitBytes: 2_000_000_000 },
      wanted: { ...(image ? { image: { kind: 'image', id: image.summary.id, name: image.summary.name }, tree: tree as string } : {}), mode: summary.mode, order: 12, since: ago(80_000) },
      seen: { tree: state === 'inSync' ? tree ?? hex() : hex(), order: state === 'planned' ? 11 : 12, entries: 32_100, files: 27_400, bytes: 1_210_000_000, missing: 0, extra: summary.differences > 0 ? 1 : 0, changed: Math.max(0, summary.differences - 1), ...(state === 'fetching' ? { progress: { phase: 'fetching', done: 412_000_000, total: 1_204_000_000, unit: 'bytes', text: '' } } : {}), lastUpdate: { order: 12, appliedMicroseconds: 842_000, verifiedMicroseconds: 1_420_000, windowMicroseconds: 21_400, files: 271, bytes: 12_400_000, at: ago(79_000) }, at: ago(4) },
      conditions,
      certificate: { serial: hex().slice(0, 20), notBefore: ago(100_000), notAfter: ago(-500_000) },
    };
  });

  const drift = size === 0 ? [] : Array.from({ length: 300 }, (_, i) => makeDrift(pick(machines).summary, i, i * 400 + 3));
  return {
    machines, images, drift, tasks: makeTasks(images),
    tokens: size === 0 ? [] : [{ id: 'tok_1', owner: 'admin', name: 'image pipeline', operations: ['Images.*', 'Objects.*'], createdAt: ago(700_000), expiresAt: ago(-2_000_000), usedAt: ago(120) }, { id: 'tok_2', owner: 'admin', name: 'dashboard', operations: ['Machines.List', 'Machines.Show'], createdAt: ago(7000), expiresAt: ago(-80_000) }],
    conditions: machines.flatMap((m) => m.conditions.map((c) => ({ ...c, object: { kind: 'machine', id: m.summary.id, name: m.summary.name } }))),
  };
}

export function makeDrift(machine: MachineSummary, i: number, seconds: number): Drift {
  const culprit = i % 5 === 4 ? undefined : culprits[i % 3];
  const path = i % 11 === 3 ? { base64: btoa('/srv/caf\xe9.txt') } : pick(['/etc/ssh/sshd_config', '/etc/passwd', '/usr/bin/less', '/etc/nginx/sites-enabled/default', '/opt/line\nbreak']);
  const shown = typeof path === 'string' ? path.replace('\n', '\\n') : '/srv/caf\\xE9.txt';
  const microseconds = 9_000 + random(30_000);
  const outcome = i % 17 === 9 ? 'war' : i % 7 === 5 ? 'reported' : 'restored';
  const who = culprit ? `${culprit.process}${culprit.login ? ` (${culprit.login})` : culprit.unit ? ` (${culprit.unit})` : ''}` : 'something unknown';
  const sentence = outcome === 'restored' ? `Restored ${shown} ${Math.round(microseconds / 1000)} ms after ${who} changed it.` : outcome === 'war' ? `Left ${shown} alone: ${who} changed it 12 times within a minute.` : `${who} changed ${shown}.`;
  return { id: `drf_${i}_${seconds}`, machine: machine.id, machineName: machine.name, path, shown, what: 'changed', facets: pick([['content', 'time'], ['mode'], ['owner'], ['content']]), outcome, ...(outcome === 'restored' ? { microseconds } : {}), foundBy: 'event', ...(culprit ? { culprit } : {}), sentence, at: ago(seconds) };
}

const entry = (directory: string, name: string, kind: string, more: Partial<ImageEntry> = {}): ImageEntry => ({
  path: `${directory === '/' ? '' : directory}/${name}`, name, kind, mode: kind === 'directory' ? '0755' : kind === 'symlink' ? '0777' : '0644', uid: 0, gid: 0,
  ...(kind === 'file' ? { modified: ago(9_000_000), size: 100 + random(90_000), content: hex() } : {}), xattrs: [], hardLinks: 1, ...more,
});

export function browse(path: string): ImageEntry[] {
  if (path === '/') return ['bin', 'boot', 'dev', 'etc', 'home', 'lib', 'opt', 'root', 'srv', 'usr', 'var'].map((name) => (name === 'bin' || name === 'lib' ? entry(path, name, 'symlink', { target: `usr/${name}` }) : entry(path, name, 'directory')));
  if (path === '/dev') return [entry(path, 'null', 'characterDevice', { device: '1:3', mode: '0666' }), entry(path, 'sda', 'blockDevice', { device: '8:0', mode: '0660' })];
  if (path.split('/').length > 5) return [];
  return [
    ...['ssh', 'nginx', 'systemd'].map((name) => entry(path, name, 'directory')),
    ...['passwd', 'shadow', 'hosts', 'fstab', 'ping'].map((name) => entry(path, name, 'file', name === 'ping' ? { mode: '0755', xattrs: [{ name: 'security.capability', value: 'cap_net_raw=ep' }] } : {})),
    entry(path, 'caf\\xE9.txt', 'file', { path: { base64: btoa(`${path}/caf\xe9.txt`) } }),
    entry(path, 'קובץ.txt', 'file'),
    entry(path, `${'a-long-name-'.repeat(20)}.conf`, 'file'),
    entry(path, 'localtime', 'symlink', { target: '/usr/share/zoneinfo/Etc/UTC' }),
  ];
}

export function differences(): ImageDifference[] {
  const file = (name: string, more: Partial<ImageEntry> = {}) => entry('/etc', name, 'file', more);
  return [
    { path: '/etc/hosts', shown: '/etc/hosts', kind: 'changed', facets: ['content', 'time'], from: file('hosts'), to: file('hosts') },
    { path: '/usr/bin/ping', shown: '/usr/bin/ping', kind: 'changed', facets: ['mode', 'xattrs'], from: file('ping', { mode: '0755', xattrs: [{ name: 'security.capability', value: 'cap_net_raw=ep' }] }), to: file('ping', { mode: '04755' }) },
    { path: { base64: btoa('/srv/caf\xe9.txt') }, shown: '/srv/caf\\xE9.txt', kind: 'added', facets: [], to: file('x') },
    { path: '/etc/motd', shown: '/etc/motd', kind: 'removed', facets: [], from: file('motd') },
  ];
}
