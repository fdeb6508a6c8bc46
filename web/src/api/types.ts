// The records of src/Muster.Protocol as JSON carries them: a member that is null there is absent here.

/** A path is bytes: a string where it is valid UTF-8, else its bytes. */
export type PathBytes = string | { base64: string };

/** RFC 3339 in UTC. */
export type Instant = string;

export interface Page<T> {
  items: T[];
  next?: string;
  total: number;
}

export interface Fault {
  argument: string;
  message: string;
}

export interface ProblemDetails {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  faults?: Fault[];
  /** For `plan.stale`: which facts moved. */
  moved?: { what: string; planned?: string; now?: string }[];
  retryAfter?: number;
  correlation?: string;
}

export interface Me {
  kind: string;
  id: string;
  name: string;
  organisation: string;
  organisationName: string;
  mustChangePassword: boolean;
  csrf?: string;
  grants: string[];
}

export interface ObjectName {
  kind: string;
  id: string;
  name: string;
}

export type MachineMode = 'image' | 'monitor';
export type MachineState = 'unknown' | 'inSync' | 'drifted' | 'planned' | 'fetching' | 'updating' | 'failed' | 'refused';
export type MachineLink = 'connected' | 'reconnecting' | 'unreachable';

export interface MachineSummary {
  id: string;
  name: string;
  mode: MachineMode;
  state: MachineState;
  link: MachineLink;
  why: string;
  requiredImage?: ObjectName;
  differences: number;
  conditions: number;
  worstSeverity?: string;
  labels: Record<string, string>;
  address?: string;
  agentVersion?: string;
  joinedAt: Instant;
  seenAt?: Instant;
}

export interface Condition {
  object?: ObjectName;
  code: string;
  severity: string;
  title: string;
  text: string;
  cure: string;
  since: Instant;
}

export interface MachineDetails {
  summary: MachineSummary;
  facts?: {
    hostName: string;
    operatingSystem: string;
    kernel: string;
    architecture: string;
    processors: number;
    memoryBytes: number;
    rootFileSystem: string;
    events: boolean;
    culprits: boolean;
    features: string[];
    cacheBytes: number;
    cacheLimitBytes: number;
  };
  wanted: { image?: ObjectName; tree?: string; mode: MachineMode; order: number; since?: Instant };
  seen?: {
    tree?: string;
    order: number;
    entries: number;
    files: number;
    bytes: number;
    missing: number;
    extra: number;
    changed: number;
    progress?: Progress;
    lastUpdate?: {
      order: number;
      appliedMicroseconds: number;
      verifiedMicroseconds: number;
      windowMicroseconds: number;
      files: number;
      bytes: number;
      at: Instant;
    };
    at: Instant;
  };
  conditions: Condition[];
  certificate: { serial: string; notBefore: Instant; notAfter: Instant };
}

export interface Progress {
  phase: string;
  done: number;
  total: number;
  unit: string;
  text?: string;
}

export interface Culprit {
  pid: number;
  process?: string;
  executable?: string;
  commandLine?: string;
  login?: string;
  user?: string;
  unit?: string;
  container?: string;
  parents: string[];
  source: string;
}

export interface Drift {
  id: string;
  machine: string;
  machineName: string;
  path: PathBytes;
  shown: string;
  what: string;
  facets: string[];
  outcome: string;
  microseconds?: number;
  foundBy: string;
  culprit?: Culprit;
  sentence: string;
  at: Instant;
}

export interface Invitation {
  id: string;
  line: string;
  token: string;
  script: string;
  pins: string[];
  expiresAt: Instant;
}

export interface ImageSummary {
  id: string;
  name: string;
  image: string;
  tree: string;
  entries: number;
  files: number;
  bytes: number;
  machines: number;
  createdBy: string;
  createdAt: Instant;
}

export interface ImageDetails {
  summary: ImageSummary;
  filter?: string;
  triggers: string;
  metadata: { key: string; value: string }[];
  requiredBy: ObjectName[];
}

/** `path` is exact, `name` is escaped for people. */
export interface ImageEntry {
  path: PathBytes;
  name: string;
  kind: string;
  mode: string;
  uid: number;
  gid: number;
  modified?: Instant;
  size?: number;
  content?: string;
  target?: string;
  device?: string;
  xattrs: { name: string; value: string }[];
  hardLinks: number;
}

export interface ImageDifference {
  path: PathBytes;
  shown: string;
  kind: 'added' | 'removed' | 'changed';
  facets: string[];
  from?: ImageEntry;
  to?: ImageEntry;
}

export interface Token {
  id: string;
  name: string;
  owner: string;
  operations: string[];
  createdAt: Instant;
  expiresAt: Instant;
  usedAt?: Instant;
}

export interface PlanMember {
  name: string;
  before?: string;
  after?: string;
}

export interface PlanChange {
  action: 'create' | 'change' | 'delete' | 'run';
  object: ObjectName;
  members: PlanMember[];
}

export interface PlanEffect {
  name: string;
  label: string;
  value: number;
  unit?: string;
  forecast: boolean;
}

export interface Plan {
  hash: string;
  operation: string;
  sentence: string;
  arguments: Record<string, unknown>;
  changes: PlanChange[];
  effects: PlanEffect[];
  warnings: string[];
  basis: { object: ObjectName; fact: string; value: string }[];
  createdAt: Instant;
  expiresAt: Instant;
}

/** `kind` is noun and verb (`machine.changed`), `subject` the object's id. */
export interface StreamEvent {
  number: number;
  time: Instant;
  kind: string;
  subject: string;
  data: Record<string, unknown>;
}
